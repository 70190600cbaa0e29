import type { Outcome } from '@jobloom/backends';
import type { CallPlan } from './calls.ts';
import type { Sink } from './dispatch.ts';
import { errorOf } from './failure.ts';

/** Tells of progress: so many more tasks are done, so many of them failed. */
export type Tally = (done: number, failed: number) => void;

/** How a list of results ends. */
export interface ListEnds {
  readonly resolve: (results: unknown[]) => void;
  /** The call is over for its caller; nothing more is started. */
  readonly fail: (error: unknown) => void;
}

/** Results in order, read ahead no further than the plan allows. */
abstract class OrderedSink implements Sink {
  readonly results: unknown[] = [];
  protected readonly plan: CallPlan;
  protected readonly ends: ListEnds;
  #stored = 0;

  constructor(plan: CallPlan, ends: ListEnds) {
    this.plan = plan;
    this.ends = ends;
  }

  abstract many(first: number, values: ArrayLike<unknown>): void;
  abstract one(index: number, outcome: Outcome): void;

  room(): number {
    const { readAhead, taken } = this.plan;
    return readAhead === undefined ? Number.POSITIVE_INFINITY : readAhead - (taken() - this.#stored);
  }

  end(total: number, failure?: { readonly error: unknown }): void {
    if (failure !== undefined) {
      this.ends.fail(failure.error);
      return;
    }
    this.results.length = total;
    this.ends.resolve(this.results);
  }

  protected count(done: number, failed: number): void {
    this.#stored += done;
    this.plan.tally(done, failed);
  }

  /** Batches may finish in any order: growing by length keeps the array a fast one, of plain doubles where all results are numbers. */
  protected reach(length: number): unknown[] {
    if (this.results.length < length) this.results.length = length;
    return this.results;
  }
}

/** Results; the first failure to finish ends the call. */
export class ListSink extends OrderedSink {
  many(first: number, values: ArrayLike<unknown>): void {
    const results = this.reach(first);
    for (let at = 0; at < values.length; at += 1) results[first + at] = values[at];
    this.count(values.length, 0);
  }

  one(index: number, outcome: Outcome): void {
    if (outcome.status === 'done') this.reach(index)[index] = outcome.value;
    else this.ends.fail(errorOf(index, outcome));
    this.count(1, outcome.status === 'done' ? 0 : 1);
  }
}

/** A result or the reason why there is none, for every task. */
export class SettledSink extends OrderedSink {
  many(first: number, values: ArrayLike<unknown>): void {
    const results = this.reach(first);
    for (let at = 0; at < values.length; at += 1) results[first + at] = { status: 'fulfilled', value: values[at] };
    this.count(values.length, 0);
  }

  one(index: number, outcome: Outcome): void {
    const done = outcome.status === 'done';
    this.reach(index)[index] = done
      ? { status: 'fulfilled', value: outcome.value }
      : { status: 'rejected', reason: errorOf(index, outcome) };
    this.count(1, done ? 0 : 1);
  }
}
