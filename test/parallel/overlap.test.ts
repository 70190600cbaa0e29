import { AsyncLocalStorage } from 'node:async_hooks';
import { threadId } from 'node:worker_threads';
import {
  CancelledError,
  currentTask,
  delayed,
  Parallel,
  type ParallelOptions,
  PoisonTaskError,
  parallel,
  parallelConfig,
  registerContext,
  SharedWriteError,
  TaskTimeoutError,
  WorkerLostError,
} from '@jobloom/parallel';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';

const BACKENDS = ['sequential', 'threads', 'processes'] as const;
const POOLS = ['threads', 'processes'] as const;

const range = (n: number): number[] => Array.from({ length: n }, (_, x) => x);
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const globals = globalThis as { here?: number; most?: number };

/** Waits until so many tasks are here in this worker, which they never are unless they overlap. */
const meet = async (count: number) => {
  globals.here = (globals.here ?? 0) + 1;
  while ((globals.here ?? 0) < count) await new Promise<void>((resolve) => setImmediate(resolve));
};

/** Workers of its own, so that no other test's tasks were there before. */
const own = (options: ParallelOptions): Parallel => new Parallel({ initWorker: () => undefined, ...options });

const fates = (settled: readonly PromiseSettledResult<unknown>[]): unknown[] =>
  settled.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as Error).name));

