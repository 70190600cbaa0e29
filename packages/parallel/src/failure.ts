import type { Outcome } from '@jobloom/backends';

/** The error of an outcome that is not 'done'; objects among errors get the task's index as `taskIndex`, not enumerable. */
export function errorOf(index: number, outcome: Exclude<Outcome, { status: 'done' }>): unknown {
  const { error } = outcome;
  if (typeof error === 'object' && error !== null && Object.isExtensible(error) && !Object.hasOwn(error, 'taskIndex')) {
    Object.defineProperty(error, 'taskIndex', { value: index, configurable: true, writable: true });
  }
  return error;
}
