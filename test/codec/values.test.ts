import { createReadStream } from 'node:fs';
import { Socket } from 'node:net';
import { type Frame, isPlain, registerType, Session, UnserializableError } from '@jobloom/codec';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PEERS, type Peer } from './peers.ts';

class Point {
  x: number;
  constructor(x: number) {
    this.x = x;
  }
}
class Tagged extends Map<string, number> {
  tag = 't';
}
class Stamp extends Date {}
class Row extends Array<number> {}
class Bytes extends Uint8Array {}
class Trouble extends RangeError {
  readonly price: number;
  constructor(price: number) {
    super(`price ${price}`, { cause: new TypeError('inner') });
    this.price = price;
  }
}

/** A value through frames in this process. */
function locally<T>(value: T, session = new Session({ functions: true })): T {
  const frame = new Session().encode(value);
  return session.decode(frame) as T;
}

describe.each(PEERS)('values over a %s', (name, open) => {
  let peer: Peer;
  beforeAll(() => {
    peer = open();
  });
  afterAll(async () => peer[Symbol.asyncDispose]());

  test('primitives', async () => {
    const values = [-0, 0, Number.NaN, Number.POSITIVE_INFINITY, undefined, null, true, 2n ** 70n, '', 'a\ud800b', '𝒳'];
    const got = await peer.trip(values);
    expect(got).toEqual(values);
    expect(Object.is(got[0], -0)).toBe(true);
    expect(got[9]).toBe('a\ud800b');
  });

  test('arrays: holes, extra properties, cycles, shared members', async () => {
    const shared = { s: 1 };
    // biome-ignore lint/suspicious/noSparseArray: that is the case
    const holes = Object.assign([1, , 3], { note: 'extra' });
    const huge: number[] = [];
    huge[1_000_000] = 1;
    const cycle: unknown[] = [shared, shared];
    cycle.push(cycle);
    const got = await peer.trip({ holes, huge, cycle });
    expect(got.holes).toEqual(holes);
    expect(1 in got.holes).toBe(false);
    expect([got.huge.length, Object.keys(got.huge)]).toEqual([1_000_001, ['1000000']]);
    expect(got.cycle[0]).toBe(got.cycle[1]);
    expect(got.cycle[2]).toBe(got.cycle);
  });

  test('objects: symbol keys, accessors, hidden properties, null prototypes, __proto__ as a key', async () => {
    const source = {
      [Symbol.for('registered')]: 1,
      get double() {
        return 2 * (this as unknown as { n: number }).n;
      },
      n: 4,
      ['__proto__']: { polluted: true },
    };
    Object.defineProperty(source, 'hidden', { value: 5, enumerable: false, writable: false, configurable: true });
    const bare = Object.assign(Object.create(null), { a: 1 });
    const inherits = Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } });
    const check = (given: typeof source, nothing: object, child: { inherited: number }) => {
      const hidden = Object.getOwnPropertyDescriptor(given, 'hidden');
      return [
        given[Symbol.for('registered') as never],
        given.double,
        hidden?.value,
        hidden?.enumerable,
        hidden?.writable,
        Object.hasOwn(given, '__proto__'),
        Object.getPrototypeOf(given) === Object.prototype,
        Object.getPrototypeOf(nothing) === null,
        child.inherited,
      ];
    };
    expect(await peer.call(check, source, bare, inherits)).toEqual([1, 8, 5, false, false, true, true, true, 1]);
    const parsed = await peer.trip(JSON.parse('{"__proto__":{"x":1}}') as object);
    expect(Object.hasOwn(parsed, '__proto__')).toBe(true);
  });

  test('frozen, sealed and closed objects stay so', async () => {
    const got = await peer.trip([
      Object.freeze({ a: [1] }),
      Object.seal({ b: 1 }),
      Object.preventExtensions({ c: 1 }),
      Object.freeze([1, 2]),
      Object.freeze(new Point(1)),
    ]);
    expect(got.map((each) => [Object.isFrozen(each), Object.isSealed(each), Object.isExtensible(each)])).toEqual([
      [true, true, false],
      [false, true, false],
      [false, false, false],
      [true, true, false],
      [true, true, false],
    ]);
    expect(got[0]).toEqual({ a: [1] });
    expect(got[3]).toEqual([1, 2]);
  });

  test('collections, dates, expressions, boxed primitives, URLs', async () => {
    const expression = /x/giu;
    expression.lastIndex = 3;
    const value = {
      map: new Map<unknown, unknown>([[{ k: 1 }, new Set([Number.NaN, -0])]]),
      date: new Date(5),
      never: new Date(Number.NaN),
      expression,
      boxed: [Object(1), Object('ab'), Object(false), Object(1n)],
      url: new URL('http://a.b/c?d=1#e'),
      search: new URLSearchParams('a=1&a=2'),
    };
    const got = await peer.trip(value);
    expect(got).toEqual(value);
    expect(got.expression.lastIndex).toBe(3);
    expect(Number.isNaN(got.never.getTime())).toBe(true);
    expect(typeof got.boxed[0]).toBe('object');
    expect(got.url).toBeInstanceOf(URL);
    expect(got.url.href).toBe('http://a.b/c?d=1#e');
  });

  test('typed arrays, buffers and views keep type, bytes and sharing', async () => {
    const memory = new ArrayBuffer(32);
    const value = {
      arrays: [
        Int8Array,
        Uint8ClampedArray,
        Int16Array,
        Uint16Array,
        Int32Array,
        Uint32Array,
        Float32Array,
        Float64Array,
      ].map((Type) => new Type([1, 2, 3])),
      big: new BigInt64Array([-1n]),
      bigger: new BigUint64Array([2n ** 63n]),
      buffer: Buffer.from('hi'),
      view: new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2),
      first: new Uint8Array(memory, 0, 8),
      second: new Float64Array(memory, 8, 2),
      memory,
      large: new Float64Array(10_000).fill(1.5),
      none: new Uint8Array(0),
    };
    const check = (given: typeof value) => {
      given.first[0] = 9;
      return [
        given.first.buffer === given.memory,
        given.second.buffer === given.memory,
        new Uint8Array(given.memory)[0],
        given.large.buffer.byteLength,
      ];
    };
    expect(await peer.call(check, value)).toEqual([true, true, 9, 80_000]);
    const got = await peer.trip(value);
    expect(got).toEqual(value);
    expect(Buffer.isBuffer(got.buffer)).toBe(true);
    expect(got.buffer.buffer.byteLength).toBe(2);
    expect([got.view.byteLength, got.view.getUint8(0)]).toEqual([2, 2]);
    expect(memory.byteLength).toBe(32);
  });

  test('errors: class, message, cause, own properties', async () => {
    const value = Object.assign(new TypeError('m', { cause: new RangeError('c') }), { code: 'E_X' });
    const got = await peer.trip(value);
    expect(got).toBeInstanceOf(TypeError);
    expect([got.message, got.code, got.stack, (got.cause as Error).message]).toEqual(['m', 'E_X', value.stack, 'c']);
    expect(Object.getOwnPropertyDescriptor(got, 'message')?.enumerable).toBe(false);
    const many = await peer.trip(new AggregateError([new Error('1')], 'all'));
    expect([many.errors[0].message, many.message, many instanceof AggregateError]).toEqual(['1', 'all', true]);
    const own = await peer.trip(new Trouble(3));
    expect([own instanceof Trouble, own.price, (own.cause as Error).message]).toEqual([true, 3, 'inner']);
  });

  test('instances and subclasses of built-in classes arrive as such', async () => {
    const value = {
      point: new Point(1),
      tagged: new Tagged([['a', 1]]),
      stamp: new Stamp(7),
      row: Row.from([1, 2]),
      bytes: Bytes.from([1, 2]),
    };
    const got = await peer.trip(value);
    expect(got).toEqual(value);
    expect(got.point).toBeInstanceOf(Point);
    expect([got.tagged instanceof Tagged, got.tagged.get('a'), got.tagged.tag]).toEqual([true, 1, 't']);
    expect([got.stamp instanceof Stamp, got.stamp.getTime()]).toEqual([true, 7]);
    expect([got.row instanceof Row, got.row.length, got.bytes instanceof Bytes]).toEqual([true, 2, true]);
  });

  test('symbols: well-known, registered, and one’s own', async () => {
    const own = Symbol('own');
    const object = { [own]: 1 };
    const check = (given: Record<symbol, number>) => [given[own], Symbol.iterator === Symbol.iterator, own.description];
    expect(await peer.call(check, object)).toEqual([1, true, 'own']);
    expect(await peer.call(() => own)).toBe(own);
    expect(await peer.trip([Symbol.asyncIterator, Symbol.for('r')])).toEqual([Symbol.asyncIterator, Symbol.for('r')]);
  });

  test('shared memory is shared between threads, and refused elsewhere', async () => {
    const shared = new Int32Array(new SharedArrayBuffer(8));
    const write = (given: Int32Array, memory: SharedArrayBuffer) => {
      given[0] = 7;
      return given.buffer === memory;
    };
    const call = peer.call(write, shared, shared.buffer as SharedArrayBuffer);
    if (name === 'thread') {
      expect(await call).toBe(true);
      expect(shared[0]).toBe(7);
    } else {
      await expect(call).rejects.toThrow(
        /^arguments: a SharedArrayBuffer cannot leave the process\. Use backend 'threads'/,
      );
    }
  });

  test('100,000 levels deep', async () => {
    let deep: unknown[] = [];
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    const depth = (given: unknown[]) => {
      let count = 0;
      for (let at = given; at.length > 0; at = at[0] as unknown[]) count += 1;
      return count;
    };
    expect(await peer.call(depth, deep)).toBe(100_000);
  });

  test('registered types and reduce methods', async () => {
    class Secret {
      #value: number;
      constructor(value: number) {
        this.#value = value;
      }
      get value(): number {
        return this.#value;
      }
    }
    class Reduced {
      #value: number;
      constructor(value: number) {
        this.#value = value;
      }
      get value(): number {
        return this.#value;
      }
      [Symbol.for('jobloom.reduce')]() {
        return [Reduced, this.#value];
      }
    }
    registerType<Secret, number>({
      name: 'test.Secret',
      match: (value) => value instanceof Secret,
      encode: (secret) => secret.value,
      decode: (value) => new Secret(value),
    });
    expect(await peer.call((a: Secret, b: Reduced) => a.value + b.value, new Secret(1), new Reduced(2))).toBe(3);
    const [secret, fresh, reduced] = await peer.call(
      (given: Secret) => [given, new Secret(6), new Reduced(7)] as const,
      new Secret(5),
    );
    expect([secret instanceof Secret, secret.value, fresh instanceof Secret, fresh.value]).toEqual([true, 5, true, 6]);
    expect([reduced instanceof Reduced, reduced.value]).toEqual([true, 7]);
  });

  test('failures keep what can travel and describe the rest', async () => {
    const fail = () => {
      class Inner extends Trouble {}
      throw Object.assign(new Inner(2), { conn: new WeakMap(), code: 'E' });
    };
    void Trouble;
    const error = (await peer.call(fail).catch((thrown: unknown) => thrown)) as Trouble & {
      conn: unknown;
      code: string;
    };
    expect(error).toBeInstanceOf(Trouble);
    expect([error.message, error.price, error.code, error.conn]).toEqual([
      'price 2',
      2,
      'E',
      'WeakMap { <items unknown> }',
    ]);
    expect((error.cause as Error).message).toBe('inner');
  });

  test('a task cannot return functions that it made', async () => {
    const error = (await peer.call(() => [() => 1]).catch((thrown: unknown) => thrown)) as UnserializableError;
    expect(error).toBeInstanceOf(UnserializableError);
    expect(error.message).toMatch(/^result -> \[0\]: function anonymous was made in the task/);
  });
});

