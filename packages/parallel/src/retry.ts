import type { Outcome } from '@jobloom/backends';
import { JobloomError } from '@jobloom/codec';
import { describeError } from './failure.ts';

/** What a call says of tasks that did not succeed. */
export interface RetryPolicy {
  /** Times a task may be run again. */
  readonly retries: number;
  /** Milliseconds before a task is run again: a number for the first time, doubled each time after, or a function of the attempt that failed. */
  readonly backoff: number | ((attempt: number) => number);
  readonly retryIf: ((error: unknown, attempt: number) => boolean) | undefined;
  /** Running a task twice does no harm: lost ones are run again without being asked. */
  readonly idempotent: boolean;
}

/** What is known of a task that did not succeed yet. */
export interface Tries {
  /** Runs so far. */
  readonly attempts: number;
  /** Among them, those that cost their worker. */
  readonly losses: number;
}

/** A lost task that is idempotent is run again so many times, where no number of retries is given. */
const IDEMPOTENT_TRIES = 2;
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** A task took down every worker that it was given to: it is not given to another. */
export class PoisonTaskError extends JobloomError {
  /** Index of the task in the input. */
  readonly index: number;
  /** Workers that it cost. */
  readonly losses: number;

  constructor(index: number, losses: number, last: unknown) {
    super('ERR_POISON_TASK', `task ${index}: took down ${losses} workers in a row. The last: ${describeError(last)}`, {
      cause: last,
    });
    this.index = index;
    this.losses = losses;
  }
}

export type Verdict =
  | { readonly again: true; readonly afterMs: number }
  | { readonly again: false; readonly error: unknown };

/**
 * Whether a task that did not succeed is run again. Lost ones only where that was allowed, as they may have run;
 * cancelled ones, and what never left for a worker, never.
 * @throws what `retryIf` or `backoff` throw
 */
export function judge(
  policy: RetryPolicy,
  index: number,
  outcome: Outcome & { error: unknown },
  tries: Tries,
): Verdict {
  const { status, error, worker } = outcome;
  const { attempts, losses } = tries;
  if (status === 'cancelled' || status === 'notStarted' || worker === '') return { again: false, error };
  const { retries, idempotent, retryIf, backoff } = policy;
  const allowed = status === 'lost' && idempotent ? Math.max(retries, IDEMPOTENT_TRIES) : retries;
  if (attempts > allowed || (allowed > 0 && retryIf?.(error, attempts) === false)) {
    const poison = status === 'lost' && losses > 1 && losses === attempts;
    return { again: false, error: poison ? new PoisonTaskError(index, losses, error) : error };
  }
  const wait = typeof backoff === 'function' ? backoff(attempts) : backoff * 2 ** (attempts - 1);
  return { again: true, afterMs: Math.min(LONGEST_WAIT_MS, Math.max(0, Number(wait) || 0)) };
}
