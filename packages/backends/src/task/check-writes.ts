import { inspect } from 'node:util';
import { keptViews, refreshElsewhere } from '@jobloom/codec';
import { isMarked } from '../bulk/moved.ts';
import { Shared } from '../bulk/shared.ts';
import { SharedWriteError } from '../errors.ts';
import { type Change, GONE, Snapshot } from './snapshot.ts';
import { isThenable } from './time-limit.ts';

/** Calls a task's function. */
export type Guard = (fn: (...args: never[]) => unknown, args: readonly unknown[]) => unknown;

export interface GuardOptions {
  /** Bytes from which on buffers in arguments are one for all tasks that take them. */
  readonly from: number;
  /** Index in the input of the task that is about to be called. */
  readonly index: () => number;
  /** Tasks have the caller's own objects. */
  readonly inPlace: boolean;
}

/**
 * Calls functions so that a task fails which writes to what other tasks see: variables that its function captured and
 * all that is in them, shared values, and large buffers in arguments. What it does to its other arguments is its own affair.
 */
export function writeGuard({ from, index, inPlace }: GuardOptions): Guard {
  return (fn, args) => {
    refreshElsewhere();
    const task = index();
    const before = new Snapshot([[fn, 'task'], ...argumentRoots(args, (buffer) => isCommon(buffer, from, inPlace))]);
    const check = (value: unknown): unknown => {
      const change = before.change();
      if (change !== undefined) throw new SharedWriteError(task, change.trail, worded(change));
      return value;
    };
    const value: unknown = Reflect.apply(fn, undefined, args);
    return isThenable(value) ? Promise.resolve(value).then(check) : check(value);
  };
}

function isCommon(buffer: ArrayBufferLike, from: number, inPlace: boolean): boolean {
  if (buffer instanceof SharedArrayBuffer) return false; // the caller's own, for writing: `share` is looked at as such
  return inPlace ? buffer.byteLength >= from && !isMarked(buffer) : keptViews(buffer) !== undefined;
}

/** In arguments, only what tasks have in common. */
function argumentRoots(
  args: readonly unknown[],
  isCommonBuffer: (buffer: ArrayBufferLike) => boolean,
): [unknown, string][] {
  const roots: [unknown, string][] = [];
  const seen = new Set<object>();
  const look = (value: unknown, trail: string, depth: number): void => {
    if (typeof value !== 'object' || value === null || seen.has(value) || depth > DEEPEST) return;
    seen.add(value);
    if (value instanceof Shared) roots.push([value, trail]);
    else if (ArrayBuffer.isView(value)) {
      if (isCommonBuffer(value.buffer)) roots.push([value, trail]);
    } else if (value instanceof ArrayBuffer) {
      if (isCommonBuffer(value)) roots.push([value, trail]);
    } else if (value instanceof Map)
      for (const [key, each] of value) look(each, `${trail}.get(${String(key)})`, depth + 1);
    else if (value instanceof Set) for (const each of value) look(each, `${trail} member`, depth + 1);
    else if (Array.isArray(value)) for (const [at, each] of value.entries()) look(each, `${trail}[${at}]`, depth + 1);
    else for (const [key, each] of Object.entries(value)) look(each, `${trail}.${key}`, depth + 1);
  };
  for (const [at, each] of args.entries()) look(each, `argument ${at}`, 0);
  return roots;
}

const DEEPEST = 100;

function worded({ was, is }: Change): string {
  if (was === GONE) return `is new: ${short(is)}`;
  return is === GONE ? `was ${short(was)} and is gone` : `was ${short(was)} and is ${short(is)}`;
}

function short(value: unknown): string {
  const text = inspect(value, {
    depth: 0,
    breakLength: Number.POSITIVE_INFINITY,
    maxArrayLength: 3,
    maxStringLength: 40,
  });
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
