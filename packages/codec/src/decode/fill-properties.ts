import { broken } from '../frame-error.ts';
import { Attribute, Integrity, Kind, NONE, NULL_PROTOTYPE, Properties } from '../layout.ts';
import type { NodeReader } from './node-reader.ts';

/** Fills what every object has at the end of its record: prototype, properties, and whether it can change. */
export function fillTail(reader: NodeReader, value: object, kind: number): void {
  const prototype = reader.next();
  if (kind !== Kind.object && prototype !== NONE)
    Object.setPrototypeOf(value, prototype === NULL_PROTOTYPE ? null : (reader.readInner(prototype) as object));
  const integrity = reader.next();
  fillProperties(reader, value);
  if (integrity === Integrity.frozen) Object.freeze(value);
  else if (integrity === Integrity.sealed) Object.seal(value);
  else if (integrity === Integrity.closed) Object.preventExtensions(value);
}

function fillProperties(reader: NodeReader, value: object): void {
  const form = reader.next();
  if (form === Properties.none) return;
  if (form === Properties.simple) {
    const shape = reader.shapes[reader.next()];
    if (!Array.isArray(shape)) throw broken('a shape is missing');
    for (const key of shape as readonly string[]) {
      const content = property(reader, key);
      if (key in value) define(value, key, content);
      else (value as Record<string, unknown>)[key] = content; // nothing inherited can be in the way
    }
    return;
  }
  for (let left = reader.count(); left > 0; left -= 1) fillFull(reader, value);
}

/** What an answer resolves to may not call anything. */
function property(reader: NodeReader, key: unknown): unknown {
  const content = reader.value();
  if (key === 'then' && typeof content === 'function') reader.refuseCode('a `then` method');
  return content;
}

function fillFull(reader: NodeReader, value: object): void {
  const key = reader.value();
  if (typeof key !== 'string' && typeof key !== 'symbol') throw broken('no key where one belongs');
  const bits = reader.next();
  const first = property(reader, key);
  defineFull(value, key, bits, first, (bits & Attribute.accessor) === 0 ? undefined : reader.value());
}

/** Defines a property with its attributes. */
export function defineFull(value: object, key: string | symbol, bits: number, first: unknown, second: unknown): void {
  const attributes = {
    enumerable: (bits & Attribute.enumerable) !== 0,
    configurable: (bits & Attribute.configurable) !== 0,
  };
  if ((bits & Attribute.accessor) !== 0)
    Object.defineProperty(value, key, { get: first as () => unknown, set: second as () => void, ...attributes });
  else Object.defineProperty(value, key, { value: first, writable: (bits & Attribute.writable) !== 0, ...attributes });
}

function define(value: object, key: string, content: unknown): void {
  Object.defineProperty(value, key, { value: content, writable: true, enumerable: true, configurable: true });
}
