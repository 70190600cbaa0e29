import type { Outcome } from '@jobloom/backends';

/** The error of an outcome that is not 'done'; objects among errors get the task's index as `taskIndex`, not enumerable. */
export function errorOf(index: number, outcome: Exclude<Outcome, { status: 'done' }>): unknown {
  const { error } = outcome;
  if (typeof error !== 'object' || error === null) return error;
  try {
    Object.defineProperty(error, 'taskIndex', { value: index, configurable: true, writable: true });
  } catch {
    // frozen, or a proxy that was revoked: it comes as it is
  }
  return error;
}
