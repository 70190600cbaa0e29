import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Backend,
  BackendUnusableError,
  CancelledError,
  ClosedError,
  delayed,
  NotATaskError,
  OptionError,
  Parallel,
  type ParallelOptions,
  parallel,
  parallelBackend,
  parallelConfig,
  parallelMap,
  registerParallelBackend,
  UnknownBackendError,
  UnserializableError,
  WorkerLostError,
} from '@jobloom/parallel';
import { describe, expect, test } from 'vitest';

const square = (x: number): number => 10 * x ** 2;
const range = (n: number): number[] => Array.from({ length: n }, (_, x) => x);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe.each(['sequential', 'threads', 'processes'])('%s', (backend) => {
  const options: ParallelOptions = { backend, nJobs: 2 };

  test('run gives results in order, of arrays, iterables and async iterables', async () => {
    await using runner = new Parallel(options);
    expect(await runner.run([])).toEqual([]);
    expect(await runner.run([delayed(square)(3)])).toEqual([90]);
    const expected = range(5000).map(square);
    expect(await runner.run(range(5000).map((x) => delayed(square)(x)))).toEqual(expected);
    const lazy = function* () {
      for (const x of range(5000)) yield delayed(square)(x);
    };
    expect(await runner.run(lazy())).toEqual(expected);
    const slow = async function* () {
      for (const x of range(50)) {
        if (x % 10 === 0) await sleep(1);
        yield delayed(square)(x);
      }
    };
    expect(await runner.run(slow())).toEqual(range(50).map(square));
  });

  test('closures, several functions and async ones in one call', async () => {
    const offset = 5;
    const words = ['a', 'b'];
    const shout = (x: number) => `${words[x % 2]}${x + offset}!`;
    const later = async (x: number) => {
      await Promise.resolve();
      return { x };
    };
    const tuple = await parallel([delayed(shout)(1), delayed(later)(2), delayed(square)(3)], options);
    const typed: [string, { x: number }, number] = tuple;
    expect(typed).toEqual(['b6!', { x: 2 }, 90]);
  });

  test('the first failure to finish rejects, with its class, index and remote stack; what has not started never starts', async () => {
    class Broken extends Error {
      override readonly name = 'Broken';
      readonly detail = { at: 'home' };
    }
    const fail = async (x: number) => {
      if (x === 1) {
        await new Promise((resolve) => setTimeout(resolve, 400));
        throw new Error('slow one');
      }
      if (x === 2) throw new Broken('quick one');
      return x;
    };
    await using runner = new Parallel({ ...options, batchSize: 1 }); // leaving it waits for the slow one
    await runner.run(range(2).map(() => delayed(sleep)(100))); // two workers are there
    const error = await runner.run(range(4).map((x) => delayed(fail)(x))).catch((caught: unknown) => caught);
    if (backend === 'sequential') expect((error as Error).message).toBe('slow one');
    else {
      expect(error).toBeInstanceOf(Broken);
      expect(error).toMatchObject({ message: 'quick one', detail: { at: 'home' }, taskIndex: 2 });
      expect((error as Error).stack).toMatch(/parallel\.test\.ts:\d+/);
    }
  });

  test('after a failure nothing more is taken from the input', async () => {
    let taken = 0;
    const fail = (x: number) => {
      if (x === 3) throw new TypeError('three');
      return x;
    };
    const endless = function* () {
      for (;;) yield delayed(fail)(taken++);
    };
    await expect(parallel(endless(), options)).rejects.toThrow(new TypeError('three'));
    const after = taken;
    await sleep(20);
    expect(taken).toBe(after);
  });

  test('settle gives every result or reason, in order', async () => {
    const odd = (x: number) => {
      if (x % 2 === 1) throw new RangeError(`odd ${x}`);
      return x;
    };
    await using runner = new Parallel(options);
    const settled = await runner.settle(range(100).map((x) => delayed(odd)(x)));
    expect(settled).toEqual(
      range(100).map((x) =>
        x % 2 === 1 ? { status: 'rejected', reason: new RangeError(`odd ${x}`) } : { status: 'fulfilled', value: x },
      ),
    );
  });

  test('stream yields in order, or as they finish', async () => {
    await using runner = new Parallel(options);
    const wait = async (ms: number) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return ms;
    };
    const ordered: number[] = [];
    for await (const result of runner.stream([60, 1, 2].map((ms) => delayed(wait)(ms)))) ordered.push(result);
    expect(ordered).toEqual([60, 1, 2]);
    const finished: number[] = [];
    const tasks = [300, 1, 2].map((ms) => delayed(wait)(ms));
    for await (const result of runner.stream(tasks, { ordered: false })) finished.push(result);
    expect(finished.toSorted((a, b) => a - b)).toEqual([1, 2, 300]);
    if (backend !== 'sequential') expect(finished.at(-1)).toBe(300);
  });

  test('stream reads no more than preDispatch ahead of what was consumed', async () => {
    let taken = 0;
    let consumed = 0;
    let furthest = 0;
    const tasks = function* () {
      for (; taken < 300; ) {
        taken += 1;
        furthest = Math.max(furthest, taken - consumed);
        yield delayed(square)(taken);
      }
    };
    for (const ordered of [true, false]) {
      [taken, consumed, furthest] = [0, 0, 0];
      await using runner = new Parallel({ ...options, preDispatch: 6 });
      for await (const _result of runner.stream(tasks(), { ordered })) {
        consumed += 1;
        if (consumed % 50 === 0) await sleep(5);
      }
      expect(consumed).toBe(300);
      expect(furthest).toBeLessThanOrEqual(6 + 1); // the result in the consumer's hand counts as consumed only after it returned
    }
  });

  test('leaving a stream early stops reading and closes the input', async () => {
    let taken = 0;
    let closed = false;
    const tasks = function* () {
      try {
        for (;;) yield delayed(square)(taken++);
      } finally {
        closed = true;
      }
    };
    await using runner = new Parallel(options);
    for await (const result of runner.stream(tasks())) if (result >= 90) break;
    expect(closed).toBe(true);
    const after = taken;
    await sleep(20);
    expect(taken).toBe(after);
  });

  test('an input that throws: earlier results still come, then the error', async () => {
    const tasks = function* () {
      for (const x of range(5)) yield delayed(square)(x);
      throw new Error('no more input');
    };
    const results: number[] = [];
    await using runner = new Parallel(options);
    const consume = async () => {
      for await (const result of runner.stream(tasks())) results.push(result);
    };
    await expect(consume()).rejects.toThrow('no more input');
    expect(results).toEqual(range(5).map(square));
    await expect(runner.run(tasks())).rejects.toThrow('no more input');
    await expect(runner.settle(tasks())).rejects.toThrow('no more input');
  });

  test('futures: awaited, composed, asked, cancelled', async () => {
    await using runner = new Parallel(options);
    const futures = range(500).map((x) => runner.submit(delayed(square)(x)));
    const dropped = runner.submit(delayed(square)(1));
    expect(dropped.cancel()).toBe(true);
    expect(dropped.cancel()).toBe(false);
    await expect(dropped).rejects.toBeInstanceOf(CancelledError);
    expect(() => futures[0]?.result).toThrow('not done yet');
    expect(await Promise.all(futures)).toEqual(range(500).map(square));
    expect(futures[3]?.done).toBe(true);
    expect(futures[3]?.result).toBe(90);
    const heard = await new Promise((resolve) => futures[4]?.onDone((future) => resolve(future.result)));
    expect(heard).toBe(160);
    const failing = runner.submit(
      delayed(() => {
        throw new SyntaxError('no');
      })(),
    );
    await expect(failing.get()).rejects.toThrow(new SyntaxError('no'));
    expect(failing.done).toBe(true);
  });

  test('parallelMap: p-map with cores', async () => {
    expect(await parallelMap([3, Promise.resolve(4)], async (x, index) => x * 10 + index, options)).toEqual([30, 41]);
    expect(await parallelMap(new Set(['a', 'b']), (text) => text.toUpperCase(), options)).toEqual(['A', 'B']);
    const source = async function* () {
      yield 'x';
      yield Promise.resolve('y');
    };
    expect(await parallelMap(source(), (text, index) => text + index, options)).toEqual(['x0', 'y1']);
    await expect(parallelMap([Promise.reject(new Error('bad item'))], (x) => x, options)).rejects.toThrow('bad item');
  });

  test('an abort rejects with the signal’s reason, and starts nothing more', async () => {
    const controller = new AbortController();
    let taken = 0;
    const wait = async (ms: number) => new Promise((resolve) => setTimeout(resolve, ms, ms));
    const tasks = function* () {
      for (;;) {
        if (taken === 8) setTimeout(() => controller.abort(new Error('enough')), 0);
        taken += 1;
        yield delayed(wait)(3);
      }
    };
    await expect(parallel(tasks(), { ...options, signal: controller.signal })).rejects.toThrow('enough');
    await expect(
      parallel([delayed(square)(1)], { ...options, signal: AbortSignal.abort(new Error('before')) }),
    ).rejects.toThrow('before');
  });

  test('timers go on while tasks run', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const busy = (ms: number) => {
      for (const end = performance.now() + ms; performance.now() < end; );
    };
    await parallel(
      range(60).map(() => delayed(busy)(2)),
      options,
    );
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(2);
  });

  test('progress counts every task, failures too', async () => {
    const events: [number, number, number | undefined][] = [];
    const odd = (x: number) => {
      if (x % 10 === 1) throw new Error('one');
      return x;
    };
    await using runner = new Parallel({
      ...options,
      onProgress: ({ done, failed, total }) => events.push([done, failed, total]),
    });
    await runner.settle(range(100).map((x) => delayed(odd)(x)));
    expect(events.at(-1)).toEqual([100, 10, 100]);
  });

  test('a nested call inside a task runs', async () => {
    const inner = async (x: number) =>
      (await parallel(range(3).map((y) => delayed(square)(x + y)))).reduce((a, b) => a + b, 0);
    const expected = range(4).map((x) => square(x) + square(x + 1) + square(x + 2));
    expect(
      await parallel(
        range(4).map((x) => delayed(inner)(x)),
        options,
      ),
    ).toEqual(expected);
  });

  test('closed: what is given afterwards is refused', async () => {
    const runner = new Parallel(options);
    expect(await runner.run([delayed(square)(1)])).toEqual([10]);
    await runner.close();
    await runner.close();
    await expect(runner.run([delayed(square)(1)])).rejects.toBeInstanceOf(ClosedError);
    expect(() => runner.submit(delayed(square)(1))).toThrow(ClosedError);
  });

  test('closed in the middle: the call rejects, and never gives less than all', async () => {
    const wait = async (x: number) => new Promise((resolve) => setTimeout(resolve, 10, x));
    const tasks = function* () {
      for (const x of range(50)) yield delayed(wait)(x);
    };
    const runner = new Parallel({ ...options, preDispatch: 2 });
    const calls = [runner.run(tasks()), runner.settle(tasks())].map((call) => call.catch((error: unknown) => error));
    await sleep(60);
    await runner.close();
    for (const error of await Promise.all(calls)) {
      expect(error instanceof ClosedError || error instanceof CancelledError).toBe(true);
    }
  });

  test('an abort before the backend is open, and of submitted tasks', async () => {
    const controller = new AbortController();
    const wait = async (x: number) => new Promise((resolve) => setTimeout(resolve, 100, x));
    const runner = new Parallel({ ...options, batchSize: 1, nJobs: 1, signal: controller.signal });
    const run = runner.run([delayed(wait)(1)]);
    controller.abort(new Error('at once'));
    await expect(run).rejects.toThrow('at once');
    const later = new AbortController();
    await using other = new Parallel({ ...options, batchSize: 1, nJobs: 1, signal: later.signal });
    const futures = range(4).map((x) => other.submit(delayed(wait)(x)));
    setTimeout(() => later.abort(new Error('in the middle')), 50);
    await expect(futures[3]).rejects.toThrow('in the middle');
    const stream = new Parallel({ ...options, signal: AbortSignal.timeout(30) }).stream(
      range(99).map(() => delayed(wait)(1)),
    );
    await sleep(60);
    await expect(stream.next()).rejects.toThrow(/timeout/);
  });

  test('inputs that fail while they clean up disturb nobody', async () => {
    const fail = () => {
      throw new Error('task');
    };
    let taken = 0;
    const tasks = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: taken++ > 100, value: delayed(fail)() }),
        return: () => {
          throw new Error('clean-up');
        },
      }),
    };
    await expect(parallel(tasks as Iterable<never>, options)).rejects.toThrow('task');
    const controller = new AbortController();
    const abortsItself = function* () {
      for (const x of range(100)) {
        if (x === 50) controller.abort(new Error('enough'));
        yield delayed(square)(x);
      }
    };
    await expect(parallel(abortsItself(), { ...options, signal: controller.signal })).rejects.toThrow('enough');
  });

  test('close({ drain: true }) finishes what was given', async () => {
    const runner = new Parallel(options);
    const futures = range(20).map((x) => runner.submit(delayed(square)(x)));
    await runner.close({ drain: true });
    expect(futures.map((future) => future.result)).toEqual(range(20).map(square));
  });
});

