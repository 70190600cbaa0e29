import type { Outcome } from '@jobloom/backends';
import type { Sink } from './dispatch.ts';
import { errorOf } from './failure.ts';

/** Tells of progress: so many more tasks are done, so many of them failed. */
export type Tally = (done: number, failed: number) => void;

/** Results in order; the first failure to finish ends the call. */
export function listSink(resolve: (results: unknown[]) => void, fail: (error: unknown) => void, tally: Tally): Omit<Sink, 'room'> {
  const results: unknown[] = [];
  return {
    many(first, values) {
      place(results, first, values);
      tally(values.length, 0);
    },
    one(index, outcome) {
      tally(1, outcome.status === 'done' ? 0 : 1);
      if (outcome.status === 'done') place(results, index, [outcome.value]);
      else fail(errorOf(index, outcome));
    },
    end(total, failure) {
      if (failure !== undefined) return fail(failure.error);
      results.length = total;
      resolve(results);
    },
  };
}

/** A result or the reason why there is none, for every task. */
export function settledSink(resolve: (results: PromiseSettledResult<unknown>[]) => void, fail: (error: unknown) => void, tally: Tally): Omit<Sink, 'room'> {
  const results: PromiseSettledResult<unknown>[] = [];
  return {
    many(first, values) {
      fillUpTo(results, first);
      for (let at = 0; at < values.length; at += 1) results[first + at] = { status: 'fulfilled', value: values[at] };
      tally(values.length, 0);
    },
    one(index, outcome) {
      fillUpTo(results, index);
      results[index] = settled(index, outcome);
      tally(1, outcome.status === 'done' ? 0 : 1);
    },
    end(_total, failure) {
      if (failure !== undefined) fail(failure.error);
      else resolve(results);
    },
  };
}

function settled(index: number, outcome: Outcome): PromiseSettledResult<unknown> {
  if (outcome.status === 'done') return { status: 'fulfilled', value: outcome.value };
  return { status: 'rejected', reason: errorOf(index, outcome) };
}

function place(results: unknown[], first: number, values: ArrayLike<unknown>): void {
  fillUpTo(results, first);
  for (let at = 0; at < values.length; at += 1) results[first + at] = values[at];
}

/** Batches may finish in any order: growing by length keeps the array a fast one, of plain doubles where all results are numbers. */
function fillUpTo(results: unknown[], length: number): void {
  if (results.length < length) results.length = length;
}
