import { types } from 'node:util';

/**
 * Where two values differ, or undefined: by prototypes, property descriptors and their order, extensibility, what is
 * inside built-in kinds, and which objects are one and the same. Functions and classes of the sender's may have become
 * others of the same text.
 */
export function difference(before: unknown, after: unknown): string | undefined {
  return new Comparison().run(before, after);
}

const tagOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)
  ?.get as () => string | undefined;

const KINDS = [
  ...[types.isMap, types.isSet, types.isDate, types.isRegExp, types.isNativeError, types.isBoxedPrimitive],
  ...[types.isArrayBuffer, types.isSharedArrayBuffer, types.isDataView, types.isProxy, types.isPromise, Array.isArray],
  (value: unknown) => value instanceof URL || value instanceof URLSearchParams,
] as readonly ((value: unknown) => boolean)[];

class Comparison {
  readonly #there = new Map<unknown, unknown>();
  readonly #back = new Map<unknown, unknown>();
  readonly #queue: [unknown, unknown, string][] = [];
  /** How far views of one buffer have moved: all by the same. */
  readonly #moved = new Map<unknown, number>();

  run(before: unknown, after: unknown): string | undefined {
    this.#queue.push([before, after, 'value']);
    for (let pair = this.#queue.pop(); pair !== undefined; pair = this.#queue.pop()) {
      const found = this.#pair(...pair);
      if (found !== undefined) return `${pair[2]}: ${found}`;
    }
    return undefined;
  }

  #pair(a: unknown, b: unknown, path: string): string | undefined {
    const isReference = (typeof a === 'object' && a !== null) || typeof a === 'function' || typeof a === 'symbol';
    if (typeof a !== typeof b || (a === null) !== (b === null)) return `${show(a)} became ${show(b)}`;
    if (!isReference) return Object.is(a, b) ? undefined : `${show(a)} became ${show(b)}`;
    if (this.#there.has(a) || this.#back.has(b)) {
      if (this.#there.get(a) === b && this.#back.get(b) === a) return undefined;
      return 'what was one object became two, or two became one';
    }
    this.#there.set(a, b);
    this.#back.set(b, a);
    if (a === b) return undefined;
    if (typeof a === 'symbol')
      return Symbol.keyFor(a) === undefined && a.description === (b as symbol).description
        ? undefined
        : 'another symbol';
    if (typeof a === 'function') {
      if (textOf(a) !== textOf(b)) return `function ${String(a)} became ${String(b)}`;
      return undefined;
    }
    return this.#objects(a as object, b as object, path);
  }