describe.each(['threads', 'processes'])('%s, isolated', (backend) => {
  test('a task that kills its worker in the middle of 1,000 costs itself only', async () => {
    await using runner = new Parallel({ backend, nJobs: 2 });
    const task = (x: number) => (x === 500 ? process.exit(9) : x);
    const settled = await runner.settle(range(1000).map((x) => delayed(task)(x)));
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(999);
    const lost = (settled[500] as PromiseRejectedResult).reason as WorkerLostError;
    expect(lost).toBeInstanceOf(WorkerLostError);
    expect([lost.index, lost.exitCode]).toEqual([500, 9]);
    expect(lost.message).toContain('task 500');
  });

  test('a failure is told while another task still runs', async () => {
    const wait = async (ms: number) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      if (ms === 1) throw new Error('quick');
    };
    const told = parallel([delayed(wait)(4000), delayed(wait)(1)], { backend, nJobs: 2, batchSize: 1 }).catch(
      (error: Error) => error.message,
    );
    expect(await Promise.race([told, sleep(3000)])).toBe('quick');
  });

  test('large arguments survive the death of a worker: mates run elsewhere, with what was sent', async () => {
    await using runner = new Parallel({ backend, nJobs: 1, batchSize: 4 });
    const sum = (numbers: Float64Array, x: number) => {
      for (const end = performance.now() + 100; x === 0 && performance.now() < end; );
      return x === 0 ? process.exit(3) : numbers[0];
    };
    const numbers = new Float64Array(5000).fill(1);
    await runner.run([delayed(sum)(numbers, 1)]);
    const settled = runner.settle(range(4).map((x) => delayed(sum)(numbers, x)));
    await sleep(30);
    numbers.fill(2);
    const [lost, ...others] = await settled;
    expect((lost as PromiseRejectedResult).reason).toBeInstanceOf(WorkerLostError);
    expect(others).toEqual(range(3).map(() => ({ status: 'fulfilled', value: 1 })));
  });

  test('after an abort nothing starts, even when the worker that had it dies', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jobloom-test-'));
    const file = join(folder, 'ran');
    const controller = new AbortController();
    await using runner = new Parallel({ backend, nJobs: 1, batchSize: 4, signal: controller.signal });
    const task = async (x: number, to: string) => {
      appendFileSync(to, `${x}\n`);
      await new Promise((resolve) => setTimeout(resolve, 150));
      process.exit(1);
    };
    const run = runner.run(range(4).map((x) => delayed(task)(x, file)));
    setTimeout(() => controller.abort(new Error('stop')), 50);
    await expect(run).rejects.toThrow('stop');
    await runner.close();
    expect(existsSync(file) ? readFileSync(file, 'utf8') : '0\n').toBe('0\n');
    rmSync(folder, { recursive: true });
  });

  test('an aborted task that never ends costs its worker, not the pool', async () => {
    const controller = new AbortController();
    const runner = new Parallel({ backend, nJobs: 1, signal: controller.signal });
    const endless = () => {
      for (;;);
    };
    const run = runner.run([delayed(endless)()]);
    setTimeout(() => controller.abort(new Error('stop')), 300);
    await expect(run).rejects.toThrow('stop');
    await runner.close(); // waits for the worker to be replaced
    expect(await parallel([delayed(square)(1)], { backend, nJobs: 1 })).toEqual([10]);
  });

  test('a task that posts to the caller by the engine’s own way disturbs nothing', async () => {
    const post = () => {
      const { parentPort } = process.getBuiltinModule('node:worker_threads');
      if (parentPort !== null) parentPort.postMessage(null);
      else process.send?.(null);
      return 1;
    };
    expect(await parallel([delayed(post)(), delayed(post)()], { backend })).toEqual([1, 1]);
  });

  test('what cannot travel fails before anything runs, with the trail to it', async () => {
    const pending = Promise.resolve(1);
    const helper = () => pending;
    const task = () => helper();
    const error = await parallel([delayed(task)()], { backend }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UnserializableError);
    expect((error as Error).message).toMatch(/^task -> helper -> pending: .*Promise/);
  });
});

