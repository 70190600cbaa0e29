import type { AnyFunction } from '@jobloom/backends';
import { describe, NotATaskError, Task } from './task.ts';

/**
 * Puts a call off: `delayed(fn)(...args)` is a task that any runner takes. Nothing runs yet.
 * `fn` may be any function: closures travel with what they captured.
 *
 * @example
 * const tasks = [1, 2, 3].map((x) => delayed(square)(x));
 * @throws NotATaskError when `fn` is not a function
 */
export function delayed<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => Task<Awaited<R>> {
  if (typeof fn !== 'function') {
    throw new NotATaskError(
      `delayed needs a function to put off. Got ${describe(fn)}. Write delayed(fn)(...args), without calling fn.`,
    );
  }
  if (fn !== lastFn) {
    lastFn = fn;
    lastMaker = (...args) => new Task(fn as AnyFunction, args);
  }
  return lastMaker as (...args: A) => Task<Awaited<R>>;
}

/** A loop puts off one function again and again: it needs one maker only. */
let lastFn: AnyFunction | undefined;
let lastMaker: ((...args: unknown[]) => Task<unknown>) | undefined;
