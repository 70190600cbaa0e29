import assert from 'node:assert/strict';
import type { Outcome } from '../backend.ts';
import { move } from '../bulk/moved.ts';
import { share } from '../bulk/shared.ts';
import { SharedWriteError } from '../errors.ts';
import { type Bench, call, LARGE, valuesOf } from './bench.ts';

/** What must hold of large, shared and moved memory, and of tasks that write where they should not. */
export function memoryContract(withBench: (name: string, body: (bench: Bench) => Promise<void>) => void): void {
  withBench('large arrays arrive as they are, two views of one buffer as two views of one', async ({ submit }) => {
    const numbers = Float64Array.from({ length: LARGE }, (_, at) => at);
    const half = numbers.subarray(LARGE / 2);
    const look = (all: Float64Array, part: Float64Array, at: number): unknown[] => [
      all[at],
      part[0],
      all.length,
      all.buffer === part.buffer,
      Object.prototype.toString.call(all.buffer),
    ];
    const outcomes = await submit([1, 2, 3].map((at) => call(look, numbers, half, at)));
    assert.deepEqual(
      valuesOf(outcomes),
      [1, 2, 3].map((at) => [at, LARGE / 2, LARGE, true, '[object ArrayBuffer]']),
    );
  });

  withBench('a shared value is the same in every task, as argument and captured', async ({ submit }) => {
    await using table = share({ numbers: new Float32Array(LARGE).fill(1.5), names: ['a', 'b'] });
    const asArgument = (given: typeof table): unknown => [given.value.numbers[5], given.value.names];
    const captured = (): unknown => [table.value.numbers[6], table.value.names];
    const outcomes = await submit([call(asArgument, table), call(captured)]);
    assert.deepEqual(valuesOf(outcomes), [
      [1.5, ['a', 'b']],
      [1.5, ['a', 'b']],
    ]);
  });

  withBench('isolated: moved memory is gone from the caller, and comes back', async ({ backend, submit }) => {
    const numbers = new Float64Array(LARGE).fill(2);
    const double = (given: Float64Array): Float64Array => move(given.map((x) => 2 * x));
    const [result] = valuesOf(await submit([call(double, move(numbers))])) as [Float64Array];
    assert.deepEqual([result.length, result[7]], [LARGE, 4]);
    assert.equal(numbers.length, backend.capabilities.isolated ? 0 : LARGE);
  });

  withBench('checkWrites names the task and what it wrote', async ({ submit }) => {
    const table = { rows: [{ price: 4 }] };
    const raise = (by: number): number => {
      if (by > 0) (table.rows[0] as { price: number }).price += by;
      return by;
    };
    const outcomes = await submit([call(raise, 0), call(raise, 1), call(raise, 0)], { firstIndex: 10 });
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['done', 'failed', 'done'],
    );
    const { error } = outcomes[1] as Outcome & { status: 'failed' };
    assert.ok(error instanceof SharedWriteError);
    assert.equal(error.index, 11);
    assert.deepEqual(error.trail, ['task', 'table', '.rows', '[0]', '.price']);
    assert.match(error.message, /^task 11 wrote to what tasks have in common: .* was 4 and is 5\. /);
  });
}
