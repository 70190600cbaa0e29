import assert from 'node:assert/strict';
import type { Outcome } from '../backend.ts';
import { WorkerLostError } from '../errors.ts';
import type { BackendContractFlags } from './backend-contract.ts';
import { type Bench, call, valuesOf } from './bench.ts';

type WithBench = (name: string, body: (bench: Bench) => Promise<void>) => void;

/** What must hold when a worker dies; for backends that declare `killsWorker`. */
export function crashContract(withBench: WithBench, flags: BackendContractFlags): void {
  const whereWorkersDie = (name: string, body: (bench: Bench) => Promise<void>): void =>
    withBench(name, async (bench) => {
      if (bench.backend.capabilities.killsWorker) await body(bench); // in place, a crash is the program's own: declared by the capability
    });

  /** Twenty tasks, the eighth of which does this; all others must come back. */
  const oneOfTwenty = async ({ submit }: Bench, crash: () => unknown): Promise<WorkerLostError> => {
    const task = (x: number): unknown => (x === 107 ? crash() : x);
    const outcomes = await submit(
      Array.from({ length: 20 }, (_, x) => call(task, 100 + x)),
      { firstIndex: 100 },
    );
    const others = outcomes.filter((_, index) => index !== 7);
    assert.deepEqual(
      valuesOf(others),
      Array.from({ length: 20 }, (_, x) => 100 + x).filter((x) => x !== 107),
    );
    const lost = outcomes[7] as Outcome & { status: 'lost' };
    assert.equal(lost.status, 'lost');
    assert.ok(lost.error instanceof WorkerLostError);
    assert.equal(lost.error.index, 107);
    assert.deepEqual(valuesOf(await submit([call((x: number) => x + 1, 1)])), [2]); // the next call works
    return lost.error;
  };

  whereWorkersDie('process.exit in a task: that task is lost with the exit code, its mates are not', async (bench) => {
    const error = await oneOfTwenty(bench, () => process.exit(3));
    assert.equal(error.exitCode, 3);
    assert.match(error.message, /task 107/);
    assert.match(error.message, /exit code 3/);
  });

  whereWorkersDie('an uncaught error outside of the task costs the task that runs then', async (bench) => {
    const error = await oneOfTwenty(bench, async () => {
      setTimeout(() => {
        throw new Error('late');
      }, 5);
      await new Promise((resolve) => setTimeout(resolve, 10_000));
    });
    assert.equal(error.exitCode, 1);
  });

  if (flags.signals) {
    whereWorkersDie('a signal: the task is lost, and the error names it', async (bench) => {
      const error = await oneOfTwenty(bench, () => {
        process.kill(process.pid, 'SIGKILL');
        for (;;);
      });
      assert.equal(error.signal, 'SIGKILL');
      assert.match(error.message, /SIGKILL/);
    });
  }

  if (flags.smallHeap) {
    whereWorkersDie('out of memory: the task is lost, the caller goes on', async ({ submit }) => {
      const hoard = (x: number): number => {
        const kept: number[][] = [];
        while (x === 1) kept.push(new Array(10_000).fill(kept.length));
        return x;
      };
      const outcomes = await submit([call(hoard, 0), call(hoard, 1), call(hoard, 2)]);
      assert.equal(outcomes[1]?.status, 'lost');
      assert.equal(outcomes[2]?.status, 'done');
      assert.deepEqual(valuesOf(await submit([call((x: number) => x + 1, 1)])), [2]);
    });
  }

  whereWorkersDie('a crash in one call leaves another call alone', async ({ submit }) => {
    const wait = async (x: number): Promise<number> => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return x;
    };
    const exit = (): never => process.exit(4);
    const [crashed, ...others] = await Promise.all([
      submit([call(exit), call(exit)]),
      ...Array.from({ length: 10 }, (_, x) => submit([call(wait, x), call(wait, x + 1)])),
    ]);
    assert.deepEqual(
      crashed?.map(({ status }) => status),
      ['lost', 'lost'],
    );
    for (const [x, outcomes] of others.entries()) assert.deepEqual(valuesOf(outcomes), [x, x + 1]);
  });
}
