import { types } from 'node:util';
import * as fc from 'fast-check';

export class Point {
  x: unknown;
  constructor(x: unknown) {
    this.x = x;
  }
  get double(): unknown {
    return [this.x, this.x];
  }
}
export class Tagged extends Map<unknown, unknown> {
  tag = 't';
}
export class Bag extends Set<unknown> {}
export class Stamp extends Date {}
export class Row extends Array<unknown> {}
export class Bytes extends Uint8Array {}
export class Trouble extends RangeError {
  price = 1;
}

const PRIMITIVES: readonly unknown[] = [
  ...[undefined, null, true, false, 0, -0, 1, -1, 2 ** 31, -(2 ** 31), 2 ** 53, 0.1, Number.NaN, -Infinity, 5e-324],
  ...[0n, -1n, 2n ** 64n, -(2n ** 200n), '', 'text', 'ä€𝒳', '\ud800', 'a\udc00b', '\0', '__proto__', 'x'.repeat(300)],
  ...[Symbol.iterator, Symbol.for('registered')],
];
const KEYS: readonly (string | symbol)[] = [
  ...['a', 'b', 'length', '0', '-0', '1.5', '4294967295', '__proto__', 'constructor', 'toString', 'ä', 'a\0b', ''],
  ...[
    'then',
    'toJSON',
    'name',
    'message',
    'stack',
    'cause',
    'source',
    'flags',
    'byteOffset',
    Symbol.toStringTag,
    Symbol.for('key'),
  ],
];
const OWN = Symbol('own');
const VIEWS = [
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array],
  ...[Float64Array, BigInt64Array, BigUint64Array, Bytes],
  ...('Float16Array' in globalThis
    ? [(globalThis as unknown as { Float16Array: typeof Int16Array }).Float16Array]
    : []),
] as readonly (typeof Uint8Array)[];

/** Values of all kinds that can travel, that refer to each other in any way. */
export const richValue: fc.Arbitrary<unknown> = fc
  .array(fc.nat(65_535), { maxLength: 120, size: 'max' })
  .map((tape) => new Maker(tape).value(0));

/** Makes values from a list of numbers; where it ends, small ones. */
class Maker {
  readonly #tape: readonly number[];
  readonly #made: object[] = [];
  readonly #memory: ArrayBuffer[] = [];
  #at = 0;

  constructor(tape: readonly number[]) {
    this.#tape = tape;
  }

  #next(below: number): number {
    return (this.#tape[this.#at++] ?? 0) % below;
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#next(list.length)] as T;
  }