describe('scopes', () => {
  const main = process.pid;
  const where = () => (process.pid === main ? 'here' : 'elsewhere');

  test('explicit option over inner scope over outer scope over default', async () => {
    const run = async (options?: ParallelOptions) => (await parallel([delayed(where)()], options))[0];
    const seen = await parallelBackend('processes', { nJobs: 2 }, async () => [
      await run(),
      await run({ backend: 'sequential' }),
      await parallelConfig({ backend: 'sequential' }, () => run()),
      await parallelConfig({ batchSize: 3 }, () => run()),
    ]);
    expect(seen).toEqual(['elsewhere', 'here', 'here', 'elsewhere']);
    expect(await run({ prefer: 'processes' })).toBe('elsewhere');
    expect(await parallelBackend('sequential', () => run({ prefer: 'processes' }))).toBe('here');
    expect(await parallelBackend('processes', () => run({ require: 'sharedMemory' }))).toBe('here'); // threads
    await expect(run({ backend: 'processes', require: 'sharedMemory' })).rejects.toThrow(OptionError);
  });

  test('a scope does not leak', async () => {
    await parallelBackend('sequential', async () => undefined);
    await Promise.all([parallelBackend('processes', () => sleep(5)), sleep(1)]);
    expect(await parallel([delayed(square)(2)], { nJobs: 1 })).toEqual([40]);
  });
});

