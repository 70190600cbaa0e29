import type { ProgressEvent } from './progress-event.ts';

/** Milliseconds after which an old rate counts for little (1/e). */
const MEMORY_MS = 5000;

/** What is counted elsewhere. */
export interface Surroundings {
  readonly taken: number;
  readonly total: number | undefined;
  readonly workers: number;
}

/** Counts outcomes and tells how fast they come. No clock is in it: times are given, in milliseconds since the call began. */
export class Meter {
  #done = 0;
  #failed = 0;
  #rate = 0;
  #ratedAt = 0;
  #ratedDone = 0;

  add(done: number, failed: number, elapsedMs: number): void {
    this.#done += done;
    this.#failed += failed;
    const span = elapsedMs - this.#ratedAt;
    if (span <= 0) return; // counts with the next
    const now = ((this.#done - this.#ratedDone) / span) * 1000;
    // The mean of all at first, an exponentially weighted one later.
    const weight = Math.max(span / elapsedMs, 1 - Math.exp(-span / MEMORY_MS));
    this.#rate += weight * (now - this.#rate);
    this.#ratedAt = elapsedMs;
    this.#ratedDone = this.#done;
  }

  event({ taken, total, workers }: Surroundings, elapsedMs: number): ProgressEvent {
    const left = total === undefined ? undefined : Math.max(0, total - this.#done);
    return {
      done: this.#done,
      failed: this.#failed,
      underway: Math.max(0, taken - this.#done),
      total,
      rate: this.#rate,
      etaMs: left === 0 ? 0 : left === undefined || this.#rate === 0 ? undefined : (left / this.#rate) * 1000,
      workers,
      elapsedMs,
    };
  }
}
