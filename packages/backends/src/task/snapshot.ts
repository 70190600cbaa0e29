import { types } from 'node:util';
import { capturedValues, isElsewhere } from '@jobloom/codec';
import { Shared } from '../bulk/shared.ts';

/** How an object is reached from the one that holds it. */
interface Way {
  readonly from: object | undefined;
  readonly step: string;
}

/** A value where it was found. */
type Found = readonly [value: unknown, step: string];

/** What an object holds: values by how they are reached, and bytes. */
interface Content {
  readonly values: ReadonlyMap<string, unknown>;
  readonly bytes?: Uint8Array;
}

export interface Change {
  /** The way to what was written. */
  readonly trail: readonly string[];
  readonly was: unknown;
  readonly is: unknown;
}

/** What objects hold at one moment, with all that is reached from them, variables that functions captured included. */
export class Snapshot {
  readonly #contents = new Map<object, Content>();
  readonly #ways = new Map<object, Way>();

  /** @param skip does not look at such objects, nor through them */
  constructor(roots: readonly Found[], skip: (value: object) => boolean = () => false) {
    const waiting: [...Found, from: object | undefined][] = roots.map(([value, step]) => [value, step, undefined]);
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [value, step, from] = next;
      if (!isObject(value) || this.#contents.has(value) || isElsewhere(value) || skip(value)) continue;
      this.#ways.set(value, { from, step });
      const content = contentOf(value, true);
      this.#contents.set(value, content);
      for (const [name, inner] of content.values) waiting.push([inner, name, value]);
    }
  }

  /** What is not as it was, if anything: the first that is found. */
  change(): Change | undefined {
    for (const [object, before] of this.#contents) {
      const now = contentOf(object, false);
      for (const [step, was] of before.values)
        if (!now.values.has(step) || !Object.is(now.values.get(step), was))
          return { trail: this.#trail(object, step), was, is: now.values.has(step) ? now.values.get(step) : GONE };
      for (const [step, is] of now.values)
        if (!before.values.has(step)) return { trail: this.#trail(object, step), was: GONE, is };
      const at = before.bytes === undefined ? -1 : firstDifference(before.bytes, bytesOf(object) as Uint8Array);
      if (at >= 0) return this.#element(object, before.bytes as Uint8Array, at);
    }
    return undefined;
  }

  #trail(object: object, ...more: readonly string[]): readonly string[] {
    const steps: string[] = [...more];
    for (let way = this.#ways.get(object); way !== undefined; way = way.from && this.#ways.get(way.from))
      steps.unshift(way.step);
    return steps.filter((step) => step !== '');
  }

  /** A change in memory, as the element of a typed array where the object is one. */
  #element(object: object, before: Uint8Array, at: number): Change {
    const size = (object as Partial<Uint8Array>).BYTES_PER_ELEMENT ?? 1;
    const index = Math.floor(at / size);
    const trail = this.#trail(object, `[${index}]`);
    if (!ArrayBuffer.isView(object) || types.isDataView(object))
      return { trail, was: before[at], is: (bytesOf(object) as Uint8Array)[at] };
    const Type = object.constructor as Float64ArrayConstructor;
    const was = Buffer.isBuffer(object) ? before[index] : new Type(before.slice().buffer)[index];
    return { trail, was, is: (object as Float64Array)[index] };
  }
}

/** In place of a value where there is none. */
export const GONE: unique symbol = Symbol('nothing');

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function contentOf(object: object, withBytes: boolean): Content {
  const values = new Map<string, unknown>();
  if (types.isProxy(object)) return { values };
  if (object instanceof Shared) {
    if (!object.disposed) values.set('.value', object.value);
    return { values };
  }
  const bytes = bytesOf(object);
  if (bytes !== undefined) return withBytes ? { values, bytes: bytes.slice() } : { values };
  if (typeof object === 'function') for (const [name, value] of capturedValues(object)) values.set(name, value);
  else if (types.isDate(object)) values.set('.getTime()', object.getTime());
  else if (types.isMap(object))
    for (const [key, value] of object) values.set(`.get(${keyName(key, values.size)})`, value);
  else if (types.isSet(object)) for (const value of object) values.set(` member ${values.size}`, value);
  for (const key of Reflect.ownKeys(object)) {
    if (typeof object === 'function' && HIDDEN.has(key)) continue;
    const { value, get } = Object.getOwnPropertyDescriptor(object, key) as PropertyDescriptor;
    values.set(propertyName(key, Array.isArray(object)), get ?? value);
  }
  return { values };
}

/** What functions have that the language sets. */
const HIDDEN: ReadonlySet<unknown> = new Set(['length', 'name', 'prototype', 'arguments', 'caller']);

function propertyName(key: string | symbol, isArray: boolean): string {
  if (typeof key === 'symbol') return `[${String(key)}]`;
  if (isArray && /^\d+$/.test(key)) return `[${key}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** Keys that are objects have their place in the Map for a name. */
function keyName(key: unknown, at: number): string {
  if (typeof key === 'string') return JSON.stringify(key);
  return isObject(key) ? `key ${at}` : String(key);
}

function bytesOf(object: object): Uint8Array | undefined {
  if (ArrayBuffer.isView(object)) return new Uint8Array(object.buffer, object.byteOffset, object.byteLength);
  return types.isAnyArrayBuffer(object) ? new Uint8Array(object) : undefined;
}

function firstDifference(before: Uint8Array, now: Uint8Array): number {
  if (Buffer.from(before.buffer, before.byteOffset, before.byteLength).equals(now)) return -1;
  for (let at = 0; at < before.length; at += 1) if (before[at] !== now[at]) return at;
  return before.length;
}