describe('a backend of one’s own', () => {
  const own = (submit: Backend['submit']): Backend => ({
    name: 'own',
    capabilities: { killsWorker: false, sharedMemory: false, isolated: false, remote: false },
    effectiveNJobs: () => 1,
    submit,
    close: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  });
  const done = { status: 'done', value: 1, timing: { ms: 0 }, worker: 'own' } as const;
  const run = (submit: Backend['submit']) =>
    parallel([delayed(square)(1), delayed(square)(2)], { backend: own(submit), batchSize: 2 });

  test('that throws, rejects or gives a wrong number of outcomes is named in the error', async () => {
    const wrong: Backend['submit'][] = [
      () => {
        throw new Error('boom');
      },
      () => Promise.reject(new Error('boom')),
      async () => ({ all: 'mixed', each: [done] }),
    ];
    for (const submit of wrong) {
      const error = await run(submit).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(BackendUnusableError);
      expect((error as Error).message).toMatch(
        /^the own backend (failed: Error: boom|gave 1 outcomes for a batch of 2 tasks)$/,
      );
    }
  });

  test('that tells of an outcome twice is heard once', async () => {
    const results = await run((batch, { onOutcome }) => {
      onOutcome?.(0, { ...done, value: 'first' });
      onOutcome?.(0, { ...done, value: 'second' });
      return batch.run();
    });
    expect(results).toEqual(['first', 40]);
  });

  test('is opened once a scope, and closed after it, also when the body fails', async () => {
    let opened = 0;
    let closed = 0;
    registerParallelBackend('counted', () => {
      opened += 1;
      return {
        ...own((batch) => batch.run()),
        close: async () => {
          closed += 1;
        },
      };
    });
    const body = async () => {
      await parallel([delayed(square)(1)]);
      await parallel([delayed(square)(1)]);
      expect(closed).toBe(0);
      throw new Error('body');
    };
    await expect(parallelBackend('counted', body)).rejects.toThrow('body');
    expect([opened, closed]).toEqual([1, 1]);
    const runner = new Parallel({ backend: 'counted' });
    await runner.run([delayed(square)(1)]);
    await runner.close();
    expect([opened, closed]).toEqual([2, 2]);
  });
});

