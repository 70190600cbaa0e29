import type { AnyFunction, Call } from '@jobloom/backends';
import { JobloomError } from '@jobloom/codec';

const TASK = Symbol.for('jobloom.task');

/** A call put off: `fn(...args)`, not run yet. Made by `delayed`. */
export class Task<R> implements Call {
  readonly fn: AnyFunction;
  readonly args: readonly unknown[];
  /** Only in types: what awaiting the call gives. */
  declare readonly resultType?: R;

  constructor(fn: AnyFunction, args: readonly unknown[]) {
    this.fn = fn;
    this.args = args;
  }
}
Object.defineProperty(Task.prototype, TASK, { value: true });

/** True for tasks of any copy of this package. */
export function isTask(value: unknown): value is Task<unknown> {
  return typeof value === 'object' && value !== null && (value as { [TASK]?: boolean })[TASK] === true;
}

/** The results of tasks, each in its place: a tuple of tasks gives a tuple. */
export type Results<T extends readonly unknown[]> = {
  -readonly [K in keyof T]: T[K] extends Task<infer R> ? R : never;
};

/** What was given is no task, or nothing a task can be made of. */
export class NotATaskError extends JobloomError {
  constructor(message: string) {
    super('ERR_NOT_A_TASK', message);
  }
}

/** For messages: what a value is, and a short look at it. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') return `the function ${value.name || '(anonymous)'}`;
  if (typeof value === 'object') {
    const name = (value as { constructor?: { name?: string } }).constructor?.name;
    return typeof (value as { then?: unknown }).then === 'function'
      ? `a promise (${name ?? 'thenable'})`
      : `an object of class ${name ?? '(none)'}`;
  }
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return `the ${typeof value} ${text.length > 40 ? `${text.slice(0, 40)}…` : text}`;
}
