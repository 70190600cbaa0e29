/**
 * How long a peer has been silent, as far as the listener was listening. A listener that was stopped, or busy, or on
 * a machine that was suspended, has not listened: each look adds one interval at most, however long ago the last was.
 */
export class Silence {
  readonly #everyMs: number;
  #silentMs = 0;
  #lookedAt: number;

  constructor(everyMs: number, now: number) {
    this.#everyMs = everyMs;
    this.#lookedAt = now;
  }

  heard(): void {
    this.#silentMs = 0;
  }

  /** To be called after a poll of the sockets, at each interval. Gives the milliseconds of silence. */
  look(now: number): number {
    this.#silentMs += Math.min(now - this.#lookedAt, this.#everyMs * LATE);
    this.#lookedAt = now;
    return this.#silentMs;
  }
}

/** Timers of a thread that has little to do come a bit late. */
const LATE = 1.25;