describe.each(BACKENDS)('%s', (backend) => {
  test('gives the same at any number of tasks a worker', async () => {
    const kinds = ['plain', 'resolved', 'soon', 'later', 'throws', 'rejects'] as const;
    const act = (kind: (typeof kinds)[number], x: number): number | Promise<number> => {
      const value = x * currentTask().seed;
      const seen = currentTask().index;
      const slowly = async (ms: number) => {
        await new Promise((resolve) => setTimeout(resolve, ms));
        if (currentTask().index !== seen) throw new Error('another task');
        return value;
      };
      if (kind === 'throws') throw new RangeError(`task ${x}`);
      if (kind === 'rejects') return slowly(1).then(() => Promise.reject(new TypeError(`task ${x}`)));
      if (kind === 'plain') return value;
      return kind === 'resolved' ? Promise.resolve(value) : slowly(kind === 'soon' ? 0 : 4);
    };
    const shown = (settled: PromiseSettledResult<number>[]) =>
      settled.map((one) => (one.status === 'fulfilled' ? one.value : `${one.reason.name} ${one.reason.message}`));
    const options = fc.record(
      {
        tasksPerWorker: fc.integer({ min: 2, max: 7 }),
        nJobs: fc.integer({ min: 1, max: 2 }),
        batchSize: fc.constantFrom('auto' as const, 1, 3, 20),
        preDispatch: fc.constantFrom('auto' as const, 1, 5, '2*nJobs' as const),
        timeout: fc.constantFrom(60_000),
      },
      { requiredKeys: ['tasksPerWorker', 'nJobs'] },
    );
    const lists = fc.array(fc.constantFrom(...kinds), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(lists, options, async (list, given) => {
        const tasks = list.map((kind, x) => delayed(act)(kind, x));
        const plain = new Parallel({ backend: 'sequential', randomState: 5 });
        await using runner = new Parallel({ ...given, backend, randomState: 5 });
        const expected = shown(await plain.settle(tasks));
        expect(shown(await runner.settle(tasks))).toEqual(expected);
        const streamed: unknown[] = [];
        const good = tasks.filter((_, at) => typeof expected[at] === 'number');
        for await (const value of runner.stream(good)) streamed.push(value);
        expect(streamed).toEqual(await plain.run(good));
        expect(runner.stats()).toMatchObject({ tasks: list.length + good.length });
      }),
      { numRuns: 25 },
    );
  });

  test.each([
    ['in batches of their own', { batchSize: 1 }],
    ['in one batch', { batchSize: 12 }],
    ['as far as 1*nJobs goes', { preDispatch: '1*nJobs' }],
    ['within a hard bound', { preDispatch: 3 }],
    ['with time limits', { timeout: 60_000 }],
  ] as const)('so many tasks are under way at once, and no more: %s', async (_name, options) => {
    const count = async (x: number): Promise<[number, number]> => {
      globals.here = (globals.here ?? 0) + 1;
      globals.most = Math.max(globals.most ?? 0, globals.here);
      // the first three wait for each other: without overlap this would never end
      while (x < 3 && (globals.most ?? 0) < 3) await new Promise<void>((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setTimeout(resolve, 2));
      globals.here -= 1;
      return [x, globals.most];
    };
    delete globals.here;
    delete globals.most;
    const workers = backend === 'sequential' ? {} : { initWorker: () => undefined };
    await using runner = new Parallel({ backend, nJobs: 1, tasksPerWorker: 3, ...workers, ...options });
    const got = await runner.run(range(12).map((x) => delayed(count)(x)));
    expect(got.map(([x]) => x)).toEqual(range(12));
    expect(got.at(-1)?.[1]).toBe(3);
  });

  test('one that takes long holds up no others, whatever the size of batches', async () => {
    const wait = async (x: number) => {
      const { signal } = currentTask();
      if (x % 10 === 0) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return x;
    };
    const seen: number[] = [];
    const options = { nJobs: 1, tasksPerWorker: 5, batchSize: 10, graceMs: 60_000 };
    await using runner = new Parallel({ backend, ...options });
    // four tasks stay to the end; all others must come first
    for await (const x of runner.stream(
      range(40).map((x) => delayed(wait)(x)),
      { ordered: false },
    )) {
      seen.push(x);
      if (seen.length === 36) break;
    }
    expect(seen.sort((a, b) => a - b)).toEqual(range(40).filter((x) => x % 10 !== 0));
  });

  test('synchronous tasks run one after the other', async () => {
    const order = (x: number) => {
      globals.here = (globals.here ?? 0) + 1;
      if (globals.here !== 1) throw new Error('two at once');
      globals.here = 0;
      return x ** 2;
    };
    delete globals.here;
    const workers = backend === 'sequential' ? {} : { initWorker: () => undefined };
    await using runner = new Parallel({ backend, nJobs: 1, tasksPerWorker: 4, ...workers });
    expect(await runner.run(range(3000).map((x) => delayed(order)(x)))).toEqual(range(3000).map((x) => x ** 2));
  });

  test('each task sees itself, prints for itself, and has the context it was given in', async () => {
    const storage = new AsyncLocalStorage<string>();
    registerContext({ name: `overlap-${backend}`, storage });
    const look = async (x: number) => {
      const before = currentTask();
      process.stdout.write(`${x} begins`);
      await new Promise((resolve) => setTimeout(resolve, 12 - 3 * x));
      process.stdout.write(' and ends\n');
      process.stderr.write(`${x} unfinished`);
      const { index, attempt, seed } = currentTask();
      return [index, attempt, seed === before.seed, currentTask() === before, storage.getStore()];
    };
    const lines: string[] = [];
    await using runner = new Parallel({
      backend,
      nJobs: 1,
      tasksPerWorker: 4,
      captureConsole: ({ index, stream, text }) => lines.push(`${index} ${stream} ${text}`),
    });
    const got = await storage.run('mine', () => runner.run(range(4).map((x) => delayed(look)(x))));
    expect(got).toEqual(range(4).map((x) => [x, 1, true, true, 'mine']));
    expect(lines.sort()).toEqual(
      range(4).flatMap((x) => [`${x} stderr ${x} unfinished`, `${x} stdout ${x} begins and ends`]),
    );
  });

  test('a task over its time costs nobody else: each has its own', async () => {
    const stuck = async (x: number) => {
      await new Promise((resolve) => setTimeout(resolve, x === 2 ? 60_000 : 250));
      return x;
    };
    await using runner = new Parallel({ backend, nJobs: 1, tasksPerWorker: 3, timeout: 1000, graceMs: 20 });
    const settled = await runner.settle(range(12).map((x) => delayed(stuck)(x)));
    expect(fates(settled)).toEqual(range(12).map((x) => (x === 2 ? 'TaskTimeoutError' : x)));
    expect((settled[2] as PromiseRejectedResult).reason).toBeInstanceOf(TaskTimeoutError);
    expect(await runner.run([delayed(stuck)(7)])).toEqual([7]);
  });

  test('a task that hears its signal ends by itself, and is told as over its time', async () => {
    const patient = async (x: number) => {
      const { signal } = currentTask();
      if (x === 1) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await new Promise((resolve) => setTimeout(resolve, 5));
      return signal.aborted ? 'aborted' : x;
    };
    await using runner = new Parallel({ backend, nJobs: 1, tasksPerWorker: 3, timeout: 300, graceMs: 60_000 });
    const settled = await runner.settle(range(6).map((x) => delayed(patient)(x)));
    expect(fates(settled)).toEqual([0, 'TaskTimeoutError', 2, 3, 4, 5]);
  });

  test('a retry of one leaves the others alone', async () => {
    const flaky = async (x: number) => {
      const { attempt } = currentTask();
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (x % 3 === 0 && attempt < 3) throw new Error('not yet');
      return [x, currentTask().attempt];
    };
    await using runner = new Parallel({ backend, nJobs: 1, tasksPerWorker: 3, retries: 2 });
    expect(await runner.run(range(7).map((x) => delayed(flaky)(x)))).toEqual(
      range(7).map((x) => [x, x % 3 === 0 ? 3 : 1]),
    );
  });

  test('cancelling one task aborts its signal alone', async () => {
    const until = async (x: number) => {
      const { signal } = currentTask();
      process.stdout.write('begins\n');
      if (x === 1) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      else await new Promise((resolve) => setTimeout(resolve, 60));
      if (signal.aborted) process.stdout.write('aborted\n');
      return x;
    };
    const begun: number[] = [];
    const aborted: number[] = [];
    await using runner = new Parallel({
      ...{ backend, nJobs: 1, tasksPerWorker: 3, graceMs: 60_000 },
      captureConsole: ({ index, text }) => (text === 'begins' ? begun : aborted).push(index),
    });
    await runner.run([delayed(until)(0)]); // a worker is there
    const [a, b, c, d] = range(4).map((x) => runner.submit(delayed(until)(x)));
    await vi.waitFor(() => expect(begun).toContain(1), 10_000);
    expect(b?.cancel()).toBe(true);
    await expect(b?.get()).rejects.toBeInstanceOf(CancelledError);
    expect(await Promise.all([a, c, d])).toEqual([0, 2, 3]);
    await runner.close({ drain: true });
    expect(aborted).toEqual([1]);
  });

  test('cancelling the call aborts the signals of all that are under way, and starts nothing more', async () => {
    const until = async (x: number) => {
      const { signal } = currentTask();
      process.stdout.write('begins\n');
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      process.stdout.write('aborted\n');
      return x;
    };
    const lines: string[] = [];
    const controller = new AbortController();
    await using runner = new Parallel({
      backend,
      nJobs: 1,
      tasksPerWorker: 3,
      graceMs: 60_000,
      signal: controller.signal,
      captureConsole: ({ index, text }) => {
        lines.push(`${index} ${text}`);
        if (lines.length === 3) setImmediate(() => controller.abort(new Error('enough'))); // once all wait for it
      },
    });
    await expect(runner.run(range(9).map((x) => delayed(until)(x)))).rejects.toThrow('enough');
    await runner.close({ drain: true });
    expect(lines.sort()).toEqual(range(3).flatMap((x) => [`${x} aborted`, `${x} begins`]));
  });

  test('a write to what tasks share is found with the task that made it', async () => {
    const box = { last: -1 };
    const write = async (x: number) => {
      await new Promise((resolve) => setTimeout(resolve, 3));
      if (x === 2) box.last = x;
      await new Promise((resolve) => setTimeout(resolve, 3));
      return x;
    };
    await using runner = new Parallel({ backend, nJobs: 1, tasksPerWorker: 4, checkWrites: true });
    const settled = await runner.settle(range(2).map((x) => delayed(write)(x)));
    expect(fates(settled)).toEqual([0, 1]);
    const found = await runner.settle(range(3).map((x) => delayed(write)(x)));
    expect(fates(found)).toEqual([0, 1, 'SharedWriteError']);
    expect((found[2] as PromiseRejectedResult).reason).toBeInstanceOf(SharedWriteError);
  });

  test('progress and back-pressure: no more is taken than the bound allows', async () => {
    let taken = 0;
    const wait = async (x: number) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return x;
    };
    const input = function* () {
      for (; taken < 60; ) {
        taken += 1;
        yield delayed(wait)(taken);
      }
    };
    const seen: number[] = [];
    await using runner = new Parallel({
      backend,
      nJobs: 2,
      tasksPerWorker: 4,
      preDispatch: 5,
      onProgress: ({ done }) => seen.push(done),
    });
    let consumed = 0;
    for await (const x of runner.stream(input())) {
      consumed += 1;
      expect(x).toBe(consumed);
      expect(taken - consumed).toBeLessThanOrEqual(5);
    }
    expect([consumed, seen.at(-1)]).toEqual([60, 60]);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });
});