  value(depth: number): unknown {
    if (this.#at >= this.#tape.length || depth > 12) return this.#pick(PRIMITIVES);
    switch (this.#next(8)) {
      case 0:
      case 1:
        return this.#pick(PRIMITIVES);
      case 2:
        return this.#made.length === 0 ? undefined : this.#pick(this.#made);
      default:
        return this.#object(depth);
    }
  }

  #object(depth: number): object {
    const makers = [
      ...[() => ({}), () => ({}), () => [], () => [], () => Object.create(null), () => new Point(1), () => new Row(3)],
      ...[() => new Map(), () => new Tagged(), () => new Set(), () => new Bag()],
      () => Object.create(this.#made.length === 0 ? {} : (this.#pick(this.#made.filter(isParent)) ?? {})),
      () => new Date(this.#pick([0, 1.5, -1, Number.NaN, 8.64e15])),
      () => new Stamp(this.#next(9)),
      () =>
        Object.assign(new RegExp(this.#pick(['a', '[/]', '', '\\n', '(?<n>x)']), this.#pick(['', 'gi', 'y', 'u'])), {
          lastIndex: this.#next(3),
        }),
      () => Object(this.#pick([1, -0, 'boxed', true, 3n, Symbol.iterator])),
      () => this.#view(),
      () => this.#view(),
      () => new DataView(this.#buffer(), this.#next(9), this.#next(8)),
      () => this.#buffer(),
      () => Buffer.from(this.#pick(['', 'pool', 'x'.repeat(5000)])),
      () => this.#resizable(),
      () => this.#error(),
      () => this.#error(),
      () => new URL(`http://a.b/${this.#next(9)}?q#h`),
      () => new URLSearchParams([['a', String(this.#next(9))]]),
    ] as const;
    const made = this.#pick(makers)() as object;
    this.#made.push(made);
    this.#fill(made, depth + 1);
    return made;
  }

  #buffer(): ArrayBuffer {
    if (this.#memory.length > 0 && this.#next(2) === 0) return this.#pick(this.#memory);
    const memory = new ArrayBuffer(this.#pick([24, 64, 8192]));
    new Uint8Array(memory).forEach((_, at, bytes) => {
      bytes[at] = at * 7 + this.#memory.length;
    });
    this.#memory.push(memory);
    return memory;
  }

  #view(): object {
    const Type = this.#pick(VIEWS);
    return new Type(this.#buffer(), 8 * this.#next(2), this.#next(2));
  }

  #resizable(): object {
    const Growing = ArrayBuffer as unknown as new (size: number, options: { maxByteLength: number }) => ArrayBuffer;
    const memory = new Growing(16, { maxByteLength: this.#pick([16, 32]) });
    new Uint8Array(memory).fill(this.#next(200));
    if (this.#next(2) === 0) return memory;
    return this.#next(2) === 0 ? new Uint8Array(memory, 4) : new Int16Array(memory, 4, 2);
  }

  #error(): object {
    const error = this.#pick([
      () => new Error('m'),
      () => new TypeError('', { cause: this.#pick(PRIMITIVES.slice(0, 20)) }),
      () => new AggregateError([new Error('1')], 'all'),
      () => new Trouble('t'),
      () => Object.assign(new Error('none'), { message: 5, stack: undefined }),
    ])();
    error.stack = this.#pick([undefined, 'Error: m\n    at f (file:///x.js:1:1)'] as unknown[]) as string;
    return error;
  }

  #fill(object: object, depth: number): void {
    const size = this.#next(4);
    if (Array.isArray(object)) {
      for (let left = size; left > 0; left -= 1)
        object[object.length + (this.#next(4) === 0 ? 2 : 0)] = this.value(depth);
      if (this.#next(8) === 0) object.length += this.#pick([1, 100]);
    }
    if (types.isMap(object))
      for (let left = size; left > 0; left -= 1) object.set(this.value(depth), this.value(depth));
    if (types.isSet(object)) for (let left = size; left > 0; left -= 1) object.add(this.value(depth));
    const isOwn = object instanceof URL || object instanceof URLSearchParams;
    const isData = Object.getPrototypeOf(object) === Object.prototype || Array.isArray(object) || this.#next(3) === 0;
    if (isData && !isOwn) this.#properties(object, depth);
    if (isOwn || this.#next(6) > 0) return;
    const isView = ArrayBuffer.isView(object);
    const close = this.#pick([Object.preventExtensions, Object.seal, ...(isView ? [] : [Object.freeze])]);
    const isFixed = isView && ((object.buffer as { resizable?: boolean }).resizable || close === Object.seal);
    if (!isFixed) close(object);
  }

  #properties(object: object, depth: number): void {
    for (let left = this.#next(4); left > 0; left -= 1) {
      const drawn = this.#next(9) === 0 ? OWN : this.#pick(KEYS);
      const isTaken = (drawn === 'length' && Array.isArray(object)) || (drawn === '0' && ArrayBuffer.isView(object));
      const key = isTaken ? 'size' : drawn;
      const form = this.#next(8);
      const descriptor: PropertyDescriptor =
        form === 0 && key !== 'then' // answers hold none
          ? { get: getter, ...(this.#next(2) === 0 && { set: setter }), enumerable: true, configurable: true }
          : {
              value: key === 'then' ? 1 : this.value(depth),
              enumerable: form !== 1 || ArrayBuffer.isView(object), // hidden ones of long views are not looked for
              writable: form !== 2,
              configurable: form !== 3,
            };
      Reflect.defineProperty(object, key, descriptor); // false for what this kind of object does not take
    }
  }
}

/** What makes sense as a prototype: its kind is nothing but its properties. */
function isParent(value: object): boolean {
  const isBuiltIn = ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value) || types.isBoxedPrimitive(value);
  return !isBuiltIn && (Object.getPrototypeOf(value) === Object.prototype || value instanceof Point);
}

function getter(this: unknown): number {
  return 42;
}
function setter(this: unknown, value: unknown): void {
  void value;
}
