import type { Settled } from './failure.ts';

/** Where outcomes go, each exactly once. */
export interface Sink {
  /** Results of consecutive tasks, all done. */
  many(first: number, values: ArrayLike<unknown>): void;
  /** One result, or the error that stands for it; `failed` also where something took the place of a failure. */
  one(index: number, settled: Settled, failed: boolean): void;
  /** So many more tasks may be taken from the input now. */
  room(): number;
  /** Everything that was taken has its outcome, and nothing more will be taken; `failure` when the input or the backend broke. */
  end(total: number, failure?: { readonly error: unknown }): void;
}
