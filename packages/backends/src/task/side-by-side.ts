import { AsyncLocalStorage } from 'node:async_hooks';
import { holder } from './current-task.ts';
import type { Running } from './running.ts';
import type { TaskSettings } from './settings.ts';
import { timeLimited } from './time-limit.ts';

export interface SideBySideOptions {
  readonly settings: TaskSettings;
  /** Index in the input of position 0. */
  readonly first: number;
  /** What the task at a position may know of itself. */
  readonly running: (position: number) => Running;
  readonly call: (position: number) => unknown;
  /** A task is about to start. */
  readonly onStart?: (position: number) => void;
  /** A task did not end in time and is left to itself. */
  readonly onLeft?: () => void;
}

interface UnderWay {
  readonly running: Running;
  readonly start: number;
}

/** Tasks that overlap: each sees itself as the one that runs, is held to its own time limit, and hears its own signal. */
export class SideBySide {
  readonly #options: SideBySideOptions;
  readonly #underWay = new Map<number, UnderWay>();

  constructor(options: SideBySideOptions) {
    this.#options = options;
  }

  call(position: number): unknown {
    const { settings, first, call, onStart, onLeft } = this.#options;
    const running = this.#options.running(position);
    this.#underWay.set(position, { running, start: performance.now() });
    holder.storage ??= new AsyncLocalStorage();
    const limit = { settings, running, first, replaced: false, ...(onLeft && { onLeft }) };
    const limited = settings.timeout === undefined ? call : timeLimited(call, limit);
    onStart?.(position);
    return holder.storage.run(running, limited, position);
  }

  /** The task is over, or never started. Gives the milliseconds that it took. */
  end(position: number): number {
    const task = this.#underWay.get(position);
    if (task === undefined) return 0;
    this.#underWay.delete(position);
    task.running.end();
    return performance.now() - task.start;
  }

  /** Aborts the signal of one task, or of all that are under way. */
  abort(reason: unknown, position?: number): void {
    for (const [at, { running }] of this.#underWay)
      if (position === undefined || at === position) running.abort(reason);
  }
}
