import { AsyncLocalStorage } from 'node:async_hooks';
import {
  CancelledError,
  type CapturedLine,
  cpuCount,
  currentTask,
  DeadlineError,
  delayed,
  NoMatchError,
  NoTaskError,
  OptionError,
  Parallel,
  type ParallelOptions,
  PoisonTaskError,
  parallel,
  parallelBackend,
  parallelConfig,
  registerContext,
  TaskTimeoutError,
  WorkerLostError,
} from '@jobloom/parallel';
import { describe, expect, test } from 'vitest';

const range = (n: number): number[] => Array.from({ length: n }, (_, x) => x);
const square = (x: number): number => x * x;
const sleep = (ms: number): Promise<number> => new Promise((resolve) => setTimeout(() => resolve(ms), ms));
const failure = async (promise: PromiseLike<unknown>): Promise<unknown> => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('did not fail');
};

const requests = new AsyncLocalStorage<{ user: string }>();
registerContext({ name: 'test.request', storage: requests });

/** Hangs in synchronous code at 3. */
const endless = (x: number): number => {
  while (x === 3);
  return x;
};

describe.each(['sequential', 'threads', 'processes'])('%s', (backend) => {
  const options: ParallelOptions = { backend, nJobs: 2 };
  const kills = backend !== 'sequential';

  test('currentTask tells index, attempt, worker and a seed that only the index and randomState decide', async () => {
    const look = () => {
      const { index, attempt, seed, worker } = currentTask();
      return { index, attempt, seed, slot: worker.slot, id: typeof worker.id };
    };
    const seen = await parallel(
      range(50).map(() => delayed(look)()),
      { ...options, randomState: 7 },
    );
    expect(seen.map(({ index }) => index)).toEqual(range(50));
    expect(seen.every(({ attempt, id, slot }) => attempt === 1 && id === 'string' && slot < 2)).toBe(true);
    expect(seen.slice(0, 3).map(({ seed }) => seed)).toEqual([2478293229, 1799778686, 1337107059]);
    expect(new Set(seen.map(({ seed }) => seed)).size).toBe(50);
  });

  test('a task over its time fails with TaskTimeoutError, its mates do not, and the next call works', async () => {
    const wait = async (ms: number) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return ms;
    };
    const settled = await new Parallel({ ...options, timeout: 300, graceMs: 50 }).settle(
      [1, 2, 20_000, 3].map((ms) => delayed(wait)(ms)),
    );
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    const { reason } = settled[2] as PromiseRejectedResult;
    expect(reason).toBeInstanceOf(TaskTimeoutError);
    expect(reason).toMatchObject({ index: 2, timeout: 300, message: 'task 2: took longer than its timeout of 300 ms' });
    expect(await parallel([delayed(square)(4)], options)).toEqual([16]);
  });

  test.runIf(kills)('an endless synchronous task is ended, and no other', async () => {
    const settled = await new Parallel({ ...options, timeout: 1000, graceMs: 20 }).settle(
      range(10).map((x) => delayed(endless)(x)),
    );
    expect(settled.map(({ status }, x) => (status === 'fulfilled' ? x : 'late'))).toEqual(
      range(10).map((x) => (x === 3 ? 'late' : x)),
    );
    expect((settled[3] as PromiseRejectedResult).reason).toBeInstanceOf(TaskTimeoutError);
  });

  test.runIf(!kills)('in place, a synchronous overrun shows when the task returns', async () => {
    const spin = (ms: number) => {
      const end = performance.now() + ms;
      while (performance.now() < end);
      return ms;
    };
    const settled = await new Parallel({ ...options, timeout: 30 }).settle([delayed(spin)(1), delayed(spin)(60)]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect((settled[1] as PromiseRejectedResult).reason).toBeInstanceOf(TaskTimeoutError);
  });

  test('waiting in the queue is no reason to time out', async () => {
    const results = await parallel(
      range(6).map(() => delayed(sleep)(100)),
      { ...options, nJobs: 1, timeout: 400, batchSize: 3 },
    );
    expect(results).toEqual(range(6).map(() => 100));
  });

  test('the signal of a task is aborted when its time is over; it may clean up within the grace period', async () => {
    const tidy = async () => {
      const { signal } = currentTask();
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      return 'too late to count';
    };
    const error = await failure(parallel([delayed(tidy)()], { ...options, timeout: 50, graceMs: 5000 }));
    expect(error).toBeInstanceOf(TaskTimeoutError);
  });

  test('a future that is cancelled while its task runs: the task hears, the neighbour goes on', async () => {
    await using runner = new Parallel({ ...options, graceMs: 2000 });
    const patient = async (x: number) => {
      if (x === 0)
        await new Promise((_, reject) => {
          const { signal } = currentTask();
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        });
      return x;
    };
    const [first, second] = [runner.submit(delayed(patient)(0)), runner.submit(delayed(patient)(1))];
    if (kills) expect(await second).toBe(1);
    await sleep(50);
    expect(first.cancel()).toBe(true);
    expect(first.cancel()).toBe(false);
    expect(await failure(first)).toBeInstanceOf(CancelledError);
    expect(await second).toBe(1);
    expect(await runner.submit(delayed(square)(3))).toBe(9);
  });

  test.runIf(kills)('a task that does not hear its cancellation costs its worker, after the grace period', async () => {
    await using runner = new Parallel({ ...options, nJobs: 1, graceMs: 100 });
    await runner.run([delayed(square)(1)]);
    const [stuck, next] = [runner.submit(delayed(endless)(3)), runner.submit(delayed(square)(5))];
    await sleep(100);
    stuck.cancel();
    expect(await next).toBe(25);
  });

  test('retries: again until it works, with backoff and the attempt; not where retryIf says no', async () => {
    const flaky = () => {
      const { attempt } = currentTask();
      if (attempt < 3) throw new RangeError(`attempt ${attempt}`);
      return attempt;
    };
    const waits: number[] = [];
    const backoff = (attempt: number): number => {
      waits.push(attempt);
      return 1;
    };
    expect(await parallel([delayed(flaky)(), delayed(flaky)()], { ...options, retries: 2, backoff })).toEqual([3, 3]);
    expect(waits.sort()).toEqual([1, 1, 2, 2]);
    const asked: unknown[] = [];
    const retryIf = (error: unknown, attempt: number): boolean => {
      asked.push([(error as Error).message, attempt]);
      return attempt < 2;
    };
    const error = await failure(parallel([delayed(flaky)()], { ...options, retries: 9, retryIf }));
    expect(error).toMatchObject({ message: 'attempt 2', taskIndex: 0, task: { attempt: 2 } });
    expect(asked).toEqual([
      ['attempt 1', 1],
      ['attempt 2', 2],
    ]);
  });

  test('a retryIf that throws fails the call with what it threw', async () => {
    const throws = () => {
      throw new Error('in the task');
    };
    const retryIf = (): boolean => {
      throw new TypeError('in retryIf');
    };
    const error = await failure(parallel([delayed(throws)()], { ...options, retries: 1, retryIf }));
    expect(error).toMatchObject({ message: 'in retryIf' });
  });

  test.runIf(kills)('lost tasks are run again only where that was allowed', async () => {
    const dieOnce = () => {
      if (currentTask().attempt === 1) process.exit(5);
      return currentTask().attempt;
    };
    const tasks = [delayed(dieOnce)(), delayed(dieOnce)()];
    expect(await failure(parallel(tasks, options))).toBeInstanceOf(WorkerLostError);
    expect(await parallel(tasks, { ...options, idempotent: true })).toEqual([2, 2]);
    expect(await parallel(tasks, { ...options, retries: 1 })).toEqual([2, 2]);
  });

  test.runIf(kills)('a task that takes down worker after worker is named and given up', async () => {
    const die = (x: number) => (x === 1 ? process.exit(5) : x);
    const settled = await new Parallel({ ...options, retries: 2 }).settle([0, 1, 2].map((x) => delayed(die)(x)));
    const { reason } = settled[1] as PromiseRejectedResult;
    expect(reason).toBeInstanceOf(PoisonTaskError);
    expect(reason).toMatchObject({ index: 1, losses: 3, cause: expect.any(WorkerLostError) });
    expect(reason.message).toMatch(/^task 1: took down 3 workers in a row\. The last: WorkerLostError: task 1: /);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  test('onFailure puts a value, or the settled form, in the place of a failure', async () => {
    const odd = (x: number) => {
      if (x % 2) throw new Error(`odd ${x}`);
      return x;
    };
    const tasks = () => range(4).map((x) => delayed(odd)(x));
    expect(await parallel(tasks(), { ...options, onFailure: { value: null } })).toEqual([0, null, 2, null]);
    const told = (error: unknown, index: number) => `${index}: ${(error as Error).message}`;
    expect(await parallel(tasks(), { ...options, onFailure: told })).toEqual([0, '1: odd 1', 2, '3: odd 3']);
    const settled = await parallel(tasks(), { ...options, onFailure: 'settle' });
    expect(settled[1]).toMatchObject({ status: 'rejected', reason: { message: 'odd 1', taskIndex: 1 } });
    const streamed: unknown[] = [];
    for await (const value of new Parallel({ ...options, onFailure: { value: -1 } }).stream(tasks()))
      streamed.push(value);
    expect(streamed).toEqual([0, -1, 2, -1]);
  });

  test('a deadline ends the whole call, and calls inside its tasks', async () => {
    const error = await failure(
      parallel(
        range(4).map(() => delayed(sleep)(10_000)),
        { ...options, deadline: 200, graceMs: 10 },
      ),
    );
    expect(error).toBeInstanceOf(DeadlineError);
    expect((error as Error).message).toBe(
      'the call was not over by its deadline of 200 ms; what had not finished was cancelled',
    );
    expect(await parallel([delayed(square)(2)], { ...options, deadline: 60_000 })).toEqual([4]);
  });

  test('first gives the first result that satisfies, and NoMatchError where there is none', async () => {
    await using runner = new Parallel(options);
    const odd = (x: number) => {
      if (x === 0) throw new Error('no result');
      return x;
    };
    expect(
      await runner.first(
        range(100).map((x) => delayed(odd)(x)),
        (x) => x > 40 && x < 42,
      ),
    ).toBe(41);
    const error = await failure(
      runner.first(
        range(3).map((x) => delayed(odd)(x)),
        (x) => x > 40,
      ),
    );
    expect(error).toBeInstanceOf(NoMatchError);
    expect(error).toMatchObject({ count: 3, errors: [{ message: 'no result' }] });
    expect(await failure(runner.first([]))).toBeInstanceOf(NoMatchError);
    expect(
      await failure(
        runner.first([delayed(square)(1)], () => {
          throw new RangeError('predicate');
        }),
      ),
    ).toMatchObject({ message: 'predicate' });
  });

  test('registered contexts go with the tasks', async () => {
    const who = async () => {
      await Promise.resolve();
      return requests.getStore()?.user;
    };
    const outside = await parallel([delayed(who)()], options);
    const inside = await requests.run({ user: 'ada' }, () => parallel([delayed(who)(), delayed(who)()], options));
    expect([outside, inside]).toEqual([[undefined], ['ada', 'ada']]);
  });

  test('captureConsole brings lines back with the index of their task', async () => {
    const chatty = async (x: number) => {
      process.stdout.write(`hello from ${x}\n`);
      process.stderr.write('half a ');
      await Promise.resolve();
      process.stderr.write(`line ${x}`);
      return x;
    };
    const lines: CapturedLine[] = [];
    await parallel(
      [0, 1].map((x) => delayed(chatty)(x)),
      { ...options, captureConsole: (line) => lines.push(line) },
    );
    expect(lines.sort((a, b) => a.index - b.index || (a.stream < b.stream ? 1 : -1))).toEqual(
      [0, 1].flatMap((index) => [
        { index, stream: 'stdout', text: `hello from ${index}` },
        { index, stream: 'stderr', text: `half a line ${index}` },
      ]),
    );
  });

  test('a call inside a task runs within what its worker may use, and inherits seed and deadline', async () => {
    const outer = async (x: number) => {
      const inner = (y: number) => 10 * x + y;
      const seeds = () => currentTask().seed;
      return [await parallel([1, 2].map((y) => delayed(inner)(y))), await parallel([delayed(seeds)()])];
    };
    const tasks = () => [0, 1].map((x) => delayed(outer)(x));
    const results = await parallel(tasks(), { ...options, randomState: 1 });
    expect(results.map(([inner]) => inner)).toEqual([
      [1, 2],
      [11, 12],
    ]);
    expect(await parallel(tasks(), { ...options, randomState: 1 })).toEqual(results);
  });

  test('a failure names arguments, worker and attempt, and its stack leads to the caller', async () => {
    const check = (_name: string, _list: number[]) => {
      throw new Error('no');
    };
    const here = () => parallel([delayed(check)('x'.repeat(300), range(20))], options);
    const error = (await failure(here())) as Error & { task: { args: string; worker: string } };
    expect(error.task).toMatchObject({ index: 0, attempt: 1 });
    expect(error.task.args.length).toBeLessThan(130);
    expect(error.stack).toMatch(/Error: no\n[\s\S]*check[\s\S]*--- task 0: check\('x+/);
    expect(error.stack).toMatch(/given by\n[\s\S]*tasks\.test\.ts/);
  });

  test('stats count tasks and what they took', async () => {
    await using runner = new Parallel(options);
    await runner.run(range(4).map(() => delayed(sleep)(20)));
    const { tasks, failed, run, wait } = runner.stats();
    expect([tasks, failed]).toEqual([4, 0]);
    expect(run.p50).toBeGreaterThanOrEqual(18);
    expect(wait.max).toBeGreaterThan(0);
  });
});

test('a call in a process that has CPUs to spare runs on threads, and in place further in', async () => {
  const inner = async (depth: number): Promise<string[]> => {
    const { id } = currentTask().worker;
    const kind = id.replace(/-\d+$/, '');
    if (depth === 0) return [kind];
    const [deeper] = await parallel([delayed(inner)(depth - 1)]);
    return [kind, ...(deeper ?? [])];
  };
  const cpus = cpuCount();
  const own = { backend: 'processes', nJobs: 1, recycleAfter: 1000 }; // a pool that nobody asked for more workers
  const [kinds] = await parallel([delayed(inner)(2)], own);
  expect(kinds).toEqual(cpus > 1 ? ['processes', 'threads', 'in place'] : ['processes', 'in place', 'in place']);
});

test('currentTask outside of a task says so', () => {
  expect(() => currentTask()).toThrow(NoTaskError);
});

describe.each(['threads', 'processes'])('workers of %s', (backend) => {
  const options: ParallelOptions = { backend, nJobs: 2 };
  const globals = globalThis as { testState?: number };

  test('initWorker runs once in each worker before its first task', async () => {
    const initWorker = async () => {
      await Promise.resolve();
      (globalThis as typeof globals).testState = ((globalThis as typeof globals).testState ?? 0) + 1;
    };
    await using runner = new Parallel({ ...options, initWorker });
    const states = await runner.run(range(20).map(() => delayed(() => globals.testState)()));
    expect(states).toEqual(range(20).map(() => 1));
    expect(await runner.broadcast(() => globals.testState)).toContain(1);
  });

  test('an initWorker that throws makes the backend unusable, and says why', async () => {
    const initWorker = () => {
      throw new Error('no licence');
    };
    const error = (await failure(parallel([delayed(square)(1)], { ...options, initWorker }))) as Error;
    expect(error).toMatchObject({ code: 'ERR_BACKEND_UNUSABLE', cause: { message: 'no licence' } });
  });

  test('recycleAfter replaces workers', async () => {
    await using runner = new Parallel({ ...options, nJobs: 1, recycleAfter: 3, batchSize: 1 });
    const where = () => currentTask().worker.id;
    const ids = await runner.run(range(9).map(() => delayed(where)()));
    const runs = [...new Set(ids)].map((id) => ids.filter((other) => other === id).length);
    expect(Math.max(...runs)).toBeLessThanOrEqual(4); // one may be under way when it is noticed
    expect(runs.length).toBeGreaterThanOrEqual(3);
  });

  test('maxMemory replaces a worker that has grown', async () => {
    await using runner = new Parallel({ ...options, nJobs: 1, maxMemory: '200M', batchSize: 1 });
    const hoard = async () => {
      (globalThis as { kept?: unknown }).kept = Buffer.alloc(300 * 1024 ** 2, 1);
      await new Promise((resolve) => setTimeout(resolve, 250));
      return currentTask().worker.id;
    };
    const [first] = await runner.run([delayed(hoard)()]);
    const [second] = await runner.run([delayed(() => currentTask().worker.id)()]);
    expect(second).not.toBe(first);
  });

  test('a runner can be resized in place', async () => {
    await using runner = new Parallel({ backend, nJobs: 1 });
    const place = async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return currentTask().worker.slot;
    };
    expect(new Set(await runner.run(range(4).map(() => delayed(place)()))).size).toBe(1);
    await runner.resize(2);
    expect(new Set(await runner.run(range(20).map(() => delayed(place)()))).size).toBe(2);
  });
});

test('innerMaxThreads reaches the environment of worker processes, and is refused elsewhere', async () => {
  const read = () => [process.env.OMP_NUM_THREADS, process.env.TF_NUM_INTRAOP_THREADS, process.env.UV_THREADPOOL_SIZE];
  expect(await parallel([delayed(read)()], { backend: 'processes', nJobs: 1, innerMaxThreads: 3 })).toEqual([
    ['3', '3', '3'],
  ]);
  for (const backend of ['threads', 'sequential'])
    expect(await failure(parallel([delayed(read)()], { backend, innerMaxThreads: 3 }))).toBeInstanceOf(OptionError);
});

test('worker options for a backend that has its workers already are refused', async () => {
  await parallelBackend('threads', async () => {
    expect(() => new Parallel({ recycleAfter: 2 })).toThrow(/recycleAfter option is about workers/);
    expect(await failure(parallelConfig({ recycleAfter: 2 }, () => undefined))).toBeInstanceOf(OptionError);
  });
});

test('teardownWorker runs when a worker is let go', async () => {
  const { mkdtempSync, readdirSync, rmSync } = await import('node:fs');
  const folder = mkdtempSync('/tmp/jobloom-teardown-');
  const mark = async () => {
    const { writeFileSync } = await import('node:fs');
    writeFileSync(`${folder}/${process.pid}`, '');
  };
  {
    await using runner = new Parallel({ backend: 'processes', nJobs: 1, teardownWorker: mark });
    await runner.run([delayed(square)(1)]);
  }
  expect(readdirSync(folder)).toHaveLength(1);
  rmSync(folder, { recursive: true });
});

test('a program that closes workers of its own when they rest waits for their end', async () => {
  const { execFileSync } = await import('node:child_process');
  const program = `
    import { delayed, Parallel } from '@jobloom/parallel';
    for (const backend of ['threads', 'processes']) {
      const runner = new Parallel({ backend, nJobs: 1, recycleAfter: 99, initWorker: () => undefined });
      await runner.run([delayed((x) => x)(1)]);
      await new Promise((resolve) => setTimeout(resolve, 50));
      await runner.close();
      console.log('closed');
    }
  `;
  const cwd = new URL('.', import.meta.url);
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8', cwd });
  expect(printed).toBe('closed\nclosed\n');
});
