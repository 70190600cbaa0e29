import assert from 'node:assert/strict';
import type { Backend } from '@jobloom/backends';
import type { DeclareTest } from '@jobloom/backends/contract';
import { delayed } from '../delayed.ts';
import { currentTask, Parallel, parallel, TaskTimeoutError, UnserializableError, WorkerLostError } from '../index.ts';
import type { ParallelOptions } from '../options.ts';
import { NoMatchError } from '../sinks.ts';

/** What an implementation honestly cannot do beyond what its capabilities say. */
export interface PromisesFlags {
  /** Tasks can end their own worker by a signal, SIGKILL say. */
  readonly signals?: boolean;
}

type Body = (run: (options?: Omit<ParallelOptions, 'backend'>) => Parallel, backend: Backend) => Promise<void>;

const range = (n: number): number[] => Array.from({ length: n }, (_, x) => x);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * What jobloom promises and other pools do not, on a backend: each promise is a named test. A backend that does not
 * isolate, or whose workers cannot die, says so in its capabilities, and is spared what follows from that.
 * `makeBackend` gives a new instance, which the suite closes.
 *
 * @example
 * promisesContract(test, () => createThreads());
 */
export function promisesContract(
  test: DeclareTest,
  makeBackend: () => Backend | Promise<Backend>,
  flags: PromisesFlags = {},
): void {
  const promise = (name: string, body: Body): void => {
    for (const tasksPerWorker of [1, 4])
      test(`${name}${tasksPerWorker === 1 ? '' : `, with ${tasksPerWorker} tasks a worker`}`, async () => {
        await using backend = await makeBackend();
        await body((options) => new Parallel({ nJobs: 2, tasksPerWorker, ...options, backend }), backend);
      });
  };

  promise('promise 1: any closure runs; what cannot travel fails with the trail to it', async (run, backend) => {
    const factor = 3;
    const table = new Map([['a', (x: number) => x * factor]]);
    class Price {
      readonly #net: number;
      constructor(net: number) {
        this.#net = net;
      }
      gross(): number {
        return this.#net * 2;
      }
    }
    const useAll = (x: number): number => new Price((table.get('a') as (x: number) => number)(x)).gross();
    assert.deepEqual(
      await run().run(range(20).map((x) => delayed(useAll)(x))),
      range(20).map((x) => 6 * x),
    );
    if (!backend.capabilities.isolated) return; // in place nothing travels
    const db = { conn: new WeakMap() };
    const ask = (): unknown => db.conn;
    const error = await failureOf(run().run([delayed(ask)()]));
    assert.ok(error instanceof UnserializableError);
    assert.match(error.message, /^task -> db -> \.conn: a WeakMap cannot be sent/);
  });

  for (const ordered of [true, false]) {
    promise(`promise 2: a slow consumer bounds what is read (ordered: ${ordered})`, async (run) => {
      let taken = 0;
      const input = function* () {
        for (; taken < 500; ) {
          taken += 1;
          yield delayed((x: number) => x)(taken);
        }
      };
      let consumed = 0;
      for await (const _ of run({ preDispatch: 8 }).stream(input(), { ordered })) {
        consumed += 1;
        if (consumed % 50 === 0) await sleep(20); // time enough to read on, if it would
        assert.ok(taken - consumed <= 8, `${taken} taken, ${consumed} consumed`);
      }
      assert.equal(consumed, 500);
    });
  }

  promise('promise 2: an abandoned stream cancels what is left, and closes its input', async (run) => {
    let closed = false;
    let taken = 0;
    const input = function* () {
      try {
        for (;;) {
          taken += 1;
          yield delayed((x: number) => x)(taken);
        }
      } finally {
        closed = true;
      }
    };
    for await (const value of run({ preDispatch: 4 }).stream(input())) if (value === 10) break;
    assert.ok(closed);
    const then = taken;
    await sleep(30);
    assert.equal(taken, then);
  });

  promise('promise 2: an input that fails: what came before is given, then the error', async (run) => {
    const input = function* () {
      for (const x of range(5)) yield delayed((y: number) => y)(x);
      throw new RangeError('no more input');
    };
    const got: number[] = [];
    const error = await failureOf(
      (async () => {
        for await (const value of run().stream(input())) got.push(value);
      })(),
    );
    assert.deepEqual(got, range(5));
    assert.ok(error instanceof RangeError);
  });

  promise('promise 3: calls that share workers never break each other', async (run, backend) => {
    const wait = async (x: number): Promise<number> => {
      await new Promise((resolve) => setTimeout(resolve, 3));
      return x;
    };
    const fail = (): never => {
      throw new Error('mine');
    };
    const exit = (): never => process.exit(3);
    const good = range(4).map((call) => run().run(range(12).map((x) => delayed(wait)(100 * call + x))));
    const bad: Promise<unknown>[] = [
      run().run([delayed(fail)()]),
      run({ deadline: 20 }).run(range(50).map((x) => delayed(wait)(x))),
      run().first(
        range(5).map((x) => delayed(wait)(x)),
        (x) => x > 100,
      ),
    ];
    if (backend.capabilities.killsWorker) bad.push(run().run([delayed(exit)()]));
    const failing = Promise.all(bad.map(failureOf));
    const abandoned = run().stream(range(50).map((x) => delayed(wait)(x)));
    await abandoned.next();
    await abandoned.return(undefined);
    const failures = await failing;
    assert.deepEqual(
      failures.map((error) => (error as { code?: string }).code ?? (error as Error).message),
      ['mine', 'ERR_DEADLINE', 'ERR_NO_MATCH', ...(backend.capabilities.killsWorker ? ['ERR_WORKER_LOST'] : [])],
    );
    assert.ok(failures[2] instanceof NoMatchError);
    for (const [call, results] of (await Promise.all(good)).entries())
      assert.deepEqual(
        results,
        range(12).map((x) => 100 * call + x),
      );
  });

  promise('promise 4: a crash costs its own task only, and the next call works', async (run, backend) => {
    if (!backend.capabilities.killsWorker) return; // in place, a crash is the program's own: declared by the capability
    const crash = (x: number): number => (x === 137 ? process.exit(7) : x);
    const settled = await run().settle(range(300).map((x) => delayed(crash)(x)));
    assertOnly(settled, 137, WorkerLostError);
    assert.deepEqual(await run().run([delayed((x: number) => x + 1)(1)]), [2]);
  });

  if (flags.signals) {
    promise('promise 4: so does a kill', async (run) => {
      const kill = (x: number): number => {
        if (x === 41) process.kill(process.pid, 'SIGKILL');
        return x;
      };
      assertOnly(await run().settle(range(100).map((x) => delayed(kill)(x))), 41, WorkerLostError);
    });
  }

  promise('promise 4: so does a task that is over its time', async (run, backend) => {
    const stuck = async (x: number): Promise<number> => {
      if (x === 5) await new Promise((resolve) => setTimeout(resolve, 60_000));
      return x;
    };
    const late = run({ timeout: 150, graceMs: 20 });
    assertOnly(await late.settle(range(20).map((x) => delayed(stuck)(x))), 5, TaskTimeoutError);
    if (!backend.capabilities.killsWorker) return;
    const endless = (x: number): number => {
      while (x === 5);
      return x;
    };
    assertOnly(await late.settle(range(20).map((x) => delayed(endless)(x))), 5, TaskTimeoutError);
    assert.deepEqual(await run().run([delayed((x: number) => x + 1)(1)]), [2]);
  });

  promise(
    'promise 4: a crash beside tasks that wait costs what was under way, and nothing else',
    async (run, backend) => {
      if (!backend.capabilities.killsWorker) return;
      const crash = async (x: number): Promise<number> => {
        await new Promise((resolve) => setTimeout(resolve, x === 17 ? 1 : 3));
        return x === 17 ? process.exit(7) : x;
      };
      const tasks = range(60).map((x) => delayed(crash)(x));
      for (const tasksPerWorker of [1, 2, 5]) {
        const settled = await run({ nJobs: 1, tasksPerWorker }).settle(tasks);
        const lost = settled.flatMap((one, index) => (one.status === 'rejected' ? index : []));
        assert.ok(lost.includes(17) && lost.length <= tasksPerWorker, `lost: ${lost.join(', ')}`);
        for (const [index, one] of settled.entries()) {
          if (one.status === 'fulfilled') assert.equal(one.value, index);
          else assert.ok(one.reason instanceof WorkerLostError, String(one.reason));
        }
      }
    },
  );

  promise('promise 5: the same results, bit for bit, at every nJobs', async (run) => {
    const draw = (x: number): number => (Math.sin(x) * currentTask().seed) / 3;
    const expected = await parallel(
      range(200).map((x) => delayed(draw)(x)),
      { backend: 'sequential', randomState: 42 },
    );
    for (const nJobs of [1, 2, 3]) {
      const runner = run({ nJobs, randomState: 42 });
      const tasks = range(200).map((x) => delayed(draw)(x));
      assert.deepEqual(await runner.run(tasks), expected);
      assert.deepEqual(
        (await runner.settle(tasks)).map((one) => one.status === 'fulfilled' && one.value),
        expected,
      );
      const streamed: number[] = [];
      for await (const value of runner.stream(tasks)) streamed.push(value);
      assert.deepEqual(streamed, expected);
    }
  });

  promise('promise 5: tasks that wait give what they give alone', async (run) => {
    const draw = async (x: number): Promise<number> => {
      if (x % 3 === 0) await new Promise((resolve) => setTimeout(resolve, x % 5));
      return (Math.sin(x) * currentTask().seed) / 3;
    };
    const tasks = range(60).map((x) => delayed(draw)(x));
    const expected = await parallel(tasks, { backend: 'sequential', randomState: 42 });
    assert.deepEqual(await run({ randomState: 42 }).run(tasks), expected);
  });
}

function assertOnly(
  settled: readonly PromiseSettledResult<number>[],
  failed: number,
  type: new (...args: never[]) => Error,
): void {
  for (const [index, one] of settled.entries()) {
    if (one.status === 'fulfilled') assert.equal(one.value, index);
    else {
      assert.equal(index, failed, `task ${index} failed too: ${String(one.reason)}`);
      assert.ok(one.reason instanceof type, String(one.reason));
      assert.equal((one.reason as { index?: number }).index, failed);
    }
  }
  assert.equal(settled[failed]?.status, 'rejected');
}

async function failureOf(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: 'it did not fail' });
}
