import { inspect, types } from 'node:util';
import { UnserializableError } from './errors.ts';

const MAX_CAUSES = 8;

const copies = new WeakSet<object>();

/** Whether this stands for something thrown: it has the class of that, but not its private members. */
export function isFailureCopy(value: object): boolean {
  return copies.has(value);
}

function copyOf(prototype: object): Error {
  const copy = Object.setPrototypeOf(new Error(), prototype) as Error;
  copies.add(copy);
  return copy;
}

/**
 * A copy of what was thrown in which everything can travel: what cannot is replaced by a description,
 * a class that cannot by the nearest one above it that can.
 */
export function portableFailure(thrown: unknown, travels: (value: unknown) => boolean, depth = 0): unknown {
  if (travels(thrown)) return thrown;
  if (!(types.isNativeError(thrown) || isErrorOfNode(thrown)) || depth > MAX_CAUSES) return described(thrown);
  const copy = copyOf(nearestPrototype(thrown, travels));
  for (const key of Reflect.ownKeys(copy)) Reflect.deleteProperty(copy, key);
  for (const key of keysOf(thrown)) {
    if (typeof key === 'symbol' && !travels(key)) continue;
    const enumerable = Object.getOwnPropertyDescriptor(thrown, key)?.enumerable ?? false;
    const value = portableFailure(read(thrown, key), travels, depth + 1);
    Object.defineProperty(copy, key, { value, enumerable, writable: true, configurable: true });
  }
  if (copy.name !== thrown.name)
    Object.defineProperty(copy, 'name', { value: String(thrown.name), writable: true, configurable: true });
  return travels(copy) ? copy : described(thrown);
}

/** A DOMException, as aborted and timed out work throws: its name and message lie in the dark. */
function isErrorOfNode(thrown: unknown): thrown is Error {
  return thrown instanceof DOMException;
}

function keysOf(thrown: Error): (string | symbol)[] {
  if (!isErrorOfNode(thrown)) return Reflect.ownKeys(thrown);
  return ['stack', 'message', 'name', 'code', ...('cause' in thrown ? ['cause'] : [])];
}

function nearestPrototype(thrown: object, travels: (value: unknown) => boolean): object {
  for (let at: object | null = Object.getPrototypeOf(thrown); at !== null; at = Object.getPrototypeOf(at)) {
    if (at instanceof Error && travels(copyOf(at))) return at;
  }
  return Error.prototype;
}

function read(thrown: object, key: string | symbol): unknown {
  try {
    return (thrown as Record<string | symbol, unknown>)[key];
  } catch (error) {
    return error;
  }
}

/** Says in words what could not come. */
function described(value: unknown): string {
  try {
    return inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY }).slice(0, 1000);
  } catch {
    return `[${typeof value}]`;
  }
}

/** Last resort: an error about the error. */
export function unspeakable(thrown: unknown, trail: readonly string[], reason: unknown): Error {
  const why = reason instanceof UnserializableError ? reason.message : String(reason);
  return new Error(`${trail.join(' -> ')}: what was thrown cannot be sent: ${described(thrown)} (${why})`);
}