test('live things are refused by name', () => {
  const cases: [unknown, string][] = [
    [new Socket(), 'value -> .it: a live Socket (node:net.Socket) cannot be sent. Make it in the task'],
    [
      createReadStream('/dev/null'),
      'value -> .it: a live ReadStream (node:stream.Readable) cannot be sent. Make it in the task',
    ],
    [new WeakSet(), 'value -> .it: a WeakSet cannot be sent: its members cannot be listed. Use a Set'],
    [Promise.resolve(), 'value -> .it: a Promise cannot be sent. Await it and send its value'],
    [new AbortController(), 'value -> .it: an AbortController cannot be sent.'],
    [(function* () {})(), 'value -> .it: a running generator cannot be sent.'],
  ];
  for (const [it, message] of cases) expect(() => new Session().encode({ it })).toThrow(message);
});

test('a snapshot: later changes do not show', () => {
  const value = { list: [1], bytes: new Float64Array(1000) };
  const frame = new Session().encode(value);
  value.list.push(2);
  value.bytes[0] = 1;
  expect(new Session().decode(frame)).toEqual({ list: [1], bytes: new Float64Array(1000) });
});

test('a buffer from the pool does not carry its neighbours', () => {
  const secret = Buffer.from('secret'.repeat(10));
  const frame: Frame = new Session().encode([Buffer.from('a'), secret.subarray(0, 1)]);
  expect(Buffer.from(frame.head).includes('ecret')).toBe(false);
});

