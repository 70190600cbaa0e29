import {
  type Backend,
  Batch,
  batchesAhead,
  type CallScope,
  type ConsoleLine,
  type Outcome,
  type Outcomes,
} from '@jobloom/backends';
import { nextBatchSize, updateMean, worthwhileMs } from './batching.ts';
import { errorOf, type OnFailure, replaceFailure, type Settled } from './failure.ts';
import { checkOutcomes, unusable } from './outcomes.ts';
import { tellRetry, watchBatch } from './progress/batch-watch.ts';
import { judge, type RetryPolicy } from './retry.ts';
import type { Source } from './source.ts';
import type { Stats } from './stats.ts';
import type { Task } from './task.ts';

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

export interface DispatchOptions {
  readonly backend: Backend;
  readonly nJobs: number;
  /** Tasks that may be under way at once in one worker. */
  readonly perWorker: number;
  readonly batchSize: number | 'auto';
  readonly retry: RetryPolicy;
  readonly onFailure: OnFailure;
  readonly graceMs: number;
  readonly onConsole: ((index: number, line: ConsoleLine) => void) | undefined;
  readonly stats: Stats;
  /** Made where the tasks were given. */
  readonly caller: { readonly stack?: string } | undefined;
  /** Largest batch that the read-ahead allows. */
  readonly maxBatch: number;
  readonly scope: CallScope;
  readonly callId: string;
  /** Aborted when the call stops early. */
  readonly abort: AbortController;
  /** Hears when nothing of the call is left, in any case. */
  readonly onDrained: () => void;
}

/** More than two batches a job are under way only while their arguments take less. */
const AHEAD_BYTES = 4 * 1024 * 1024;

/** Milliseconds a task took, by function: the next call need not learn it again. */
const learned = new WeakMap<object, number>();

/** The way of tasks from the input to the backend and of outcomes to the sink, for one call. */
export class Dispatch {
  readonly #source: Source;
  readonly #sink: Sink;
  #options: DispatchOptions;
  #inFlight = 0;
  /** Tasks without an outcome in batches that the backend has, and those that wait to be run again. */
  #tasks = 0;
  #taken = 0;
  #largest = 0;
  /** Bytes that arguments of batches take which the backend has. */
  #bytes = 0;
  #meanMs: number | undefined;
  #firstFn: object | undefined;
  #waiting = false;
  #pumping = false;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  readonly #since = performance.now();
  #drained = false;
  #stopped = false;
  #reason: { readonly error: unknown } | undefined;
  /** Batches that the backend has, with the bytes that their arguments take. */
  readonly #batches = new Map<Batch, number>();
  /** Tasks that wait to be run again. */
  readonly #waits = new Map<number, NodeJS.Timeout>();
  /** Of tasks that failed and are run again: workers that they cost. */
  readonly #losses = new Map<number, number>();

  constructor(source: Source, sink: Sink, options: DispatchOptions) {
    this.#source = source;
    this.#sink = sink;
    this.#options = options;
  }

  /** Tasks taken from the input so far. */
  get taken(): number {
    return this.#taken;
  }

  /** Everything that the input had was taken. */
  get complete(): boolean {
    return this.#ended && !this.#stopped && this.#failure === undefined;
  }

  /** Why it was stopped, where a reason was given. */
  get reason(): { readonly error: unknown } | undefined {
    return this.#reason;
  }

