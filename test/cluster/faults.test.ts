import { createGrpc } from '@jobloom/backends/grpc';
import { delayed, Parallel, WorkerLostError } from '@jobloom/parallel';
import { afterEach, expect, test } from 'vitest';
import { freePorts } from '../services/service.ts';
import { type DaemonArgs, type RunningDaemon, startDaemon } from './daemons.ts';

const daemons: RunningDaemon[] = [];
afterEach(() => Promise.all(daemons.splice(0).map((daemon) => daemon.kill())));

async function start(options: DaemonArgs = {}): Promise<RunningDaemon> {
  const daemon = await startDaemon({ ...options, args: ['--jobs', '2', '--kind', 'threads', ...(options.args ?? [])] });
  daemons.push(daemon);
  return daemon;
}

const nap = delayed(async (x: number) => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  return x * 2;
});

/** Runs 200 tasks of 20 ms, and does something when the tenth result is there. */
async function disturbed(
  options: { readonly idempotent: boolean },
  workers: readonly string[],
  act: () => unknown,
): Promise<PromiseSettledResult<number>[]> {
  await using backend = createGrpc({ workers });
  let acting: unknown;
  await using runner = new Parallel({
    backend,
    ...options,
    onProgress: ({ done }) => {
      if (done >= 10) acting ??= act();
    },
  });
  const settled = await runner.settle(Array.from({ length: 200 }, (_, x) => nap(x)));
  expect(acting).toBeDefined();
  await acting;
  return settled;
}

test('kill -9 of a daemon in mid-run: what may have started is lost, with the name of its worker; all else is done', async () => {
  const [first, second] = [await start(), await start()];
  const settled = await disturbed({ idempotent: false }, [first.address, second.address], () => first.kill());
  const lost = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason as WorkerLostError] : []));
  expect(lost.length).toBeGreaterThan(0);
  expect(lost.length).toBeLessThan(100);
  for (const error of lost) {
    expect(error).toBeInstanceOf(WorkerLostError);
    expect(error.worker).toContain(`on ${first.address}`);
  }
  for (const [x, each] of settled.entries()) if (each.status === 'fulfilled') expect(each.value).toBe(2 * x);
});

test('with idempotent: true all results come', async () => {
  const [first, second] = [await start(), await start()];
  const settled = await disturbed({ idempotent: true }, [first.address, second.address], () => first.kill());
  expect(settled.map((each) => (each as { value?: number }).value)).toEqual(settled.map((_, x) => 2 * x));
});

test('a daemon that drains finishes what runs, gives the rest back, and ends with exit code 0', async () => {
  const [first, second] = [await start(), await start()];
  const settled = await disturbed({ idempotent: false }, [first.address, second.address], () => first.kill('SIGTERM'));
  expect(settled.map((each) => (each as { value?: number }).value)).toEqual(settled.map((_, x) => 2 * x));
  expect(await first.gone).toBe(0);
});

test('daemons that join in mid-run are used, and nJobs follows; one that dies and starts again is used again', async () => {
  const [port] = (await freePorts(1)) as [number];
  const address = `127.0.0.1:${port}`;
  const first = await start();
  await using backend = createGrpc({ workers: [first.address, address] });
  const capacities: number[] = [];
  backend.onCapacity((jobs) => capacities.push(jobs));
  await using runner = new Parallel({ backend, nJobs: -1, idempotent: true, batchSize: 1 });
  const where = delayed(async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return process.pid;
  });
  /** Runs tasks until one has run in this daemon. */
  const untilUsed = async (pid: number): Promise<void> => {
    for await (const got of runner.stream(
      (function* () {
        for (;;) yield where();
      })(),
      { ordered: false },
    ))
      if (got === pid) return;
  };
  await untilUsed(first.child.pid as number);
  expect(capacities).toEqual([2]);
  const second = await start({ args: ['--listen', address] });
  await untilUsed(second.child.pid as number);
  expect(capacities).toEqual([2, 4]);
  await second.kill();
  await untilUsed(first.child.pid as number);
  const third = await start({ args: ['--listen', address] });
  await untilUsed(third.child.pid as number);
  expect(capacities).toEqual([2, 4, 2, 4]);
});

test('when all of the machine stands still, no task is over its time for that', async () => {
  const daemon = await start({ args: ['--kind', 'processes'] });
  await using backend = createGrpc({ workers: [daemon.address], lostAfter: 20_000 });
  let stood = false;
  await using runner = new Parallel({
    backend,
    nJobs: 1,
    timeout: 150,
    graceMs: 20,
    onProgress: ({ done }) => {
      if (stood || done < 3) return;
      stood = true;
      daemon.child.kill('SIGSTOP');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
      daemon.child.kill('SIGCONT');
    },
  });
  expect(await runner.run(Array.from({ length: 30 }, (_, x) => nap(x)))).toEqual(
    Array.from({ length: 30 }, (_, x) => 2 * x),
  );
  expect(stood).toBe(true);
});

test('where nobody answers, the error says who was asked and why that failed', async () => {
  const [port] = (await freePorts(1)) as [number];
  const backend = createGrpc({ workers: [`127.0.0.1:${port}`], waitForWorkers: 300 });
  await using runner = new Parallel({ backend });
  await expect(runner.run([nap(1)])).rejects.toThrow(
    new RegExp(
      `no worker daemon could be used within 300 ms \\(waitForWorkers\\):\n {2}127.0.0.1:${port} \\(the workers option\\): refused the connection: .*ECONNREFUSED`,
    ),
  );
  await backend.close();
});

test('a caller without the token is refused before anything else', async () => {
  const daemon = await start();
  const backend = createGrpc({
    workers: [daemon.address],
    token: 'not the token of this daemon at all',
    waitForWorkers: 300,
  });
  await using runner = new Parallel({ backend });
  await expect(runner.run([nap(1)])).rejects.toThrow(/token that is not known here/);
  await backend.close();
});
