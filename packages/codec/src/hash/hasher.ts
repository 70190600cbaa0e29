import { types } from 'node:util';
import { fingerprint } from '../fingerprint/fingerprint.ts';
import { hasTypes, REDUCE, typeFor } from '../types.ts';
import { BytesWriter } from './bytes-writer.ts';
import type { Digester } from './digest.ts';
import { hiddenState } from './hidden-state.ts';
import { lowestFirst } from './little-endian.ts';
import { sortKeys } from './sort-keys.ts';
import { type Step, stepText } from './step.ts';
import { Tag } from './tags.ts';
import { UnhashableError } from './unhashable-error.ts';

/** An object whose form is longer stands for itself by the digest of that: large values stay small where they are held. */
const INLINE = 256;
const MAX_DEPTH = 500;
const NO_NAMES: ReadonlySet<string> = new Set();
const ERROR_OWN: ReadonlySet<string> = new Set(['stack', 'message', 'cause', 'name', 'errors']);
const wellKnown = new Map<symbol, string>(
  Reflect.ownKeys(Symbol).flatMap((key) => {
    const value = (Symbol as unknown as Record<string | symbol, unknown>)[key];
    return typeof value === 'symbol' && typeof key === 'string' ? [[value, key] as const] : [];
  }),
);
const tagOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)?.get as (
  this: unknown,
) => string | undefined;

/** Writes the canonical form of a value and takes its digest. */
export class Hasher {
  readonly #digester: Digester;
  readonly #ordered: boolean;
  /** Keys, indices and other steps to what is written now. */
  readonly #path: Step[];
  readonly #out: BytesWriter;
  /** Objects around the one that is written, the outermost first. */
  readonly #around: object[] = [];
  /** Forms of objects that hold others, and none of those around them: met again, they are not gone through again. */
  #known: Map<object, Uint8Array> | undefined;
  /** Objects gone through so far. */
  #count = 0;
  /** The outermost object around that was named since this was set. */
  #outermost = Number.POSITIVE_INFINITY;

  constructor(digester: Digester, ordered: boolean, name: string) {
    this.#digester = digester;
    this.#ordered = ordered;
    this.#path = [{ text: name }];
    this.#out = spare ?? new BytesWriter();
    spare = undefined;
  }

  hash(value: unknown): string {
    const out = this.#out;
    out.length = 0;
    this.#value(value);
    const hex = this.#digester.hex(out.since(0));
    spare = out;
    return hex;
  }

  #value(value: unknown): void {
    const out = this.#out;
    switch (typeof value) {
      case 'string':
        this.#text(value);
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

  #text(text: string): void {
    if (isWellFormed(text)) {
      this.#out.byte(Tag.text);
      this.#out.utf8(text);
    } else {
      this.#out.byte(Tag.brokenText);
      this.#out.utf16(text);
    }
  }

