import type { OutcomeReader } from '../outcome-reader.ts';
import { LONGEST_MS } from '../task/settings.ts';

/** A task that must be over by a time. */
export interface Watched {
  readonly unit: number;
  /** Position of the task in its batch. */
  readonly position: number;
  readonly why: 'timeout' | 'cancelled';
}

interface Open {
  readonly watched: Watched;
  readonly ms: number;
  timer: NodeJS.Timeout | undefined;
  over: boolean;
}

/**
 * Parts of a task's time. One that took twice as long as it should does not count: this end stood still, and with it
 * perhaps all of the machine, whose other processes have not had their turn yet.
 */
const PARTS = 8;
/** Timers are not exact. */
const COARSE_MS = 10;

/** Waits for the end of tasks of one worker. */
export class Watch {
  readonly #isOn: (watched: Watched) => boolean;
  readonly #overdue: (watched: readonly Watched[]) => void;
  #open: Open[] = [];

  /** @param isOn whether the worker is on this task, as far as can be seen */
  constructor(isOn: (watched: Watched) => boolean, overdue: (watched: readonly Watched[]) => void) {
    this.#isOn = isOn;
    this.#overdue = overdue;
  }

  /** From now on this task is waited for, for so long. */
  start(watched: Watched, ms: number): void {
    this.#close(({ unit, position }) => unit === watched.unit && position === watched.position);
    const open: Open = { watched, ms, timer: undefined, over: false };
    this.#open.push(open);
    this.#wait(open, PARTS, PARTS);
  }

  /** @param stalls parts that may still be found not to count */
  #wait(open: Open, parts: number, stalls: number): void {
    const partMs = Math.min(open.ms, LONGEST_MS) / PARTS;
    const since = performance.now();
    open.timer = setTimeout(() => {
      const stalled = stalls > 0 && performance.now() - since > 2 * partMs + COARSE_MS;
      if (stalled) this.#wait(open, parts, stalls - 1);
      else if (parts > 1) this.#wait(open, parts - 1, stalls);
      else this.#look(open);
    }, partMs).unref();
  }

  /** There are outcomes of this unit. */
  seen(unit: number, outcomes: OutcomeReader): void {
    if (this.#open.length === 0) return;
    this.#close((watched) => watched.unit === unit && outcomes.has(watched.position));
    this.#judge();
  }

  /** Nothing of this unit is waited for any more. */
  ended(unit: number): void {
    if (this.#open.length > 0) this.#close((watched) => watched.unit === unit);
  }

  stop(): void {
    this.#close(() => true);
  }

  #close(which: (watched: Watched) => boolean): void {
    this.#open = this.#open.filter(({ watched, timer }) => {
      if (!which(watched)) return true;
      clearTimeout(timer);
      return false;
    });
  }

  /** This end may have been busy: only what is still silent after all that has arrived was read is overdue. */
  #look(open: Open): void {
    setImmediate(() =>
      setImmediate(() => {
        open.over = true;
        this.#judge();
      }),
    );
  }

  /** A worker that says nothing cannot start tasks either: the one that keeps it busy is at latest the last that started, whose time is waited for too. */
  #judge(): void {
    if (!this.#open.some(({ over }) => over)) return;
    const on = this.#open.filter(({ watched }) => this.#isOn(watched));
    const waits = new Set(on.filter(({ over }) => !over).map(({ ms }) => ms));
    const ended = on.filter(({ over, ms }) => over && !waits.has(ms));
    if (ended.length > 0) this.#overdue(ended.map(({ watched }) => watched));
  }
}