  #objects(a: object, b: object, path: string): string | undefined {
    for (const [at, isKind] of KINDS.entries()) if (isKind(a) !== isKind(b)) return `another kind (${at})`;
    if (tagOf.call(a as never) !== tagOf.call(b as never)) return 'another kind of typed array';
    if (Buffer.isBuffer(a) !== Buffer.isBuffer(b)) return 'a Buffer and none';
    if (Object.isExtensible(a) !== Object.isExtensible(b)) return `extensible: ${Object.isExtensible(a)} before`;
    this.#queue.push([Object.getPrototypeOf(a), Object.getPrototypeOf(b), `${path}.[[Prototype]]`]);
    return this.#inside(a, b, path) ?? this.#properties(a, b, path);
  }

  #properties(a: object, b: object, path: string): string | undefined {
    const isView = ArrayBuffer.isView(a);
    const keys = (of: object): (string | symbol)[] =>
      Reflect.ownKeys(of).filter((key) => !(isView && typeof key === 'string' && /^\d+$/.test(key)));
    const [mine, other] = [keys(a), keys(b)];
    if (mine.length !== other.length) return `keys ${mine.map(String).join()} became ${other.map(String).join()}`;
    for (const [at, key] of mine.entries()) {
      const step = `${path}.${String(key)}`;
      const theirs = other[at] as string | symbol;
      if (typeof key === 'symbol') this.#queue.push([key, theirs, `${step} as key`]);
      else if (key !== theirs) return `keys ${mine.map(String).join()} became ${other.map(String).join()}`;
      const x = Object.getOwnPropertyDescriptor(a, key) as PropertyDescriptor;
      const y = Object.getOwnPropertyDescriptor(b, theirs) as PropertyDescriptor;
      for (const flag of ['enumerable', 'configurable', 'writable'] as const)
        if (x[flag] !== y[flag]) return `${String(key)}: ${flag} ${x[flag]} became ${y[flag]}`;
      for (const part of ['value', 'get', 'set'] as const) {
        if (Object.hasOwn(x, part) !== Object.hasOwn(y, part)) return `${String(key)}: no ${part} any more, or one now`;
        this.#queue.push([x[part], y[part], step]);
      }
    }
    return undefined;
  }

  #inside(a: object, b: object, path: string): string | undefined {
    if (types.isMap(a)) return this.#list(mapEntries(a), mapEntries(b as never), `${path}.entries`);
    if (types.isSet(a)) return this.#list(members(a), members(b as never), `${path}.members`);
    if (types.isDate(a)) return same(Date.prototype.getTime.call(a), Date.prototype.getTime.call(b));
    if (types.isRegExp(a)) return same(String(new RegExp(a)), String(new RegExp(b as RegExp)));
    if (types.isBoxedPrimitive(a)) {
      this.#queue.push([primitiveOf(a), primitiveOf(b), `${path}.primitive`]);
      return undefined;
    }
    if (types.isAnyArrayBuffer(a)) return memory(a, b as ArrayBuffer);
    if (ArrayBuffer.isView(a)) return this.#view(a, b as ArrayBufferView, path);
    if (a instanceof URL || a instanceof URLSearchParams) return same(String(a), String(b));
    return undefined;
  }

  #view(one: ArrayBufferView, other: ArrayBufferView, path: string): string | undefined {
    const [a, b] = [extentOf(one), extentOf(other)];
    if (a.byteLength !== b.byteLength) return `${a.byteLength} bytes became ${b.byteLength}`;
    if (!bytesOf(a).equals(bytesOf(b))) return 'other bytes';
    if (isResizable(a) !== isResizable(b)) return 'its memory can be resized, or cannot any more';
    if (isResizable(a)) this.#queue.push([a.buffer, b.buffer, `${path}.buffer`]);
    if (Buffer.isBuffer(one) && a.buffer.byteLength === Buffer.from('pool').buffer.byteLength) return undefined; // Node's pool: its neighbours are strangers
    if ((this.#there.get(a.buffer) ?? b.buffer) !== b.buffer) return 'views of one memory are of two now';
    if ((this.#back.get(b.buffer) ?? a.buffer) !== a.buffer) return 'views of two memories are of one now';
    if (!isResizable(a)) {
      this.#there.set(a.buffer, b.buffer);
      this.#back.set(b.buffer, a.buffer);
    }
    const moved = b.byteOffset - a.byteOffset;
    const known = this.#moved.get(a.buffer) ?? moved;
    if (a.byteLength > 0) this.#moved.set(a.buffer, known);
    return a.byteLength > 0 && known !== moved ? 'views of one memory lie otherwise' : undefined;
  }

  #list(a: unknown[], b: unknown[], path: string): string | undefined {
    if (a.length !== b.length) return `${a.length} entries became ${b.length}`;
    for (const [at, each] of a.entries()) this.#queue.push([each, b[at], `${path}[${at}]`]);
    return undefined;
  }
}

interface Extent {
  readonly buffer: ArrayBuffer;
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** Read by the getters of the kind: the view may have properties of these names. */
function extentOf(view: ArrayBufferView): Extent {
  const prototype: object = types.isDataView(view) ? DataView.prototype : Object.getPrototypeOf(Uint8Array.prototype);
  const read = (name: string): never => Reflect.get(prototype, name, view) as never;
  return { buffer: read('buffer'), byteOffset: read('byteOffset'), byteLength: read('byteLength') };
}

function bytesOf({ buffer, byteOffset, byteLength }: Extent): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function isResizable({ buffer }: Extent): boolean {
  return (buffer as { resizable?: boolean }).resizable === true;
}

function memory(a: ArrayBufferLike, b: ArrayBufferLike): string | undefined {
  const max = (of: ArrayBufferLike): unknown => (of as { maxByteLength?: number }).maxByteLength;
  return same(Buffer.from(a).toString('hex'), Buffer.from(b).toString('hex')) ?? same(max(a), max(b));
}

function mapEntries(map: Map<unknown, unknown>): unknown[] {
  return [...Map.prototype.entries.call(map)].flat();
}

function members(set: Set<unknown>): unknown[] {
  return [...Set.prototype.values.call(set)];
}

function primitiveOf(value: object): unknown {
  for (const type of [Number, String, Boolean, BigInt, Symbol]) {
    try {
      return (type.prototype.valueOf as (this: unknown) => unknown).call(value);
    } catch {}
  }
  return undefined;
}

function same(a: unknown, b: unknown): string | undefined {
  return Object.is(a, b) ? undefined : `${show(a)} became ${show(b)}`;
}

/** What a class extends has another name where it was rebuilt. */
function textOf(fn: unknown): string {
  return String(fn).replace(/ extends\s+[\w$]+\s+/, ' extends ');
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && value !== null) return Object.prototype.toString.call(value);
  return Object.is(value, -0) ? '-0' : String(value);
}