  #symbol(symbol: symbol): void {
    const key = Symbol.keyFor(symbol);
    const name = wellKnown.get(symbol);
    if (key === undefined && name === undefined)
      this.#refuse(`${String(symbol)} is a symbol of its own`, 'Use Symbol.for(key), which is the same everywhere');
    this.#out.byte(key === undefined ? Tag.wellKnown : Tag.symbol);
    this.#out.utf8((key ?? name) as string);
  }

  // biome-ignore lint/complexity/noBannedTypes: any callable
  #function(fn: Function): void {
    this.#out.byte(Tag.function);
    this.#out.utf8(fingerprint(fn).id);
  }

  /** Writes an object once it is sure that it is not one of those around it. */
  #object(object: object): void {
    const out = this.#out;
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
    if (depth >= MAX_DEPTH) this.#refuse(`it is nested deeper than ${MAX_DEPTH} objects`, 'Flatten it');
    const start = out.length;
    const outermost = this.#outermost;
    this.#outermost = Number.POSITIVE_INFINITY;
    this.#around.push(object);
    this.#count += 1;
    const seen = this.#count;
    this.#content(object);
    this.#around.pop();
    const closed = this.#outermost >= depth;
    if (out.length - start > INLINE) this.#digest(start);
    if (closed && depth > 0 && this.#count > seen) {
      this.#known ??= new Map();
      this.#known.set(object, Buffer.from(out.since(start)));
    }
    this.#outermost = Math.min(outermost, closed ? Number.POSITIVE_INFINITY : this.#outermost);
  }

  /** What was written from `start` on, by its digest. */
  #digest(start: number, body?: Uint8Array): void {
    const digest = this.#digester.bytes(this.#out.since(start), body);
    this.#out.length = start;
    this.#out.byte(Tag.digest);
    this.#out.append(digest);
  }

  #content(object: object): void {
    const prototype: unknown = Object.getPrototypeOf(object);
    if (types.isProxy(object)) this.#refuse('a Proxy has no content of its own', 'Pass what it stands for');
    if (hasTypes() && this.#registered(object)) return;
    if (prototype === Object.prototype) {
      this.#out.byte(Tag.object);
      this.#properties(object, NO_NAMES);
    } else if (prototype === Array.prototype && Array.isArray(object)) this.#array(object);
    else if (prototype === null && !types.isModuleNamespaceObject(object)) {
      this.#out.byte(Tag.bare);
      this.#properties(object, NO_NAMES);
    } else this.#special(object, prototype as object | null);
  }

  /** By what the program registered for it. */
  #registered(object: object): boolean {
    const registration = typeFor(object);
    if (registration === undefined) return false;
    this.#out.byte(Tag.registered);
    this.#text(registration.name);
    this.#value(registration.encode(object));
    return true;
  }

  #special(object: object, prototype: object | null): void {
    const out = this.#out;
    const reduce: unknown = (object as { [REDUCE]?: unknown })[REDUCE];
    if (typeof reduce === 'function') {
      const [maker, ...args] = Reflect.apply(reduce, object, []) as [unknown, ...unknown[]];
      out.byte(Tag.reduced);
      this.#value(maker);
      this.#array(args);
      return;
    }
    if (types.isDate(object))
      this.#kind(object, Tag.date, Date.prototype, () => out.double(Date.prototype.getTime.call(object)));
    else if (types.isRegExp(object))
      this.#kind(object, Tag.regexp, RegExp.prototype, () => {
        this.#text(object.source);
        this.#text(object.flags);
      });
    else if (types.isMap(object)) this.#kind(object, Tag.map, Map.prototype, () => this.#entries(object));
    else if (types.isSet(object)) this.#kind(object, Tag.set, Set.prototype, () => this.#members(object));
    else if (ArrayBuffer.isView(object)) this.#view(object);
    else if (types.isAnyArrayBuffer(object)) this.#memory(Tag.memory, '', new Uint8Array(object));
    else if (types.isNativeError(object)) this.#error(object, prototype);
    else if (types.isBoxedPrimitive(object)) {
      out.byte(Tag.boxed);
      this.#value((object as { valueOf(): unknown }).valueOf());
    } else if (object instanceof URL) {
      out.byte(Tag.url);
      this.#text(object.href);
    } else if (Array.isArray(object)) {
      this.#class(prototype);
      this.#array(object);
    } else this.#instance(object, prototype);
  }

  /** A built-in kind, or a subclass of it: then its class and own fields count too. */
  #kind(object: object, tag: number, base: object, content: () => void): void {
    if (Object.getPrototypeOf(object) !== base) {
      this.#class(Object.getPrototypeOf(object));
      this.#properties(object, REGEXP_OWN);
    }
    this.#out.byte(tag);
    content();
  }

  #class(prototype: object | null): void {
    this.#out.byte(Tag.instance);
    const maker: unknown = prototype === null ? undefined : (prototype as { constructor?: unknown }).constructor;
    this.#text(typeof maker === 'function' ? maker.name : '');
  }

  #instance(object: object, prototype: object | null): void {
    const hidden = hiddenState(object);
    if (hidden !== undefined) this.#refuse(hidden.problem, hidden.advice);
    this.#class(prototype);
    this.#properties(object, NO_NAMES);
  }

  #error(error: Error, prototype: object | null): void {
    this.#out.byte(Tag.error);
    this.#class(prototype);
    this.#text(String(error.name));
    this.#text(String(error.message));
    this.#member('cause', error);
    this.#member('errors', error);
    this.#properties(error, ERROR_OWN);
  }

  /** A field that may be missing. */
  #member(name: string, holder: object): void {
    const property = Object.getOwnPropertyDescriptor(holder, name);
    if (property === undefined) {
      this.#out.byte(Tag.hole);
      return;
    }
    this.#path.push(name);
    this.#value(property.value);
    this.#path.pop();
  }

  #array(array: readonly unknown[]): void {
    const out = this.#out;
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
      this.#path.push(at);
      this.#value(item);
      this.#path.pop();
    }
    const keys = Reflect.ownKeys(array);
    const extras = keys.length > length ? keys.filter((key) => key !== 'length' && !isIndex(key, length)) : [];
    this.#keys(array, extras);
  }

  #properties(object: object, except: ReadonlySet<string>): void {
    const keys = Reflect.ownKeys(object);
    this.#keys(object, except.size === 0 ? keys : keys.filter((key) => !except.has(key as string)));
  }

  /** Keys in the order of their UTF-16 units, symbols after texts, each with its value. */
  #keys(object: object, keys: (string | symbol)[]): void {
    const out = this.#out;
    sortKeys(keys);
    out.word(keys.length);
    for (const key of keys) {
      const property = Object.getOwnPropertyDescriptor(object, key) as PropertyDescriptor;
      this.#path.push(key);
      if (property.get !== undefined || property.set !== undefined)
        this.#refuse('it is an accessor, which may give something else each time', 'Pass a plain value');
      if (typeof key === 'symbol') this.#symbol(key);
      else this.#text(key);
      this.#value(property.value);
      this.#path.pop();
    }
  }

  #entries(map: ReadonlyMap<unknown, unknown>): void {
    const forms: Buffer[] = [];
    for (const [key, value] of Map.prototype.entries.call(map)) {
      const start = this.#out.length;
      this.#path.push({ text: `.get(${brief(key)})` });
      this.#value(key);
      this.#value(value);
      this.#path.pop();
      forms.push(this.#out.take(start));
    }
    this.#unordered(forms);
  }

  #members(set: ReadonlySet<unknown>): void {
    const forms: Buffer[] = [];
    for (const member of Set.prototype.values.call(set)) {
      const start = this.#out.length;
      this.#path.push({ text: `.has(${brief(member)})` });
      this.#value(member);
      this.#path.pop();
      forms.push(this.#out.take(start));
    }
    this.#unordered(forms);
  }

  /** Forms in an order that only their bytes decide, unless that of the value is to count. */
  #unordered(forms: Buffer[]): void {
    if (!this.#ordered) forms.sort(Buffer.compare);
    this.#out.word(forms.length);
    for (const form of forms) this.#out.append(form);
  }

  #view(view: ArrayBufferView): void {
    const name = Buffer.isBuffer(view) ? 'Buffer' : (tagOf.call(view) ?? 'DataView');
    this.#memory(Tag.view, name, new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    const prototype: unknown = Object.getPrototypeOf(view);
    const maker = (prototype as { constructor?: { name?: string } } | null)?.constructor?.name;
    if (maker !== name) this.#class(prototype as object);
  }

  /** Bytes, the lowest of each element first. They are read where they are, however many. */
  #memory(tag: number, name: string, bytes: Uint8Array): void {
    const out = this.#out;
    const start = out.length;
    out.byte(tag);
    out.utf8(name);
    out.double(bytes.byteLength);
    const body = lowestFirst(bytes, name);
    if (bytes.byteLength > INLINE) this.#digest(start, body);
    else out.append(body);
  }

  #refuse(problem: string, advice: string): never {
    throw new UnhashableError(this.#path.map(stepText).join(''), problem, advice);
  }
}

/** A writer that is not in use. */
let spare: BytesWriter | undefined;
const REGEXP_OWN: ReadonlySet<string> = new Set(['lastIndex']);

function isWellFormed(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if ((unit & 0xf800) !== 0xd800) continue;
    const next = text.charCodeAt(at + 1);
    if (unit > 0xdbff || (next & 0xfc00) !== 0xdc00) return false;
    at += 1;
  }
  return true;
}

function isIndex(key: string | symbol, length: number): boolean {
  if (typeof key === 'symbol') return false;
  const index = Number(key);
  return Number.isInteger(index) && index >= 0 && index < length && String(index) === key;
}

function brief(value: unknown): string {
  return typeof value === 'object' || typeof value === 'function' ? '…' : String(value).slice(0, 40);
}
