import { runInNewContext } from 'node:vm';
import { type Section, section, story, value } from './case.ts';

class Day extends Date {
  plus(days: number): Day {
    return new Day(this.getTime() + days * 864e5);
  }
}
class Table extends Map<string, number> {
  label = 'table';
}
class Bag extends Set<number> {
  sum(): number {
    return [...this].reduce((a, b) => a + b, 0);
  }
}
class List extends Array<number> {
  last(): number | undefined {
    return this.at(-1);
  }
}
class Vector extends Float64Array<ArrayBuffer> {
  norm(): number {
    return Math.hypot(...this);
  }
}
class Problem extends TypeError {
  detail = { x: 1 };
}
class Pattern extends RegExp {
  count(text: string): number {
    return [...text.matchAll(this)].length;
  }
}

const own = Symbol('own');

const numbers = (view: ArrayLike<number>): number[] => Array.from(view);

export const capturedValues: Section = section('captured values', [
  value(
    'numbers: -0, NaN, infinities, fractions',
    () => [-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.1, 2 ** 53, 5e-324],
    (all) => [Object.is(all[0], -0), ...all.slice(1)],
    [true, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.1, 2 ** 53, 5e-324],
  ),
  value(
    '-0 alone',
    () => -0,
    (it) => Object.is(it, -0),
    true,
  ),
  value(
    'BigInts',
    () => [0n, -1n, 2n ** 100n],
    (it) => it,
    [0n, -1n, 2n ** 100n],
  ),
  value(
    'strings: empty, lone surrogate, NUL, emoji',
    () => ['', '\ud800', '\0', '😀'],
    (it) => it,
    ['', '\ud800', '\0', '😀'],
  ),
  value(
    'undefined is not missing, null',
    () => ({ a: undefined, b: null }),
    (it) => ['a' in it, 'c' in it, it.a, it.b],
    [true, false, undefined, null],
  ),
  value(
    'well-known and registered symbols',
    () => [Symbol.iterator, Symbol.for('x')],
    ([a, b]) => [a === Symbol.iterator, b === Symbol.for('x')],
    [true, true],
  ),
  story(
    'a symbol of one’s own is one symbol, there and back',
    async (call) => {
      const object = { [own]: 1 };
      const result = (await call((given: symbol) => [given === own, object[own], own], own)) as [
        boolean,
        number,
        symbol,
      ];
      return [result[0], result[1], result[2] === own];
    },
    [true, 1, true],
  ),
  value(
    'Date, invalid too',
    () => [new Date(5), new Date(Number.NaN)],
    ([a, b]) => [a?.getTime(), String(b)],
    [5, 'Invalid Date'],
  ),
  value(
    'RegExp with flags and lastIndex',
    () => Object.assign(/a(?<n>b)/gi, { lastIndex: 2 }),
    (it) => [String(it), it.lastIndex],
    ['/a(?<n>b)/gi', 2],
  ),
  value(
    'Error with cause, code and a name of its own',
    () => Object.assign(new TypeError('a', { cause: new RangeError('b') }), { code: 'E' }),
    (it) => [
      it instanceof TypeError,
      it.name,
      it.message,
      it.cause instanceof RangeError,
      (it.cause as Error).message,
      it.code,
    ],
    [true, 'TypeError', 'a', true, 'b', 'E'],
  ),
  value(
    'AggregateError',
    () => new AggregateError([new Error('a'), 2], 'all'),
    (it) => [it instanceof AggregateError, it.message, it.errors[0] instanceof Error, it.errors[1]],
    [true, 'all', true, 2],
  ),
  value(
    'URL and URLSearchParams',
    () => [new URL('http://a.b/c?d=1'), new URLSearchParams('e=2')] as const,
    ([a, b]) => [a instanceof URL, a.href, b.get('e')],
    [true, 'http://a.b/c?d=1', '2'],
  ),
  value(
    'Map with object keys, nested in a Set',
    () => new Set([new Map([[{ k: 1 }, [1]]])]),
    (it) => it,
    new Set([new Map([[{ k: 1 }, [1]]])]),
  ),
  value(
    'boxed primitives',
    () => [Object(1), Object('ab'), Object(false), Object(1n)] as object[],
    (it) => it.map((each) => [typeof each, each.valueOf()]),
    [
      ['object', 1],
      ['object', 'ab'],
      ['object', false],
      ['object', 1n],
    ],
  ),
  story(
    'functions in Map, Set, array and object',
    (call) => {
      const add = (x: number): number => x + 1;
      const map = new Map([['add', add]]);
      const set = new Set([add]);
      const holder = { add, list: [add] };
      return call(() => [
        map.get('add')?.(1),
        [...set][0]?.(2),
        holder.add(3),
        holder.list[0]?.(4),
        holder.add === map.get('add'),
        set.has(add),
      ]);
    },
    [2, 3, 4, 5, true, true],
  ),
  value(
    'typed arrays of every kind',
    () => [
      new Int8Array([-1]),
      new Uint8Array([255]),
      new Uint8ClampedArray([300]),
      new Int16Array([-2]),
      new Uint16Array([2]),
      new Int32Array([-3]),
      new Uint32Array([3]),
      new Float32Array([0.5]),
      new Float64Array([0.1]),
    ],
    (all) => all.map((each) => [each.constructor.name, ...each]),
    [
      ['Int8Array', -1],
      ['Uint8Array', 255],
      ['Uint8ClampedArray', 255],
      ['Int16Array', -2],
      ['Uint16Array', 2],
      ['Int32Array', -3],
      ['Uint32Array', 3],
      ['Float32Array', 0.5],
      ['Float64Array', 0.1],
    ],
  ),
  value(
    'BigInt arrays, DataView, ArrayBuffer',
    () =>
      [
        new BigInt64Array([-1n]),
        new BigUint64Array([1n]),
        new DataView(new Uint8Array([1, 2]).buffer, 1),
        new Uint8Array([9]).buffer,
      ] as const,
    ([a, b, c, d]) => [a[0], b[0], c.getUint8(0), c.byteLength, numbers(new Uint8Array(d))],
    [-1n, 1n, 2, 1, [9]],
  ),
  value(
    'resizable ArrayBuffer',
    () => new (ArrayBuffer as unknown as new (n: number, o: object) => ArrayBuffer)(1, { maxByteLength: 2 }),
    (it) => {
      const { resizable, maxByteLength } = it as ArrayBuffer & { resizable: boolean; maxByteLength: number };
      return [it.byteLength, resizable, maxByteLength];
    },
    [1, true, 2],
  ),
  value(
    'Float16Array',
    () =>
      new (globalThis as unknown as { Float16Array: new (all: number[]) => ArrayLike<number> }).Float16Array([0.5, 2]),
    (it) => [it.constructor.name, ...numbers(it)],
    ['Float16Array', 0.5, 2],
    { since: 24 },
  ),
  value(
    'Buffer',
    () => Buffer.from('hé'),
    (it) => [Buffer.isBuffer(it), it.toString()],
    [true, 'hé'],
  ),
  value(
    'two views of one buffer stay so',
    () => {
      const whole = new Uint8Array([1, 2, 3, 4]);
      return [whole, whole.subarray(1, 3)] as const;
    },
    ([whole, part]) => [whole.buffer === part.buffer, part.byteOffset - whole.byteOffset, numbers(part)],
    [true, 1, [2, 3]],
  ),
  value(
    'sparse arrays',
    () => {
      const made = [1, 2, 3];
      Reflect.deleteProperty(made, 1);
      made.length = 5;
      return made;
    },
    (it) => [it.length, 1 in it, it[2], Object.keys(it)],
    [5, false, 3, ['0', '2']],
  ),
  value(
    'arrays with properties',
    () => Object.assign([1, 2], { extra: 'x' }),
    (it) => [it.length, it.extra],
    [2, 'x'],
  ),
  value(
    'objects without prototype',
    () => Object.assign(Object.create(null) as { a?: number }, { a: 1 }),
    (it) => [Object.getPrototypeOf(it), it.a],
    [null, 1],
  ),
  value(
    'cycles',
    () => {
      const made: { self?: unknown; list: unknown[] } = { list: [] };
      made.self = made;
      made.list.push(made.list);
      return made;
    },
    (it) => [it.self === it, it.list[0] === it.list],
    [true, true],
  ),
  value(
    'one object held twice',
    () => {
      const one = { n: 1 };
      return [one, one, new Set([one])] as const;
    },
    ([a, b, set]) => [a === b, set.has(a)],
    [true, true],
  ),
  value(
    'a __proto__ key is a key',
    () => JSON.parse('{"__proto__":{"polluted":1},"a":2}') as { a: number },
    (it) => [Object.keys(it), Object.getPrototypeOf(it) === Object.prototype, (it as { polluted?: number }).polluted],
    [['__proto__', 'a'], true, undefined],
  ),
  value(
    'symbol keys, hidden and read-only properties',
    () =>
      Object.defineProperties(
        { [Symbol.for('k')]: 1 } as Record<symbol, number> & { hidden?: number; fixed?: number },
        { hidden: { value: 2 }, fixed: { value: 3, enumerable: true } },
      ),
    (it) => [it[Symbol.for('k')], it.hidden, Object.keys(it), Object.getOwnPropertyDescriptor(it, 'fixed')?.writable],
    [1, 2, ['fixed'], false],
  ),
  story(
    'getters and setters',
    (call) => {
      const object = {
        n: 1,
        get twice() {
          return this.n * 2;
        },
        set twice(x: number) {
          this.n = x / 2;
        },
      };
      return call((given: typeof object) => {
        given.twice = 10;
        return [object.twice, given.twice, given.n];
      }, object);
    },
    [2, 10, 5],
  ),
  value(
    'frozen',
    () => Object.freeze({ a: Object.freeze([1]) }),
    (it) => [Object.isFrozen(it), Object.isFrozen(it.a), it.a[0]],
    [true, true, 1],
  ),
  value(
    'sealed and not extensible',
    () => [Object.seal({ a: 1 }), Object.preventExtensions({ b: 2 })] as const,
    ([a, b]) => [Object.isSealed(a), Object.isFrozen(a), Object.isExtensible(b), Object.isSealed(b)],
    [true, false, false, false],
  ),
  story(
    'a frozen function and a frozen class',
    (call) => {
      const fn = Object.freeze((x: number) => x + 1);
      class Frozen {
        static n = 1;
      }
      Object.freeze(Frozen);
      return call(() => [Object.isFrozen(fn), fn(1), Object.isFrozen(Frozen), new Frozen() instanceof Frozen]);
    },
    [true, 2, true, true],
  ),
  value(
    'subclass of Date',
    () => new Day(0),
    (it) => [it instanceof Day, it.plus(1).toISOString()],
    [true, '1970-01-02T00:00:00.000Z'],
  ),
  value(
    'subclass of Map',
    () => new Table([['a', 1]]),
    (it) => [it instanceof Table, it.get('a'), it.label],
    [true, 1, 'table'],
  ),
  value(
    'subclass of Set',
    () => new Bag([1, 2]),
    (it) => [it instanceof Bag, it.sum()],
    [true, 3],
  ),
  value(
    'subclass of Array',
    () => List.from([1, 2]) as List,
    (it) => [it instanceof List, it.last(), it.length, it.map((x) => x) instanceof List],
    [true, 2, 2, true],
  ),
  value(
    'subclass of a typed array',
    () => Vector.of(3, 4) as Vector,
    (it) => [it instanceof Vector, it.norm()],
    [true, 5],
  ),
  value(
    'subclass of Error',
    () => new Problem('x'),
    (it) => [it instanceof Problem, it instanceof TypeError, it.message, it.detail],
    [true, true, 'x', { x: 1 }],
  ),
  value(
    'subclass of RegExp',
    () => new Pattern('a', 'g'),
    (it) => [it instanceof Pattern, it.count('banana')],
    [true, 3],
  ),
  value(
    'objects of another context',
    () =>
      runInNewContext('({ a: [1], d: new Date(5), m: new Map([[1, 2]]), e: new RangeError("x"), n: { o: null } })') as {
        a: number[];
        d: Date;
        m: Map<number, number>;
        e: Error;
        n: object;
      },
    (it) => [it.a[0], it.d.getTime(), it.m.get(1), it.e.message, it.n],
    [1, 5, 2, 'x', { o: null }],
  ),
  story(
    'a function of another context',
    (call) => {
      const fn = runInNewContext('const k = 3; ((x) => [x * k, [].concat(x)])') as (x: number) => unknown;
      return call(fn, 2);
    },
    [6, [2]],
  ),
  story(
    'a captured SharedArrayBuffer is the same memory',
    async (call) => {
      const cells = new Int32Array(new SharedArrayBuffer(8));
      await call(() => Atomics.add(cells, 0, 5));
      await call((given: Int32Array) => Atomics.add(given, 0, 2), cells);
      return [...cells];
    },
    [7, 0],
    {
      limits: {
        processes:
          "task: a SharedArrayBuffer cannot leave the process. Use backend 'threads', or copy it: new Uint8Array(shared).slice()",
      },
      renamed: ['cells'],
    },
  ),
  value(
    '10 000 plain objects',
    () => Array.from({ length: 10_000 }, (_, id) => ({ id, on: id % 2 === 0 })),
    (it) => [it.length, it[9_999]],
    [10_000, { id: 9_999, on: false }],
  ),
  value(
    'nested 5 000 deep',
    () => {
      let made: { in?: object } = {};
      for (let i = 0; i < 5_000; i += 1) made = { in: made };
      return made;
    },
    (it) => {
      let depth = 0;
      for (let at: { in?: object } | undefined = it; at?.in !== undefined; at = at.in as never) depth += 1;
      return depth;
    },
    5_000,
  ),
]);
