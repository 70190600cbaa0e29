import type { Batch } from '@jobloom/backends';
import type { DispatchOptions } from './dispatch-options.ts';
import { errorOf, type Failed, replaceFailure, type Settled } from './failure.ts';
import { tellRetry } from './progress/batch-watch.ts';
import { judge } from './retry.ts';
import type { Task } from './task.ts';

/** Sends a task in a batch of its own. */
type Again = (task: Task<unknown>, index: number, attempt: number) => void;

/** Tasks of a call that did not succeed: each waits to be run again, or something takes its place. */
export class Retries {
  readonly #options: DispatchOptions;
  readonly #again: Again;
  readonly #waits = new Map<number, NodeJS.Timeout>();
  /** Workers that tasks cost which are run again. */
  readonly #losses = new Map<number, number>();

  constructor(options: DispatchOptions, again: Again) {
    this.#options = options;
    this.#again = again;
  }

  /** Tasks that wait to be run again. */
  get waiting(): number {
    return this.#waits.size;
  }

  /** It has cost a worker: it runs by itself, so that it shows which task does. */
  isSuspect(index: number): boolean {
    return (this.#losses.get(index) ?? 0) > 0;
  }

  /** What takes the place of a task that did not succeed; undefined: it will be run again, which it is not where the call was `stopped`. */
  settle(batch: Batch, position: number, outcome: Failed, stopped: boolean): Settled | undefined {
    const index = batch.firstIndex + position;
    const { attempt } = batch;
    const { retry, onFailure, caller, callId, backend } = this.#options;
    const task = batch.calls[position] as Task<unknown>;
    const losses = (this.#losses.get(index) ?? 0) + (outcome.status === 'lost' ? 1 : 0);
    try {
      const verdict = judge(retry, index, outcome, { attempts: attempt, losses });
      if (verdict.again && !stopped) {
        const { afterMs } = verdict;
        this.#losses.set(index, losses);
        tellRetry(callId, backend.name, index, attempt + 1, { afterMs, error: outcome.error });
        this.#wait(task, index, attempt + 1, afterMs);
        return undefined;
      }
      const failed = verdict.again ? outcome.error : verdict.error;
      const error = errorOf({ ...outcome, error: failed } as Failed, { index, attempt, task, caller });
      const gone = outcome.status === 'cancelled' || outcome.status === 'notStarted';
      return gone ? { error } : replaceFailure(error, index, onFailure);
    } catch (error) {
      return { error }; // what the caller's own retryIf, backoff or onFailure threw
    }
  }

  /** A task that waits does so no more. Gives whether it did. */
  cancel(index: number): boolean {
    clearTimeout(this.#waits.get(index));
    return this.#waits.delete(index);
  }

  /** Nothing waits any more. */
  stop(): void {
    for (const timer of this.#waits.values()) clearTimeout(timer);
    this.#waits.clear();
  }

  #wait(task: Task<unknown>, index: number, attempt: number, afterMs: number): void {
    const timer = setTimeout(() => {
      this.#waits.delete(index);
      this.#again(task, index, attempt);
    }, afterMs);
    this.#waits.set(index, timer);
  }
}
