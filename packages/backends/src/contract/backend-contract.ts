import assert from 'node:assert/strict';
import { UnserializableError } from '@jobloom/codec';
import type { Backend, Outcome } from '../backend.ts';
import { Batch } from '../batch.ts';
import { CallScope } from '../call-scope.ts';
import { CancelledError, ClosedError, OptionError } from '../errors.ts';
import { type Bench, benchOf, call, listed, valuesOf } from './bench.ts';
import { crashContract } from './crash-contract.ts';
import { memoryContract } from './memory-contract.ts';

/** How a suite declares a test: `test` of vitest, node:test, jest. */
export type DeclareTest = (name: string, body: () => Promise<void>) => unknown;

/** What an implementation honestly cannot do beyond what its capabilities say. */
export interface BackendContractFlags {
  /** Tasks can end their own worker by a signal, SIGKILL say. */
  readonly signals?: boolean;
  /** The backend was made with a heap limit small enough to run into within seconds. */
  readonly smallHeap?: boolean;
  /** Each batch is a job that starts when it comes, and of one that is cancelled nothing is known. */
  readonly jobs?: boolean;
}

/**
 * The tests that every backend must pass; a difference is a capability or a declared flag.
 * `makeBackend` gives a new instance, which the suite closes.
 *
 * @example
 * backendContract(test, () => createThreads({ heapMb: 64 }), { smallHeap: true });
 */