describe.each(POOLS)('%s: when a worker dies', (backend) => {
  test('those that were under way are lost, and nothing else', async () => {
    const crash = async (x: number) => {
      if (x < 3) {
        await meet(3);
        if (x === 1) process.exit(7);
        await sleep(60_000);
      }
      return x;
    };
    await using runner = own({ backend, nJobs: 1, tasksPerWorker: 3 });
    const settled = await runner.settle(range(30).map((x) => delayed(crash)(x)));
    expect(fates(settled)).toEqual(range(30).map((x) => (x < 3 ? 'WorkerLostError' : x)));
    expect((settled[0] as PromiseRejectedResult).reason).toMatchObject({ index: 0, exitCode: 7 });
    expect((settled[0] as PromiseRejectedResult).reason).toBeInstanceOf(WorkerLostError);
  });

  test.each([
    ['in one batch', {}],
    ['with time limits', { timeout: 60_000 }],
  ])('what had come to its end before stays, what had not started runs elsewhere: %s', async (_name, options) => {
    const crash = async (x: number) => {
      if (x === 1) await sleep(60_000);
      if (x === 3) process.exit(7); // starts when 0 and 2 are over, beside 1
      await sleep(5);
      return x;
    };
    await using runner = own({ backend, nJobs: 1, tasksPerWorker: 2, batchSize: 8, ...options });
    const settled = await runner.settle(range(8).map((x) => delayed(crash)(x)));
    expect(fates(settled)).toEqual([0, 'WorkerLostError', 2, 'WorkerLostError', 4, 5, 6, 7]);
  });

  test('a synchronous task that crashes costs itself and those that wait beside it', async () => {
    const crash = (x: number) => {
      if (x === 0) return sleep(60_000).then(() => x);
      if (x === 40) process.exit(7);
      return x;
    };
    await using runner = own({ backend, nJobs: 1, tasksPerWorker: 2 });
    const settled = await runner.settle(range(80).map((x) => delayed(crash)(x)));
    expect(fates(settled)).toEqual(range(80).map((x) => (x === 0 || x === 40 ? 'WorkerLostError' : x)));
  });

  test('lost tasks that may run again do so one by one, so that only the one to blame is given up', async () => {
    const crash = async (x: number) => {
      if (x < 3 && currentTask().attempt === 1) await meet(3);
      if (x === 1) process.exit(7);
      await sleep(x < 3 && currentTask().attempt === 1 ? 60_000 : 20);
      return [x, currentTask().attempt];
    };
    await using runner = own({ backend, nJobs: 1, tasksPerWorker: 3, idempotent: true });
    const settled = await runner.settle(range(9).map((x) => delayed(crash)(x)));
    expect(settled.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.constructor))).toEqual(
      range(9).map((x) => (x === 1 ? PoisonTaskError : [x, x < 3 ? 2 : 1])),
    );
  });

  test('a task that blocks its worker is over its time, and so are those that it held up', async () => {
    const block = async (x: number) => {
      if (x < 2) {
        await meet(2);
        while (x === 1);
        await sleep(60_000);
      }
      return x;
    };
    await using runner = own({ backend, nJobs: 1, tasksPerWorker: 2, timeout: 200, graceMs: 0 });
    const settled = await runner.settle(range(6).map((x) => delayed(block)(x)));
    expect(fates(settled)).toEqual(['TaskTimeoutError', 'TaskTimeoutError', 2, 3, 4, 5]);
  });

  test('a cancelled task that ignores its signal is left, its worker replaced, and the others come to their end', async () => {
    const here = async (x: number) => {
      await new Promise((resolve) => setTimeout(resolve, x === 1 ? 60_000 : 400));
      const { threadId: thread } = await import('node:worker_threads');
      return `${process.pid} ${thread}`;
    };
    await using runner = own({ backend, nJobs: 1, tasksPerWorker: 3, graceMs: 20 });
    await runner.run([delayed(here)(0)]);
    const [a, b, c, d] = range(4).map((x) => runner.submit(delayed(here)(x)));
    await sleep(100);
    b?.cancel();
    const first = await a;
    expect(first).not.toBe(`${process.pid} ${threadId}`);
    expect(await c).toBe(first); // beside it, undisturbed
    expect(await d).not.toBe(first);
  });

  test('a call whose worker dies costs no other call that shares the workers', async () => {
    const wait = async (x: number) => {
      await sleep(3);
      return x;
    };
    const crash = async () => {
      await sleep(10);
      process.exit(7);
    };
    await parallelConfig({ backend, nJobs: 2, tasksPerWorker: 4, recycleAfter: 1e6 }, async () => {
      const good = range(4).map((call) => parallel(range(30).map((x) => delayed(wait)(100 * call + x))));
      const alone = parallel(
        range(30).map((x) => delayed(wait)(x)),
        { tasksPerWorker: 1 },
      );
      const bad = range(3).map(() => parallel([delayed(crash)()]).catch((error: Error) => error.name));
      expect(await Promise.all(good)).toEqual(range(4).map((call) => range(30).map((x) => 100 * call + x)));
      expect(await alone).toEqual(range(30));
      expect(await Promise.all(bad)).toEqual(['WorkerLostError', 'WorkerLostError', 'WorkerLostError']);
    });
  });
});
