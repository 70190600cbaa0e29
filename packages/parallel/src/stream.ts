import type { CallPlan } from './calls.ts';
import type { Dispatch } from './dispatch.ts';
import type { Settled } from './failure.ts';
import type { Sink } from './sink.ts';

export interface StreamOptions {
  /** In the order of the tasks (the default), or as they finish. */
  readonly ordered?: boolean;
}

interface Waiter<R> {
  readonly resolve: (result: IteratorResult<R, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** Results of a call as an async generator that reads no further ahead than allowed. */
export class ResultStream<R> implements AsyncGenerator<R, undefined> {
  readonly #ordered: boolean;
  readonly #arrived = new Map<number, Settled>();
  readonly #waiters: Waiter<R>[] = [];
  #dispatch: Dispatch | undefined;
  #consumed = 0;
  #finished = 0;
  /** No outcome comes after so many; a failure is thrown after them. */
  #total: number | undefined;
  #failure: { readonly error: unknown } | undefined;
  #closed = false;
  /** It ends with a failure: what arrives now is too late. */
  #failed = false;

  constructor({ ordered = true }: StreamOptions) {
    this.#ordered = ordered;
  }

  /** Where the call's outcomes go. Without a bound, tasks are taken while about two batches a job wait to be consumed. */
  sink({ readAhead, atOnce, tally, taken }: CallPlan): Sink {
    let largest = 1;
    return {
      many: (first, values) => {
        largest = Math.max(largest, values.length);
        for (let at = 0; at < values.length; at += 1) this.#arrive(first + at, { value: values[at] });
        tally(values.length, 0);
        this.#serve();
      },
      one: (index, settled, failed) => {
        this.#arrive(index, settled);
        tally(1, failed ? 1 : 0);
        this.#serve();
      },
      room: () => (readAhead ?? 4 * atOnce * largest) - (taken() - this.#consumed),
      end: (total, failure) => {
        if (!this.#failed) this.#total = total;
        if (failure !== undefined) this.#failure ??= failure;
        this.#serve();
      },
    };
  }

  attach(dispatch: Dispatch): void {
    this.#dispatch = dispatch;
    if (this.#closed) dispatch.stop();
  }

  /** Ends the stream with an error, after nothing more. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#failed = true;
    this.#total = this.#consumed;
    this.#arrived.clear();
    this.#dispatch?.stop(error);
    this.#serve();
  }

  next(): Promise<IteratorResult<R, undefined>> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#serve();
    });
  }

  /** Leaves the stream: what has not started never starts. */
  async return(): Promise<IteratorResult<R, undefined>> {
    this.#close();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<R, undefined>> {
    this.#close();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
  }

  #arrive(index: number, arrived: Settled): void {
    if (this.#closed || this.#failed) return;
    this.#arrived.set(this.#ordered ? index : this.#finished, arrived);
    this.#finished += 1;
  }

  #serve(): void {
    let served = false;
    while (this.#waiters.length > 0) {
      const arrived = this.#arrived.get(this.#consumed);
      if (arrived === undefined && !this.#closed && (this.#total === undefined || this.#consumed < this.#total)) break;
      const waiter = this.#waiters.shift() as Waiter<R>;
      if (arrived === undefined) this.#finish(waiter);
      else this.#hand(waiter, arrived);
      served = true;
    }
    if (served) this.#dispatch?.pump();
  }

  #hand(waiter: Waiter<R>, arrived: Settled): void {
    this.#arrived.delete(this.#consumed);
    this.#consumed += 1;
    if ('value' in arrived) {
      waiter.resolve({ done: false, value: arrived.value as R });
      return;
    }
    this.#close();
    waiter.reject(arrived.error);
  }

  #finish(waiter: Waiter<R>): void {
    const failure = this.#closed ? undefined : this.#failure;
    this.#close();
    if (failure === undefined) waiter.resolve({ done: true, value: undefined });
    else waiter.reject(failure.error);
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#arrived.clear();
    this.#dispatch?.stop();
    this.#serve();
  }
}