  /** Takes and sends as much as there is room for. Call it whenever there may be more room. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (!this.#ended && !this.#waiting && this.#hasRoom()) {
        const size = Math.min(this.#size(), this.#sink.room());
        if (size < 1) break;
        this.#take(size);
      }
    } finally {
      this.#pumping = false;
    }
    if (this.#ended && this.#inFlight === 0 && !this.#waiting) this.#drain();
  }

  /** Two batches a job, and more where that is less than twice what may be under way, or than what hides a slow channel. */
  #hasRoom(): boolean {
    const { nJobs, perWorker, batchSize, backend } = this.#options;
    if (this.#inFlight < 2 * nJobs) return true;
    if (perWorker > 1) return this.#tasks < 2 * nJobs * perWorker;
    if (batchSize === 'auto' || this.#meanMs === undefined || this.#bytes >= AHEAD_BYTES) return false;
    return this.#inFlight < nJobs * batchesAhead(this.#meanMs * batchSize, backend.capabilities.aheadMs);
  }

  /** Takes nothing more; what has not started never starts. */
  stop(reason?: unknown): void {
    if (!this.#ended) {
      this.#ended = true;
      this.#source.close();
      if (reason !== undefined) this.#failure ??= { error: reason };
    }
    this.#stopped = true;
    if (reason !== undefined) this.#reason ??= { error: reason };
    for (const timer of this.#waits.values()) clearTimeout(timer);
    this.#inFlight -= this.#waits.size;
    this.#tasks -= this.#waits.size;
    this.#waits.clear();
    if (this.#inFlight > 0) this.#options.abort.abort(reason);
    this.pump();
  }

  /** From now on so many tasks at once. */
  resize(nJobs: number): void {
    this.#options = { ...this.#options, nJobs };
    this.pump();
  }

  /** Takes one task back, wherever it is. */
  cancel(index: number): void {
    for (const batch of this.#batches.keys()) {
      const position = index - batch.firstIndex;
      if (position >= 0 && position < batch.length) batch.cancel(position);
    }
    const timer = this.#waits.get(index);
    if (timer === undefined) return;
    clearTimeout(timer);
    this.#waits.delete(index);
    this.#inFlight -= 1;
    this.#tasks -= 1;
    this.pump();
  }

  #size(): number {
    const { batchSize, maxBatch, nJobs, perWorker, backend } = this.#options;
    const { remaining } = this.#source;
    const batchMs = Math.max(backend.capabilities.batchMs ?? 0, worthwhileMs(performance.now() - this.#since));
    const [meanMs, largest, atOnce] = [this.#meanMs, this.#largest, nJobs * perWorker];
    const size = nextBatchSize({ batchSize, meanMs, largest, remaining, atOnce, batchMs });
    return Math.min(size, maxBatch);
  }

  #take(size: number): void {
    let got: Task<unknown>[] | Promise<Task<unknown>[]>;
    try {
      got = this.#source.take(size);
    } catch (error) {
      this.#broken(error);
      return;
    }
    if (Array.isArray(got)) {
      this.#send(got);
      return;
    }
    this.#waiting = true;
    const resume = (act: () => void): void => {
      this.#waiting = false;
      act();
      this.pump();
    };
    got.then(
      (tasks) => resume(() => this.#send(tasks)),
      (error) => resume(() => this.#broken(error)),
    );
  }

  #broken(error: unknown): void {
    this.#ended = true;
    this.#failure ??= { error };
  }

  #send(tasks: readonly Task<unknown>[]): void {
    const { length } = tasks;
    if (length === 0) {
      this.#ended = true;
      return;
    }
    if (this.#ended) return; // stopped while the input was waited for
    const first = this.#taken;
    this.#taken += length;
    if (first === 0) {
      this.#firstFn = (tasks[0] as Task<unknown>).fn;
      this.#meanMs = learned.get(this.#firstFn);
    }
    this.#largest = Math.max(this.#largest, length);
    this.#inFlight += 1;
    this.#tasks += length;
    this.#submit(tasks, first, 1);
  }

  #submit(tasks: readonly Task<unknown>[], first: number, attempt: number): void {
    const { abort, backend, callId, nJobs, perWorker, scope, graceMs, stats } = this.#options;
    const { remaining } = this.#source;
    const batch = new Batch(scope, tasks, {
      firstIndex: first,
      attempt,
      alone: (this.#losses.get(first) ?? 0) > 0,
      ...(this.#meanMs !== undefined && { expectedMs: this.#meanMs * tasks.length }),
      ...(remaining !== undefined && { remaining }),
    });
    this.#batches.set(batch, 0);
    const sent = performance.now();
    let early: Set<number> | undefined;
    const onOutcome = (index: number, outcome: Outcome): void => {
      early ??= new Set();
      if (early.has(index) || !(index >= 0 && index < tasks.length)) return;
      early.add(index);
      this.#tasks -= 1;
      this.#one(batch, index, outcome);
      if (perWorker > 1) queueMicrotask(() => this.pump()); // others of its batch may take long
    };
    const onConsole =
      this.#options.onConsole && ((index: number, line: ConsoleLine) => this.#options.onConsole?.(first + index, line));
    const submit = (): Promise<Outcomes> => {
      const refusal = backend.capabilities.isolated ? batch.refusal() : undefined;
      if (refusal !== undefined) return Promise.resolve(refusal);
      return backend.submit(batch, {
        signal: abort.signal,
        callId,
        nJobs,
        graceMs,
        onOutcome,
        ...(onConsole && { onConsole }),
      });
    };
    const returned = watchBatch(callId, backend.name, batch);
    const fail = (error: unknown): void => {
      returned?.({ error });
      this.#unusable(batch, error, early);
    };
    const settle = (outcomes: Outcomes): void => {
      try {
        checkOutcomes(outcomes, batch.length, backend.name);
      } catch (error) {
        return fail(error);
      }
      stats.batch(outcomes, performance.now() - sent);
      returned?.(outcomes);
      this.#settled(batch, outcomes, early);
    };
    try {
      Promise.resolve(submit()).then(settle, fail);
      this.#bytes += batch.packedBytes;
      this.#batches.set(batch, batch.packedBytes);
    } catch (error) {
      queueMicrotask(() => fail(error)); // a backend of somebody's that throws at once
    }
  }

  #settled(batch: Batch, outcomes: Outcomes, early: Set<number> | undefined): void {
    const { firstIndex } = batch;
    this.#returned(batch, early);
    if (outcomes.all === 'done') {
      this.#meanMs = updateMean(this.#meanMs, outcomes.timing.ms);
      if (early === undefined) this.#sink.many(firstIndex, outcomes.values);
      else
        this.#rest(batch, early, (index) => ({
          status: 'done',
          value: outcomes.values[index],
          timing: outcomes.timing,
          worker: outcomes.worker,
        }));
    } else {
      this.#rest(batch, early, (index) => outcomes.each[index] as Outcome);
    }
    this.pump();
  }

  #returned(batch: Batch, early: Set<number> | undefined): void {
    this.#inFlight -= 1;
    this.#tasks -= batch.length - (early?.size ?? 0);
    this.#bytes -= this.#batches.get(batch) ?? 0;
    this.#batches.delete(batch);
    batch.release();
  }

  #unusable(batch: Batch, error: unknown, early: Set<number> | undefined): void {
    this.#returned(batch, early);
    const why = unusable(this.#options.backend.name, error);
    this.#rest(batch, early, () => ({ status: 'notStarted', error: why, timing: { ms: 0 }, worker: '' }));
    this.#failure ??= { error: why };
    this.stop(why);
  }

  #rest(batch: Batch, early: Set<number> | undefined, outcome: (index: number) => Outcome): void {
    for (let index = 0; index < batch.length; index += 1) {
      if (!early?.has(index)) this.#one(batch, index, outcome(index));
    }
  }

