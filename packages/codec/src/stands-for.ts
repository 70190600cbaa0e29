import { types } from 'node:util';

/** Property of a function that only calls another one, a memoized function say: the one that counts in its place. */
export const STANDS_FOR: unique symbol = Symbol.for('jobloom.standsFor') as never;

/** The function in whose place this one counts; itself where it says nothing. */
export function counted(fn: object): object {
  let at = fn;
  for (const seen = new Set([at]); !types.isProxy(at); seen.add(at)) {
    const next: unknown = Object.getOwnPropertyDescriptor(at, STANDS_FOR)?.value;
    if (typeof next !== 'function' || seen.has(next)) break;
    at = next;
  }
  return at;
}
