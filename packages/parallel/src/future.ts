import { CancelledError } from '@jobloom/backends';
import type { Dispatch } from './dispatch.ts';
import type { Sink } from './sink.ts';
import type { Tally } from './sinks.ts';
import type { Source } from './source.ts';
import type { Task } from './task.ts';

/**
 * A handle on one submitted task. Awaiting it gives the result or throws the failure; it composes
 * with `Promise.all` and the like. A failure that nobody asks for raises nothing.
 */
export class TaskFuture<R> implements PromiseLike<R> {
  /** @internal */
  readonly task: Task<R>;
  #status: 'pending' | 'done' | 'failed' = 'pending';
  /** The result, or the failure. */
  #outcome: unknown;
  /** Where it was sent from, and which of those it is. */
  #source: FutureSource | undefined;
  #index = 0;
  #promise: Promise<R> | undefined;
  #listeners: (() => void)[] | undefined;

  /** @internal */
  constructor(task: Task<R>) {
    this.task = task;
  }

  /** True once there is a result or a failure. */
  get done(): boolean {
    return this.#status !== 'pending';
  }

  /** The result, once it is there. @throws the task's failure, or a TypeError while it is not done */
  get result(): R {
    if (this.#status === 'pending')
      throw new TypeError('the task is not done yet: await the future, or look at done first');
    if (this.#status === 'failed') throw this.#outcome;
    return this.#outcome as R;
  }

  /** The result, as a promise. */
  get(): Promise<R> {
    if (this.#promise === undefined) {
      if (this.#status === 'done') this.#promise = Promise.resolve(this.#outcome as R);
      else if (this.#status === 'failed') this.#promise = Promise.reject(this.#outcome);
      else
        this.#promise = new Promise((resolve, reject) => {
          this.#listen(() => (this.#status === 'failed' ? reject(this.#outcome) : resolve(this.#outcome as R)));
        });
    }
    return this.#promise;
  }

  // biome-ignore lint/suspicious/noThenProperty: a future is awaited
  then<A = R, B = never>(
    onDone?: ((value: R) => A | PromiseLike<A>) | null,
    onFailed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.get().then(onDone, onFailed);
  }

  /** Calls `listener` with this future once it is done; at once, in a microtask, when it is already. */
  onDone(listener: (future: this) => void): void {
    if (this.done) queueMicrotask(() => listener(this));
    else this.#listen(() => listener(this));
  }

  /**
   * Takes the task back: it never starts, or, where it runs, its signal is aborted and it has `graceMs` from then
   * before its worker is replaced. The future fails with CancelledError at once.
   * Returns false when it was done already.
   */
  cancel(): boolean {
    if (this.done) return false;
    this.fail(new CancelledError('the task was cancelled'));
    this.#source?.dispatch?.cancel(this.#index);
    return true;
  }

  /** @internal The task leaves now, as the nth of its source; false when it was cancelled before. */
  send(source: FutureSource, index: number): boolean {
    this.#source = source;
    this.#index = index;
    return this.#status === 'pending';
  }

  /** @internal */
  fulfil(value: unknown): void {
    this.#settle('done', value);
  }

  /** @internal */
  fail(error: unknown): void {
    this.#settle('failed', error);
  }

  #settle(status: 'done' | 'failed', outcome: unknown): void {
    if (this.done) return;
    this.#status = status;
    this.#outcome = outcome;
    const listeners = this.#listeners;
    if (listeners === undefined) return;
    this.#listeners = undefined;
    for (const listener of listeners) {
      try {
        listener();
      } catch (error) {
        queueMicrotask(() => {
          throw error; // the listener's own: nobody else's future is touched
        });
      }
    }
  }

  #listen(listener: () => void): void {
    if (this.#listeners === undefined) this.#listeners = [listener];
    else this.#listeners.push(listener);
  }
}

/** Submitted futures as the input of a call, and where their outcomes go. */
export class FutureSource implements Source {
  readonly #waiting: readonly TaskFuture<unknown>[];
  readonly #sent: TaskFuture<unknown>[] = [];
  /** Where they went. */
  dispatch: Dispatch | undefined;
  #at = 0;

  constructor(futures: readonly TaskFuture<unknown>[]) {
    this.#waiting = futures;
  }

  get remaining(): number {
    return this.#waiting.length - this.#at;
  }

  take(max: number): Task<unknown>[] {
    const taken: Task<unknown>[] = [];
    while (taken.length < max && this.#at < this.#waiting.length) {
      const future = this.#waiting[this.#at++] as TaskFuture<unknown>;
      if (!future.send(this, this.#sent.length)) continue; // cancelled while it waited
      this.#sent.push(future);
      taken.push(future.task);
    }
    return taken;
  }

  close(): void {
    this.#at = this.#waiting.length;
  }

  sink(tally: Tally): Sink {
    return {
      many: (first, values) => {
        tally(values.length, 0);
        for (let at = 0; at < values.length; at += 1) this.#sent[first + at]?.fulfil(values[at]);
      },
      one: (index, settled, failed) => {
        tally(1, failed ? 1 : 0);
        if ('error' in settled) this.#sent[index]?.fail(settled.error);
        else this.#sent[index]?.fulfil(settled.value);
      },
      room: () => Number.POSITIVE_INFINITY,
      end: (_total, failure) => {
        if (failure !== undefined) this.failAll(failure.error);
        else if (!this.#waiting.every(({ done }) => done))
          this.failAll(new CancelledError('the runner was closed before the task started'));
      },
    };
  }

  /** Those without an outcome get this failure. */
  failAll(error: unknown): void {
    this.close();
    for (const future of this.#waiting) future.fail(error);
  }
}