  #one(batch: Batch, position: number, outcome: Outcome): void {
    const index = batch.firstIndex + position;
    if (outcome.status === 'done') {
      this.#sink.one(index, { value: outcome.value }, false);
      return;
    }
    const task = batch.calls[position] as Task<unknown>;
    const { attempt } = batch;
    const { retry, onFailure, caller } = this.#options;
    const losses = (this.#losses.get(index) ?? 0) + (outcome.status === 'lost' ? 1 : 0);
    try {
      const verdict = judge(retry, index, outcome, { attempts: attempt, losses });
      if (verdict.again && !this.#stopped) {
        this.#losses.set(index, losses);
        const { callId, backend } = this.#options;
        const { afterMs } = verdict;
        tellRetry(callId, backend.name, index, attempt + 1, { afterMs, error: outcome.error });
        this.#again(task, index, attempt + 1, afterMs);
        return;
      }
      const failed = verdict.again ? outcome.error : verdict.error;
      const error = errorOf({ ...outcome, error: failed } as typeof outcome, { index, attempt, task, caller });
      const gone = outcome.status === 'cancelled' || outcome.status === 'notStarted';
      this.#sink.one(index, gone ? { error } : replaceFailure(error, index, onFailure), true);
    } catch (error) {
      this.#sink.one(index, { error }, true); // what the caller's own retryIf, backoff or onFailure threw
    }
  }

  /** Runs a task again, in a batch of its own, after a while; one that was lost by itself, so that it shows which task costs its worker. */
  #again(task: Task<unknown>, index: number, attempt: number, afterMs: number): void {
    this.#inFlight += 1;
    this.#tasks += 1;
    const timer = setTimeout(() => {
      this.#waits.delete(index);
      this.#submit([task], index, attempt);
    }, afterMs);
    this.#waits.set(index, timer);
  }

  #drain(): void {
    if (this.#drained) return;
    this.#drained = true;
    if (this.#firstFn !== undefined && this.#meanMs !== undefined) learned.set(this.#firstFn, this.#meanMs);
    this.#sink.end(this.#taken, this.#failure);
    this.#options.onDrained();
  }
}
