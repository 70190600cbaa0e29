import { nextBatchSize, updateMean, worthwhileMs } from './batching.ts';

/** Milliseconds a task took, by function: the next call need not learn it again. */
const learned = new WeakMap<object, number>();

/** How long the tasks of a call take, and so how many the next batch has. */
export class Pace {
  /** Milliseconds a task takes; undefined while nobody knows. */
  meanMs: number | undefined;
  #fn: object | undefined;
  #largest = 0;
  readonly #since = performance.now();

  /** So many tasks leave, or wait for it, the first of them for `fn`. */
  leaves(fn: object, length: number): void {
    if (this.#fn === undefined) {
      this.#fn = fn;
      this.meanMs = learned.get(fn);
    }
    this.#largest = Math.max(this.#largest, length);
  }

  /** Tasks of a batch took so long, in the mean. */
  learn(batchMeanMs: number): void {
    this.meanMs = updateMean(this.meanMs, batchMeanMs);
  }

  /** Tasks of the next batch. `leastMs`: work that each batch is worth to the backend, however short the call was so far. */
  size(batchSize: number | 'auto', remaining: number | undefined, atOnce: number, leastMs: number): number {
    const { meanMs } = this;
    const batchMs = Math.max(leastMs, worthwhileMs(performance.now() - this.#since));
    return nextBatchSize({ batchSize, meanMs, largest: this.#largest, remaining, atOnce, batchMs });
  }

  /** What was learned is there for the next call. */
  keep(): void {
    if (this.#fn !== undefined && this.meanMs !== undefined) learned.set(this.#fn, this.meanMs);
  }
}