test('a long array whose own properties hide its length', () => {
  const hidden = Object.defineProperty(new Uint8Array(5000).fill(7), 'length', { value: Object.create(null) });
  const got = locally(hidden);
  expect([got[4999], Object.getPrototypeOf(got.length), got.byteLength]).toEqual([7, null, 5000]);
});

test('isPlain is strict', () => {
  const plain = [
    1,
    'a',
    [1, [2]],
    { a: { b: new Date() } },
    new Map([[1, new Set([2])]]),
    new Float32Array(2),
    null,
    undefined,
    /x/,
  ];
  for (const value of plain) expect(isPlain(value)).toBe(true);
  const others = [
    () => 1,
    { f() {} },
    Symbol('s'),
    Object.create(null),
    new Point(1),
    Object.freeze({}),
    {
      get a() {
        return 1;
      },
    },
    { [Symbol('k')]: 1 },
    Object.defineProperty({}, 'h', { value: 1 }),
    Object.defineProperty([1], 'h', { value: 1 }),
    Object.defineProperty(new Array(100).fill(0), 'h', { value: 1 }),
    new Error('e'),
    new Tagged(),
    [[[new Point(1)]]],
    new URL('http://a'),
  ];
  for (const value of others) expect(isPlain(value)).toBe(false);
});

test('answers are data', () => {
  const caller = new Session();
  caller.encode(() => 1);
  const hostile = new Session().encode({ then: () => 'pwned' });
  expect(() => caller.decode(hostile)).toThrow(/answers are data/);
  const named = new Session().encode([process.exit]);
  expect(() => caller.decode(named)).toThrow(/answers are data/);
  const polluted = caller.decode(new Session().encode(JSON.parse('{"__proto__":{"admin":true}}'))) as {
    admin?: boolean;
  };
  expect(polluted.admin).toBeUndefined();
  expect(locally({ a: 1 })).toEqual({ a: 1 });
});
