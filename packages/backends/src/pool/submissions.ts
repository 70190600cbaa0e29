import type { Outcomes, SubmitOptions } from '../backend.ts';
import type { Batch } from '../batch.ts';
import { notStarted, stopped, timedOut, type WorkerExit, WorkerLostError } from '../errors.ts';
import type { OutcomeReader } from '../outcome-reader.ts';
import { GRACE_MS } from '../task/settings.ts';
import type { Watched } from './watch.ts';

/** A submitted batch and what is known of it. */
export interface Submission {
  readonly batch: Batch;
  readonly options: SubmitOptions;
  readonly reader: OutcomeReader;
  readonly resolve: (outcomes: Outcomes) => void;
  readonly reject: (error: unknown) => void;
}

/** How the worker of a task came to its end. */
export interface Loss {
  /** The worker's name. */
  readonly name: string;
  readonly exit: WorkerExit;
  /** Why it was ended for this task, if it was. */
  readonly doomed: Watched['why'] | undefined;
  /** The call of the task is over. */
  readonly dropped: boolean | undefined;
}

/** A worker whose tasks overlap says itself that one is over its time and goes on; so much later it is taken to be blocked. */
const BLOCKED_MS = 1_000;

/** Batches that a pool has, by unit, until each has all its outcomes. */
export class Submissions {
  readonly #open = new Map<number, Submission>();
  /** Signals that are listened to. */
  readonly #signals = new WeakSet<AbortSignal>();
  readonly #drop: (client: string) => void;

  /** @param drop hears of each call whose signal aborts while batches of it are here */
  constructor(drop: (client: string) => void) {
    this.#drop = drop;
  }

  add(unit: number, submission: Submission): void {
    this.#open.set(unit, submission);
    this.#listen(submission.options.signal);
  }

  get(unit: number): Submission | undefined {
    return this.#open.get(unit);
  }

  /** Tasks that no worker has had, and none will. */
  skip(unit: number, from: number, to: number): void {
    this.#open.get(unit)?.reader.fill(from, to, notStarted, 'cancelled', '');
    this.settle(unit);
  }

  /** The worker is gone that may have been on this task. */
  lose(unit: number, position: number, { name, exit, doomed, dropped }: Loss): void {
    const submission = this.#open.get(unit);
    if (submission === undefined || submission.reader.has(position)) return;
    const { reader, batch } = submission;
    const { firstIndex, settings, cancelled } = batch;
    const end = position + 1;
    if (doomed === 'timeout') reader.fill(position, end, timedOut(firstIndex, settings?.timeout), 'timeout', name);
    else if (doomed === 'cancelled' || dropped || cancelled.has(position))
      reader.fill(position, end, stopped, 'cancelled', name);
    else reader.fill(position, end, (at) => new WorkerLostError(firstIndex + at, exit, name), 'lost', name);
    this.settle(unit);
  }

  /** Gives the outcomes of a batch, once it has them all. */
  settle(unit: number): void {
    const submission = this.#open.get(unit);
    if (submission === undefined || !submission.reader.complete) return;
    submission.resolve(submission.reader.outcomes());
    this.#open.delete(unit);
  }

  /** An answer that cannot be read: the backend is of no use for this batch. */
  break(unit: number, error: unknown): void {
    this.#open.get(unit)?.reject(error);
    this.#open.delete(unit);
  }

  /** One abort listener a signal, however many batches and calls it stands for. */
  #listen(signal: AbortSignal): void {
    if (this.#signals.has(signal)) return;
    this.#signals.add(signal);
    const drop = (): void => {
      const clients = new Set<string>();
      for (const { options } of this.#open.values()) if (options.signal === signal) clients.add(options.callId);
      for (const client of clients) this.#drop(client);
    };
    signal.addEventListener('abort', drop, { once: true });
  }
}

/** Milliseconds that a task has to end before its worker is ended. */
export function patience({ batch, options: { graceMs = GRACE_MS } }: Submission): number {
  return batch.tasksPerWorker > 1 ? graceMs + BLOCKED_MS : graceMs;
}
