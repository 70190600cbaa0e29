import { types } from 'node:util';
import { fingerprint } from '../fingerprint/fingerprint.ts';
import { hasTypes, typeFor } from '../types.ts';
import { BytesWriter } from './bytes-writer.ts';
import { condense, INLINE } from './condense.ts';
import type { Digester } from './digest.ts';
import { sortKeys } from './sort-keys.ts';
import { writeSpecial } from './special-form.ts';
import { type Step, stepText } from './step.ts';
import { Tag } from './tags.ts';
import { writeText } from './text-form.ts';
import { UnhashableError } from './unhashable-error.ts';
import type { Walk } from './walk.ts';
import { wellKnownName } from './well-known.ts';

const MAX_DEPTH = 500;
/** A writer that is not in use. */
let spare: BytesWriter | undefined;

/** Writes the canonical form of a value and takes its digest. */
export class Hasher implements Walk {
  readonly digester: Digester;
  readonly ordered: boolean;
  readonly path: Step[];
  readonly out: BytesWriter;
  /** Objects around the one that is written, the outermost first. */
  readonly #around: object[] = [];
  /** Forms of objects that hold others, and none of those around them: met again, they are not gone through again. */
  #known: Map<object, Uint8Array> | undefined;
  /** Objects gone through so far. */
  #count = 0;
  /** The outermost object around that was named since this was set. */
  #outermost = Number.POSITIVE_INFINITY;

  constructor(digester: Digester, ordered: boolean, name: string) {
    this.digester = digester;
    this.ordered = ordered;
    this.path = [{ text: name }];
    this.out = spare ?? new BytesWriter();
    spare = undefined;
  }

  hash(value: unknown): string {
    const out = this.out;
    out.length = 0;
    this.value(value);
    const hex = this.digester.hex(out.since(0));
    spare = out;
    return hex;
  }

  value(value: unknown): void {
    const out = this.out;
    switch (typeof value) {
      case 'string':
        writeText(out, value);
        return;
      case 'number':
        out.byte(Tag.number);
        out.double(value);
        return;
      case 'boolean':
        out.byte(value ? Tag.true : Tag.false);
        return;
      case 'undefined':
        out.byte(Tag.undefined);
        return;
      case 'bigint':
        out.byte(Tag.bigint);
        out.utf8(value.toString());
        return;
      case 'symbol':
        this.#symbol(value);
        return;
      case 'function':
        this.#function(value);
        return;
      default:
        if (value === null) out.byte(Tag.null);
        else this.#object(value as object);
    }
  }

  #symbol(symbol: symbol): void {
    const key = Symbol.keyFor(symbol);
    const name = wellKnownName(symbol);
    if (key === undefined && name === undefined)
      this.refuse(`${String(symbol)} is a symbol of its own`, 'Use Symbol.for(key), which is the same everywhere');
    this.out.byte(key === undefined ? Tag.wellKnown : Tag.symbol);
    this.out.utf8((key ?? name) as string);
  }

  // biome-ignore lint/complexity/noBannedTypes: any callable
  #function(fn: Function): void {
    this.out.byte(Tag.function);
    this.out.utf8(fingerprint(fn).id);
  }

  /** Writes an object once it is sure that it is not one of those around it. */
  #object(object: object): void {
    const out = this.out;
    const depth = this.#around.length;
    const above = depth === 0 ? -1 : this.#around.lastIndexOf(object);
    if (above >= 0) {
      out.byte(Tag.ancestor);
      out.word(depth - above);
      this.#outermost = Math.min(this.#outermost, above);
      return;
    }
    const known = this.#known?.get(object);
    if (known !== undefined) {
      out.append(known);
      return;
    }
    if (depth >= MAX_DEPTH) this.refuse(`it is nested deeper than ${MAX_DEPTH} objects`, 'Flatten it');
    const start = out.length;
    const outermost = this.#outermost;
    this.#outermost = Number.POSITIVE_INFINITY;
    this.#around.push(object);
    this.#count += 1;
    const seen = this.#count;
    this.#content(object);
    this.#around.pop();
    const closed = this.#outermost >= depth;
    if (out.length - start > INLINE) condense(out, this.digester, start);
    if (closed && depth > 0 && this.#count > seen) {
      this.#known ??= new Map();
      this.#known.set(object, Buffer.from(out.since(start)));
    }
    this.#outermost = Math.min(outermost, closed ? Number.POSITIVE_INFINITY : this.#outermost);
  }

  #content(object: object): void {
    const prototype: unknown = Object.getPrototypeOf(object);
    if (types.isProxy(object)) this.refuse('a Proxy has no content of its own', 'Pass what it stands for');
    if (hasTypes() && this.#registered(object)) return;
    if (prototype === Object.prototype) {
      this.out.byte(Tag.object);
      this.properties(object);
    } else if (prototype === Array.prototype && Array.isArray(object)) this.array(object);
    else if (prototype === null && !types.isModuleNamespaceObject(object)) {
      this.out.byte(Tag.bare);
      this.properties(object);
    } else writeSpecial(this, object, prototype as object | null);
  }

  /** By what the program registered for it. */
  #registered(object: object): boolean {
    const registration = typeFor(object);
    if (registration === undefined) return false;
    this.out.byte(Tag.registered);
    writeText(this.out, registration.name);
    this.value(registration.encode(object));
    return true;
  }

  array(array: readonly unknown[]): void {
    const out = this.out;
    const { length } = array;
    out.byte(Tag.array);
    out.word(length);
    for (let at = 0; at < length; at += 1) {
      const item = array[at];
      if (typeof item === 'number') {
        out.byte(Tag.number);
        out.double(item);
        continue;
      }
      if (item === undefined && !Object.hasOwn(array, at)) {
        out.byte(Tag.hole);
        continue;
      }
      this.path.push(at);
      this.value(item);
      this.path.pop();
    }
    const keys = Reflect.ownKeys(array);
    const extras = keys.length > length ? keys.filter((key) => key !== 'length' && !isIndex(key, length)) : [];
    this.#keys(array, extras);
  }

  properties(object: object, except?: ReadonlySet<string>): void {
    const keys = Reflect.ownKeys(object);
    this.#keys(object, except === undefined ? keys : keys.filter((key) => !except.has(key as string)));
  }

  /** Keys in the order of their UTF-16 units, symbols after texts, each with its value. */
  #keys(object: object, keys: (string | symbol)[]): void {
    const out = this.out;
    sortKeys(keys);
    out.word(keys.length);
    for (const key of keys) {
      const property = Object.getOwnPropertyDescriptor(object, key) as PropertyDescriptor;
      this.path.push(key);
      if (property.get !== undefined || property.set !== undefined)
        this.refuse('it is an accessor, which may give something else each time', 'Pass a plain value');
      if (typeof key === 'symbol') this.#symbol(key);
      else writeText(out, key);
      this.value(property.value);
      this.path.pop();
    }
  }

  refuse(problem: string, advice: string): never {
    throw new UnhashableError(this.path.map(stepText).join(''), problem, advice);
  }
}

function isIndex(key: string | symbol, length: number): boolean {
  if (typeof key === 'symbol') return false;
  const index = Number(key);
  return Number.isInteger(index) && index >= 0 && index < length && String(index) === key;
}
