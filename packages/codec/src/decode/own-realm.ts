import { deserialize, serialize } from 'node:v8';
import { intrinsicAt, intrinsicPath } from '../intrinsics.ts';

let foreign: boolean | undefined;

/**
 * A value that V8's reader made, with the prototypes of this realm. V8 makes objects of the main realm, which are
 * `instanceof` nothing for code that a `vm` context runs; in the main realm this costs nothing.
 */
export function inOwnRealm<T>(value: T): T {
  foreign ??= Object.getPrototypeOf(deserialize(serialize([]))) !== Array.prototype;
  if (foreign) adopt(value, new Set());
  return value;
}

function adopt(value: unknown, seen: Set<object>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  const prototype: object | null = Object.getPrototypeOf(value);
  const path = prototype === null ? undefined : intrinsicPath(prototype);
  if (path !== undefined && Object.isExtensible(value)) Object.setPrototypeOf(value, intrinsicAt(path) as object);
  if (ArrayBuffer.isView(value)) return adopt(value.buffer, seen);
  if (value instanceof Map) for (const [key, item] of value) for (const each of [key, item]) adopt(each, seen);
  else if (value instanceof Set) for (const item of value) adopt(item, seen);
  for (const key of Object.keys(value)) adopt((value as Record<string, unknown>)[key], seen);
}
