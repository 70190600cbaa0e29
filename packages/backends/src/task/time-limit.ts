import { TaskTimeoutError } from '../errors.ts';
import type { Running } from './running.ts';
import { GRACE_MS, LONGEST_MS, type TaskSettings } from './settings.ts';

/** Thrown in the place of what a task gave, or will give, after its time was over. */
export const TIMED_OUT: unique symbol = Symbol('timed out');

export interface TimeLimit {
  readonly settings: TaskSettings;
  readonly running: Running;
  /** Index in the input of position 0. */
  readonly first: number;
  /** Somebody ends this worker when a task does not come to its end: otherwise it is left to itself after the grace period. */
  readonly replaced: boolean;
  /** Hears that the task is left to itself. */
  readonly onLeft?: () => void;
}

/** The call under its time limit. Synchronous code cannot be stopped from here: its overrun shows when it returns. */
export function timeLimited(call: (index: number) => unknown, limit: TimeLimit): (index: number) => unknown {
  const timeout = limit.settings.timeout as number;
  return (index) => {
    const start = performance.now();
    const value = call(index);
    const left = timeout - (performance.now() - start);
    if (isThenable(value)) return inTime(value, left, index, limit);
    if (left < 0) throw TIMED_OUT;
    return value;
  };
}

function inTime(value: PromiseLike<unknown>, left: number, index: number, limit: TimeLimit): Promise<unknown> {
  const { running, settings, replaced, first, onLeft } = limit;
  return new Promise((resolve, reject) => {
    let over = false;
    let timer = setTimeout(
      () => {
        over = true;
        running.abort(new TaskTimeoutError(first + index, settings.timeout as number));
        const leave = (): void => {
          onLeft?.();
          reject(TIMED_OUT);
        };
        if (!replaced) timer = setTimeout(leave, Math.min(LONGEST_MS, settings.graceMs ?? GRACE_MS));
      },
      Math.min(LONGEST_MS, Math.max(0, left)),
    );
    const end = (settle: (value: unknown) => void) => (outcome: unknown) => {
      clearTimeout(timer);
      if (over) reject(TIMED_OUT);
      else settle(outcome);
    };
    value.then(end(resolve), end(reject));
  });
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value !== null &&
    (typeof value === 'object' || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}