export function backendContract(
  test: DeclareTest,
  makeBackend: () => Backend | Promise<Backend>,
  flags: BackendContractFlags = {},
): void {
  const withBench = (name: string, body: (bench: Bench) => Promise<void>): void => {
    test(name, async () => {
      await using backend = await makeBackend();
      await body(benchOf(backend));
    });
  };

  withBench('gives one outcome a task, in the order of the batch', async ({ submit }) => {
    const outcomes = await submit(Array.from({ length: 300 }, (_, x) => call((y: number) => 10 * y ** 2, x)));
    assert.deepEqual(
      valuesOf(outcomes),
      Array.from({ length: 300 }, (_, x) => 10 * x ** 2),
    );
    for (const { timing, worker } of outcomes) {
      assert.ok(timing.ms >= 0);
      assert.equal(typeof worker, 'string');
    }
  });

  withBench('takes an empty batch', async ({ submit }) => {
    assert.deepEqual(await submit([]), []);
  });

  withBench('runs closures, async functions and several functions in one batch', async ({ submit }) => {
    const base = 40;
    const table = new Map([['two', 2]]);
    const outcomes = await submit([
      call((key: string) => base + (table.get(key) ?? 0), 'two'),
      call(async (x: number) => x + base, 3),
      call((x: number) => x, 5),
    ]);
    assert.deepEqual(valuesOf(outcomes), [42, 43, 5]);
  });

  withBench('brings values as they left', async ({ submit }) => {
    const sparse = [1, 2, 3];
    delete sparse[1];
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    const values = [
      -0,
      Number.NaN,
      undefined,
      null,
      2n ** 70n,
      'a\ud800',
      sparse,
      cycle,
      new Date(5),
      /x/giu,
      new Map([[{}, new Set([1])]]),
      new Float32Array([1.5]),
      Buffer.from('hi'),
    ];
    const got = valuesOf(await submit(values.map((value) => call((x: unknown) => x, value))));
    assert.ok(Object.is(got[0], -0));
    assert.deepEqual(got, values);
    assert.equal((got[7] as typeof cycle).self, got[7]);
    assert.ok(Buffer.isBuffer(got[12]));
  });

  withBench(
    'a failure keeps class, message, code, cause and own properties, and costs its task only',
    async ({ submit }) => {
      class PriceError extends RangeError {
        readonly price: number;
        constructor(price: number) {
          super(`price ${price} is too high`, { cause: new TypeError('inner') });
          this.price = price;
        }
      }
      const check = (price: number): number => {
        if (price > 2) throw Object.assign(new PriceError(price), { code: 'E_PRICE' });
        return price;
      };
      const outcomes = await submit([1, 2, 3, 4].map((price) => call(check, price)));
      assert.deepEqual(valuesOf(outcomes.slice(0, 2)), [1, 2]);
      for (const [at, outcome] of outcomes.slice(2).entries()) {
        assert.equal(outcome.status, 'failed');
        const error = (outcome as Outcome & { status: 'failed' }).error as PriceError & { code: string };
        assert.ok(error instanceof PriceError && error instanceof RangeError);
        assert.equal(error.message, `price ${at + 3} is too high`);
        assert.equal(error.code, 'E_PRICE');
        assert.equal(error.price, at + 3);
        assert.ok(error.cause instanceof TypeError);
        assert.match(String(error.stack), /check/);
      }
    },
  );

  withBench('a thrown non-error arrives as it is', async ({ submit }) => {
    const thrown = [7, 'text', null, undefined, { a: 1 }];
    const outcomes = await submit(
      thrown.map((value) =>
        call((x: unknown) => {
          throw x;
        }, value),
      ),
    );
    assert.deepEqual(
      outcomes.map((outcome) => [outcome.status, outcome.status === 'failed' && outcome.error]),
      thrown.map((value) => ['failed', value]),
    );
  });

  withBench('what is aborted before it is submitted never starts', async ({ submit }) => {
    const outcomes = await submit([call(() => 1), call(() => 2)], { signal: AbortSignal.abort() });
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['cancelled', 'cancelled'],
    );
    for (const outcome of outcomes) assert.ok((outcome as { error?: unknown }).error instanceof CancelledError);
  });

  withBench('an abort drops the tasks that have not started, and no other call', async ({ submit }) => {
    const controller = new AbortController();
    const wait = async (ms: number): Promise<number> => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return ms;
    };
    const calls = Array.from({ length: 20 }, () => call(wait, 30));
    await submit([call(wait, 1)]); // a worker is there
    const mine = submit(calls, { signal: controller.signal, nJobs: 1 });
    const late = setTimeout(() => controller.abort(), 200);
    mine.finally(() => clearTimeout(late));
    const other = submit([call(wait, 1), call(wait, 60)]);
    const statuses = (await mine).map(({ status }) => status);
    assert.equal(statuses[0], flags.jobs ? 'cancelled' : 'done');
    assert.equal(statuses.at(-1), 'cancelled');
    assert.deepEqual(valuesOf(await other), [1, 60]);
  });

  withBench('tells of outcomes early, and gives all of them again at the end', async ({ submit }) => {
    const early = new Map<number, Outcome['status']>();
    const wait = async (x: number): Promise<number> => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return x;
    };
    const outcomes = await submit(
      Array.from({ length: 6 }, (_, x) => call(wait, x)),
      { onOutcome: (index, { status }) => early.set(index, status) },
    );
    assert.deepEqual(valuesOf(outcomes), [0, 1, 2, 3, 4, 5]);
    for (const [index, status] of early) assert.equal(outcomes[index]?.status, status);
  });

  withBench('refuses nJobs of 0 and fractions, and understands negative ones', async ({ backend }) => {
    for (const wrong of [0, 1.5, Number.NaN])
      await assert.rejects(async () => backend.effectiveNJobs(wrong), OptionError);
    for (const nJobs of [1, 3, -1, -2, -1000]) assert.ok((await backend.effectiveNJobs(nJobs)) >= 1);
  });

  withBench('close twice is fine; after that a submit is refused', async ({ backend, submit }) => {
    assert.deepEqual(valuesOf(await submit([call(() => 1)])), [1]);
    await backend.close();
    await backend.close();
    await assert.rejects(submit([call(() => 1)]), ClosedError);
  });

  withBench(
    'isolated: what cannot travel fails alone, what tasks change stays with them',
    async ({ backend, submit }) => {
      if (!backend.capabilities.isolated) return; // in place, a task has the caller's own objects: declared by the capability
      const box = { count: 0 };
      let written = 0;
      const bump = (): number => {
        box.count += 1;
        written += 1;
        return written;
      };
      const outcomes = await submit(
        [call(bump), call(bump), call((x: unknown) => x, new WeakMap() as unknown), call((): unknown => new WeakMap())],
        { checkWrites: false },
      );
      assert.deepEqual(valuesOf(outcomes.slice(0, 2)), [1, 1]); // captured variables that the code writes start fresh each task
      assert.deepEqual([box.count, written], [0, 0]);
      for (const [index, trail] of [/^task 2 -> arguments/, /^task 3 -> result/].entries()) {
        const outcome = outcomes[index + 2] as Outcome & { status: 'failed' };
        assert.equal(outcome.status, 'failed');
        assert.ok(outcome.error instanceof UnserializableError);
        assert.match(outcome.error.message, trail);
      }
    },
  );

  withBench('an instance of the caller’s class comes back as one', async ({ submit }) => {
    class Point {
      readonly x: number;
      constructor(x: number) {
        this.x = x;
      }
      moved(by: number): Point {
        return new Point(this.x + by);
      }
    }
    const [value] = valuesOf(
      await submit([call((point: Point) => (point instanceof Point ? point.moved(1) : point), new Point(1))]),
    );
    assert.ok(value instanceof Point);
    assert.equal(value.x, 2);
  });

  withBench('runs no more of a call at once than its nJobs', async ({ backend }) => {
    const scope = new CallScope({ sharedMemory: backend.capabilities.sharedMemory });
    const options = { signal: new AbortController().signal, callId: 'limited', nJobs: 1 };
    const wait = async (): Promise<[number, number]> => {
      const start = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 10));
      return [start, Date.now()];
    };
    const batches = Array.from({ length: 5 }, () => backend.submit(new Batch(scope, [call(wait)]), options));
    const spans = (await Promise.all(batches)).flatMap((outcomes) => valuesOf(listed(outcomes)) as [number, number][]);
    spans.sort(([a], [b]) => a - b);
    for (const [at, [start]] of spans.entries()) assert.ok(at === 0 || start >= (spans[at - 1]?.[1] ?? 0));
    scope.end();
  });

  memoryContract(withBench);
  crashContract(withBench, flags);
}