describe('bad input is refused, naming what was given and what is allowed', () => {
  const cases: [string, () => unknown, new (...args: never[]) => Error, string][] = [
    ['not a function', () => delayed(5 as never), NotATaskError, 'Got the number 5'],
    ['a call instead of a function', () => delayed(Promise.resolve(1) as never), NotATaskError, 'Got a promise'],
    ['nJobs 0', () => new Parallel({ nJobs: 0 }), OptionError, 'Got 0.'],
    ['nJobs 1.5', () => new Parallel({ nJobs: 1.5 }), OptionError, 'Got 1.5.'],
    [
      'batchSize 0',
      () => new Parallel({ batchSize: 0 }),
      OptionError,
      "must be 'auto' or a whole number, 1 or more. Got the number 0.",
    ],
    ['preDispatch 0', () => new Parallel({ preDispatch: 0 }), OptionError, 'Got the number 0.'],
    [
      'preDispatch nonsense',
      () => new Parallel({ preDispatch: 'all of them' as never }),
      OptionError,
      'Got the string "all of them".',
    ],
    ['a misspelt option', () => new Parallel({ njobs: 2 } as never), OptionError, 'Did you mean nJobs?'],
    ['a misspelt option 2', () => new Parallel({ batchsiz: 2 } as never), OptionError, 'Did you mean batchSize?'],
    ['tasksPerWorker 0', () => new Parallel({ tasksPerWorker: 0 }), OptionError, 'must be a whole number, 1 or more'],
    ['options that are none', () => new Parallel(7 as never), OptionError, 'Got the number 7'],
    ['prefer', () => new Parallel({ prefer: 'gpu' as never }), OptionError, "'threads' or 'processes'"],
    [
      'not a task',
      () => parallel([square as never]),
      NotATaskError,
      'Item 0 of the input is not a task. Got the function square',
    ],
    [
      'a promise among tasks',
      () => parallel([delayed(square)(1), Promise.resolve(1) as never]),
      NotATaskError,
      'Item 1',
    ],
    ['not iterable', () => parallel(42 as never), NotATaskError, 'Got the number 42'],
    ['not iterable items', () => parallelMap(42 as never, square), NotATaskError, 'Got the number 42'],
    [
      'an unknown backend',
      () => parallel([delayed(square)(1)], { backend: 'spark' }),
      UnknownBackendError,
      'Known: sequential, threads, processes',
    ],
    ['an unknown backend in a scope', () => parallelBackend('spark', async () => 1), UnknownBackendError, '"spark"'],
    [
      'an option the backend does not have',
      () => parallelBackend('threads', { idle: 3 } as never, async () => 1),
      OptionError,
      'It knows: idleMs',
    ],
    ['no body', () => parallelBackend('threads', {}, undefined as never), OptionError, 'needs a function'],
  ];
  test.each(cases)('%s', async (_name, act, type, text) => {
    const error = await (async () => act())().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(type);
    expect((error as Error).message).toContain(text);
  });
});
