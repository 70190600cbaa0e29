import { LONGEST_MS } from '../task/settings.ts';

/** A task that must be over by a time. */
export interface Watched {
  readonly unit: number;
  /** Position of the task in its batch. */
  readonly position: number;
  readonly why: 'timeout' | 'cancelled';
}

/** Waits for the end of one task of a worker. */
export class Watch {
  readonly #overdue: (watched: Watched) => void;
  #watched: Watched | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(overdue: (watched: Watched) => void) {
    this.#overdue = overdue;
  }

  /** From now on this task is waited for, and no other. */
  start(watched: Watched, ms: number): void {
    this.#watched = watched;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(watched), Math.min(ms, LONGEST_MS));
    this.#timer.unref();
  }

  /** Tasks of this unit before `position` are over. */
  seen(unit: number, position: number): void {
    if (this.#watched?.unit === unit && this.#watched.position < position) this.stop();
  }

  stop(): void {
    this.#watched = undefined;
    clearTimeout(this.#timer);
  }

  /** This end may have been busy: only what is still silent after all that has arrived was read is overdue. */
  #look(watched: Watched): void {
    setImmediate(() =>
      setImmediate(() => {
        if (this.#watched === watched) this.#overdue(watched);
      }),
    );
  }
}
