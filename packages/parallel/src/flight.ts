import type { BackendUnusableError, Batch, ConsoleLine, Outcome, Outcomes } from '@jobloom/backends';
import type { DispatchOptions } from './dispatch-options.ts';
import { checkOutcomes, unusable } from './outcomes.ts';
import { watchBatch } from './progress/batch-watch.ts';

/** What a call hears of its batches. */
export interface FlightEvents {
  /** A task has its outcome while others of its batch have none. */
  early(batch: Batch, position: number, outcome: Outcome): void;
  /** A batch is back, with outcomes that are what they must be. */
  landed(flight: Flight, outcomes: Outcomes): void;
  /** The backend cannot be used: nothing more comes of the batch. */
  crashed(flight: Flight, why: BackendUnusableError): void;
}

/** One batch on its way to the backend and back. */
export class Flight {
  readonly batch: Batch;
  readonly #options: DispatchOptions;
  readonly #events: FlightEvents;
  readonly #sent = performance.now();
  #early: Set<number> | undefined;
  #tellReturn: ReturnType<typeof watchBatch>;

  constructor(batch: Batch, options: DispatchOptions, events: FlightEvents) {
    this.batch = batch;
    this.#options = options;
    this.#events = events;
  }

  /** Tasks that had their outcome before the others. */
  get early(): ReadonlySet<number> | undefined {
    return this.#early;
  }

  depart(): void {
    const { callId, backend } = this.#options;
    this.#tellReturn = watchBatch(callId, backend.name, this.batch);
    const crash = (error: unknown): void => this.#crash(error);
    try {
      Promise.resolve(this.#submit()).then((outcomes) => this.#land(outcomes), crash);
    } catch (error) {
      queueMicrotask(() => crash(error)); // a backend of somebody's that throws at once
    }
  }

  #submit(): Promise<Outcomes> {
    const { abort, backend, callId, nJobs, graceMs, onConsole } = this.#options;
    const { batch } = this;
    const refusal = backend.capabilities.isolated ? batch.refusal() : undefined;
    if (refusal !== undefined) return Promise.resolve(refusal);
    return backend.submit(batch, {
      signal: abort.signal,
      callId,
      nJobs,
      graceMs,
      onOutcome: (position, outcome) => this.#one(position, outcome),
      ...(onConsole && { onConsole: (at: number, line: ConsoleLine) => onConsole(batch.firstIndex + at, line) }),
    });
  }

  #one(position: number, outcome: Outcome): void {
    this.#early ??= new Set();
    if (this.#early.has(position) || !(position >= 0 && position < this.batch.length)) return;
    this.#early.add(position);
    this.#events.early(this.batch, position, outcome);
  }

  #land(outcomes: Outcomes): void {
    const { backend, stats } = this.#options;
    try {
      checkOutcomes(outcomes, this.batch.length, backend.name);
    } catch (error) {
      this.#crash(error);
      return;
    }
    stats.batch(outcomes, performance.now() - this.#sent);
    this.#tellReturn?.(outcomes);
    this.#events.landed(this, outcomes);
  }

  #crash(error: unknown): void {
    this.#tellReturn?.({ error });
    this.#events.crashed(this, unusable(this.#options.backend.name, error));
  }
}
