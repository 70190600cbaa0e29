import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, unlinkSync } from 'node:fs';
import type { Layout } from './layout.ts';

const GOOD_FOR_MS = 30_000;

/**
 * The clock of the file system, which all hosts that share it see alike: times of files are compared with it
 * and never with a host's clock, which may be a day off. Read from a new file twice a minute at most, and
 * carried on by this process's monotonic clock.
 */
export class FileClock {
  readonly #layout: Layout;
  #offset = 0;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** Now, in ms since 1970. Throws what the file system throws. */
  now(): number {
    const monotonic = performance.now();
    if (monotonic - this.#readAt > GOOD_FOR_MS) {
      const path = `${this.#layout.tmp}/clock-${randomUUID()}`;
      const file = openSync(path, 'wx');
      try {
        this.#offset = fstatSync(file).mtimeMs - monotonic;
        this.#readAt = monotonic;
      } finally {
        closeSync(file);
        unlinkSync(path);
      }
    }
    return monotonic + this.#offset;
  }
}
