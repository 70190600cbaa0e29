import type { Keeper } from './keeper.ts';

/** What an attendance asks and tells. */
export interface AttendanceEvents {
  isEnough(): boolean;
  /** The time is over, and there are not enough. */
  missed(): void;
  /** There are enough, and the others have had their time to come too. */
  settled(): void;
}

interface Reader {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Once there are enough, the others have so many milliseconds to come too, before work is divided. */
const SETTLE_MS = 2_000;

/** Times how long daemons are waited for, and has those who wait. */
export class Attendance {
  readonly #waitMs: number;
  readonly #keeper: Keeper;
  readonly #events: AttendanceEvents;
  #late = false;
  #settled = false;
  #clock: NodeJS.Timeout | undefined;
  #settling: NodeJS.Timeout | undefined;
  #readers: Reader[] = [];

  /** @param keeper keeps the program alive while somebody waits: the timers here do not */
  constructor(waitMs: number, keeper: Keeper, events: AttendanceEvents) {
    this.#waitMs = waitMs;
    this.#keeper = keeper;
    this.#events = events;
  }

  /** Nobody was found in time: who asks now is told so at once. */
  get late(): boolean {
    return this.#late;
  }

  /** There were enough, and the others have had their time. */
  get settled(): boolean {
    return this.#settled;
  }

  /** There are not enough: their time runs. */
  wait(): void {
    if (this.#late || this.#clock !== undefined) return;
    this.#clock = setTimeout(() => {
      this.#clock = undefined;
      if (this.#events.isEnough()) return;
      this.#late = true;
      this.#events.missed();
    }, this.#waitMs).unref();
  }

  /** There are enough: the time of the others runs. */
  suffice(): void {
    this.#late = false;
    clearTimeout(this.#clock);
    this.#clock = undefined;
    this.#settling ??= setTimeout(() => {
      this.#settled = true;
      this.#events.settled();
    }, SETTLE_MS).unref();
  }

  /** Settles with the next `admit` or `refuse`. */
  join(): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const reader = { resolve, reject };
      this.#readers.push(reader);
      this.#keeper.keep(reader);
    });
  }

  admit(): void {
    for (const { resolve } of this.#take()) resolve();
  }

  refuse(error: Error): void {
    for (const { reject } of this.#take()) reject(error);
  }

  stop(): void {
    clearTimeout(this.#clock);
    clearTimeout(this.#settling);
  }

  #take(): readonly Reader[] {
    const readers = this.#readers.splice(0);
    for (const reader of readers) this.#keeper.release(reader);
    return readers;
  }
}
