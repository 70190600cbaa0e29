import { type BackendUnusableError, Batch, batchesAhead, type Outcome, type Outcomes } from '@jobloom/backends';
import type { DispatchOptions } from './dispatch-options.ts';
import { Flight, type FlightEvents } from './flight.ts';
import { InFlight } from './in-flight.ts';
import { Pace } from './pace.ts';
import { Retries } from './retries.ts';
import type { Sink } from './sink.ts';
import type { Source } from './source.ts';
import type { Task } from './task.ts';

/** More than two batches a job are under way only while their arguments take less. */
const AHEAD_BYTES = 4 * 1024 * 1024;

/** The way of tasks from the input to the backend and of outcomes to the sink, for one call. */
export class Dispatch {
  readonly #source: Source;
  readonly #sink: Sink;
  #options: DispatchOptions;
  readonly #inFlight = new InFlight();
  readonly #retries: Retries;
  readonly #pace = new Pace();
  readonly #events: FlightEvents;
  #taken = 0;
  #waiting = false;
  #pumping = false;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #drained = false;
  #stopped = false;
  #reason: { readonly error: unknown } | undefined;

  constructor(source: Source, sink: Sink, options: DispatchOptions) {
    this.#source = source;
    this.#sink = sink;
    this.#options = options;
    this.#retries = new Retries(options, (task, index, attempt) => this.#submit([task], index, attempt));
    this.#events = {
      early: (batch, position, outcome) => this.#early(batch, position, outcome),
      landed: (flight, outcomes) => this.#landed(flight, outcomes),
      crashed: (flight, why) => this.#crashed(flight, why),
    };
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
    if (this.#ended && this.#underWay === 0 && !this.#waiting) this.#drain();
  }

  /** Two batches a job, and more where that is less than twice what may be under way, or than what hides a slow channel. */
  #hasRoom(): boolean {
    const { nJobs, perWorker, batchSize, backend } = this.#options;
    const underWay = this.#underWay;
    if (underWay < 2 * nJobs) return true;
    const { tasks, bytes } = this.#inFlight;
    if (perWorker > 1) return tasks + this.#retries.waiting < 2 * nJobs * perWorker;
    const { meanMs } = this.#pace;
    if (batchSize === 'auto' || meanMs === undefined || bytes >= AHEAD_BYTES) return false;
    return underWay < nJobs * batchesAhead(meanMs * batchSize, backend.capabilities.aheadMs);
  }

  /** Batches that the backend has, and tasks that wait to be run again. */
  get #underWay(): number {
    return this.#inFlight.size + this.#retries.waiting;
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
    this.#retries.stop();
    if (this.#inFlight.size > 0) this.#options.abort.abort(reason);
    this.pump();
  }

  /** From now on so many tasks at once. */
  resize(nJobs: number): void {
    this.#options = { ...this.#options, nJobs };
    this.pump();
  }

  /** Takes one task back, wherever it is. */
  cancel(index: number): void {
    this.#inFlight.cancel(index);
    if (this.#retries.cancel(index)) this.pump();
  }

  #size(): number {
    const { batchSize, maxBatch, nJobs, perWorker, backend } = this.#options;
    const leastMs = backend.capabilities.batchMs ?? 0;
    return Math.min(this.#pace.size(batchSize, this.#source.remaining, nJobs * perWorker, leastMs), maxBatch);
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
    this.#pace.leaves((tasks[0] as Task<unknown>).fn, length);
    this.#submit(tasks, first, 1);
  }

  #submit(tasks: readonly Task<unknown>[], first: number, attempt: number): void {
    const { remaining } = this.#source;
    const { meanMs } = this.#pace;
    const batch = new Batch(this.#options.scope, tasks, {
      firstIndex: first,
      attempt,
      alone: this.#retries.isSuspect(first),
      ...(meanMs !== undefined && { expectedMs: meanMs * tasks.length }),
      ...(remaining !== undefined && { remaining }),
    });
    this.#inFlight.add(batch);
    new Flight(batch, this.#options, this.#events).depart();
    this.#inFlight.packed(batch);
  }

  #early(batch: Batch, position: number, outcome: Outcome): void {
    this.#inFlight.tasks -= 1;
    this.#one(batch, position, outcome);
    if (this.#options.perWorker > 1) queueMicrotask(() => this.pump()); // others of its batch may take long
  }

  #landed(flight: Flight, outcomes: Outcomes): void {
    const { batch, early } = flight;
    this.#inFlight.remove(batch, early?.size ?? 0);
    if (outcomes.all === 'done') {
      const { values, timing, worker } = outcomes;
      this.#pace.learn(timing.ms);
      if (early === undefined) this.#sink.many(batch.firstIndex, values);
      else this.#rest(flight, (position) => ({ status: 'done', value: values[position], timing, worker }));
    } else {
      this.#rest(flight, (position) => outcomes.each[position] as Outcome);
    }
    this.pump();
  }

  #crashed(flight: Flight, why: BackendUnusableError): void {
    this.#inFlight.remove(flight.batch, flight.early?.size ?? 0);
    this.#rest(flight, () => ({ status: 'notStarted', error: why, timing: { ms: 0 }, worker: '' }));
    this.#failure ??= { error: why };
    this.stop(why);
  }

  /** The outcomes of tasks that had none yet. */
  #rest({ batch, early }: Flight, outcome: (position: number) => Outcome): void {
    for (let position = 0; position < batch.length; position += 1)
      if (!early?.has(position)) this.#one(batch, position, outcome(position));
  }

  #one(batch: Batch, position: number, outcome: Outcome): void {
    const index = batch.firstIndex + position;
    if (outcome.status === 'done') {
      this.#sink.one(index, { value: outcome.value }, false);
      return;
    }
    const settled = this.#retries.settle(batch, position, outcome, this.#stopped);
    if (settled !== undefined) this.#sink.one(index, settled, true);
  }

  #drain(): void {
    if (this.#drained) return;
    this.#drained = true;
    this.#pace.keep();
    this.#sink.end(this.#taken, this.#failure);
    this.#options.onDrained();
  }
}
