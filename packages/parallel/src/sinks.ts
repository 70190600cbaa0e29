import { JobloomError } from '@jobloom/codec';
import type { CallPlan } from './calls.ts';
import type { Settled } from './failure.ts';
import type { Sink } from './sink.ts';

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
  abstract one(index: number, settled: Settled, failed: boolean): void;

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

  one(index: number, settled: Settled, failed: boolean): void {
    if ('value' in settled) this.reach(index)[index] = settled.value;
    else this.ends.fail(settled.error);
    this.count(1, failed ? 1 : 0);
  }
}

/** A result or the reason why there is none, for every task. */
export class SettledSink extends OrderedSink {
  many(first: number, values: ArrayLike<unknown>): void {
    const results = this.reach(first);
    for (let at = 0; at < values.length; at += 1) results[first + at] = { status: 'fulfilled', value: values[at] };
    this.count(values.length, 0);
  }

  one(index: number, settled: Settled, failed: boolean): void {
    this.reach(index)[index] =
      'value' in settled
        ? { status: 'fulfilled', value: settled.value }
        : { status: 'rejected', reason: settled.error };
    this.count(1, failed ? 1 : 0);
  }
}

/** No task gave what was looked for. */
export class NoMatchError extends JobloomError {
  /** Tasks that ran. */
  readonly count: number;
  /** What those that failed threw. */
  readonly errors: readonly unknown[];

  constructor(count: number, errors: readonly unknown[]) {
    const failed = errors.length === 0 ? '' : `, and ${errors.length} of them failed: see errors`;
    super('ERR_NO_MATCH', `none of the ${count} tasks gave a result that satisfies the predicate${failed}`);
    this.count = count;
    this.errors = errors;
  }
}

/** How a search ends. */
export interface SearchEnds<R> {
  readonly found: (value: R) => void;
  readonly fail: (error: unknown) => void;
}

/** The first result to finish that satisfies a predicate; failures are no results. */
export class FirstSink<R> implements Sink {
  readonly #plan: CallPlan;
  readonly #ends: SearchEnds<R>;
  readonly #predicate: (value: R) => boolean;
  readonly #errors: unknown[] = [];
  #seen = 0;
  #over = false;

  constructor(plan: CallPlan, predicate: (value: R) => boolean, ends: SearchEnds<R>) {
    this.#plan = plan;
    this.#predicate = predicate;
    this.#ends = ends;
  }

  many(_first: number, values: ArrayLike<unknown>): void {
    this.#count(values.length, 0);
    for (let at = 0; at < values.length; at += 1) this.#look(values[at] as R);
  }

  one(_index: number, settled: Settled, failed: boolean): void {
    this.#count(1, failed ? 1 : 0);
    if ('value' in settled) this.#look(settled.value as R);
    else this.#errors.push(settled.error);
  }

  room(): number {
    const { readAhead, taken } = this.#plan;
    return readAhead === undefined ? Number.POSITIVE_INFINITY : readAhead - (taken() - this.#seen);
  }

  end(total: number, failure?: { readonly error: unknown }): void {
    if (this.#over) return;
    this.#ends.fail(failure === undefined ? new NoMatchError(total, this.#errors) : failure.error);
  }

  #count(done: number, failed: number): void {
    this.#seen += done;
    this.#plan.tally(done, failed);
  }

  #look(value: R): void {
    if (this.#over) return;
    try {
      if (!this.#predicate(value)) return;
      this.#over = true;
      this.#ends.found(value);
    } catch (error) {
      this.#over = true;
      this.#ends.fail(error);
    }
  }
}
