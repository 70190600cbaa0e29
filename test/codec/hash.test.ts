import { readFileSync } from 'node:fs';
import { hash, prepareXxh128, registerType, UnhashableError } from '@jobloom/codec';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { oracle } from './hash-oracle.ts';
import { EXPRESSIONS, evaluated } from './hash-values.ts';

const vectors = JSON.parse(readFileSync(new URL('./hash-vectors.json', import.meta.url), 'utf8')) as Record<
  string,
  string
>;

describe('vectors', () => {
  test('there is one for each expression, and no two are alike but where they must', () => {
    expect(Object.keys(vectors).sort()).toEqual([...EXPRESSIONS].sort());
    expect(new Set(Object.values(vectors)).size).toBe(EXPRESSIONS.length);
  });

  test.each(EXPRESSIONS)('%s', (expression) => {
    expect(hash(evaluated(expression))).toBe(vectors[expression]);
  });
});

const data = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(undefined, null, true, false, Number.NaN, -0, 0),
    fc.double(),
    fc.bigInt(),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.date({ noInvalidDate: false }),
    fc.uint8Array({ maxLength: 400 }),
    fc.float64Array({ maxLength: 50 }),
    fc.array(tie('value'), { maxLength: 6 }),
    fc.sparseArray(tie('value'), { maxLength: 6 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 6, noNullPrototype: true }),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 5 }).map((entries) => new Map(entries)),
    fc.array(tie('value'), { maxLength: 5 }).map((members) => new Set(members)),
  ),
})).value;

describe('properties', () => {
  test('the format is what the oracle says', () => {
    fc.assert(
      fc.property(data, (value) => hash(value) === oracle(value)),
      { numRuns: 2000 },
    );
  });

  test('copies, other orders and frozen values have the same hash', () => {
    fc.assert(
      fc.property(data, (value) => {
        expect(hash(structuredClone(value))).toBe(hash(value));
        expect(hash(Object.freeze([reversed(value)]))).toBe(hash([value]));
      }),
      { numRuns: 500 },
    );
  });

  test('values that differ have hashes that differ', () => {
    fc.assert(
      fc.property(data, data, (a, b) => {
        const same = JSON.stringify(describeForm(a)) === JSON.stringify(describeForm(b));
        expect(hash([a]) === hash([b])).toBe(same);
      }),
      { numRuns: 1000 },
    );
  });
});

/** The same value with every order turned round. */
function reversed(value: unknown): unknown {
  if (value instanceof Map) return new Map([...value].reverse().map(([key, item]) => [key, reversed(item)]));
  if (value instanceof Set) return new Set([...value].reverse());
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const turned: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value).reverse())
    Object.defineProperty(turned, key, { value: reversed(item), enumerable: true, writable: true, configurable: true });
  return turned;
}

/** A text that two values share exactly when they are equal as data: found by another way than bytes. */
function describeForm(value: unknown): unknown {
  if (typeof value === 'number') return ['number', Object.is(value, -0) ? '-0' : String(value)];
  if (typeof value === 'string') return ['text', Array.from({ length: value.length }, (_, at) => value.charCodeAt(at))];
  if (value === null || typeof value !== 'object') return [typeof value, String(value)];
  if (Array.isArray(value))
    return ['array', Array.from(value, (item, at) => (at in value ? describeForm(item) : 'hole'))];
  if (value instanceof Map) return ['map', [...value].map((entry) => JSON.stringify(entry.map(describeForm))).sort()];
  if (value instanceof Set) return ['set', [...value].map((item) => JSON.stringify(describeForm(item))).sort()];
  if (value instanceof Date) return ['date', String(value.getTime())];
  if (ArrayBuffer.isView(value)) {
    const items = Array.from(value as unknown as ArrayLike<number>, describeForm);
    return [value.constructor.name, items];
  }
  return [
    'object',
    Object.keys(value)
      .sort()
      .map((key) => [key, describeForm((value as Record<string, unknown>)[key])]),
  ];
}

class Money {
  readonly #cents: number;
  constructor(cents: number) {
    this.#cents = cents;
  }
  get cents(): number {
    return this.#cents;
  }
}

describe('what counts', () => {
  test('order counts where it is asked for', () => {
    const [ab, ba] = [new Set(['a', 'b']), new Set(['b', 'a'])];
    expect(hash(ab)).toBe(hash(ba));
    expect(hash(ab, { ordered: true })).not.toBe(hash(ba, { ordered: true }));
  });

  test('functions count by what they run', () => {
    const made = (rate: number) => (x: number) => x * rate;
    // biome-ignore format: the same function in other white space
    expect(hash((x: number) => x + 1)).toBe(hash((x: number) =>   x  +  1));
    expect(hash({ f: made(1) })).toBe(hash({ f: made(1) }));
    expect(hash((x: number) => x + 1)).not.toBe(hash((x: number) => x + 2));
  });

  test('instances count by class and fields; what is registered by what it says', () => {
    class A {
      x = 1;
    }
    class B {
      x = 1;
    }
    expect(hash(new A())).toBe(hash(new A()));
    expect(hash(new A())).not.toBe(hash(new B()));
    expect(hash(new A())).not.toBe(hash({ x: 1 }));
    expect(() => hash({ price: new Money(5) })).toThrow(
      /^value\.price: an instance of Money has the private member #cents/,
    );
    registerType({
      name: 'test.money',
      match: (value) => value instanceof Money,
      encode: (money: Money) => money.cents,
      decode: (cents: number) => new Money(cents),
    });
    expect(hash(new Money(5))).toBe(hash(new Money(5)));
    expect(hash(new Money(5))).not.toBe(hash(new Money(6)));
  });

  test('shared objects are as good as copies, however many ways lead to them', () => {
    let shared: unknown = { end: true };
    for (let level = 0; level < 60; level += 1) shared = { left: shared, right: shared, note: 'n'.repeat(30) };
    expect(hash(shared)).toBe(hash(shared));
  });

  test('xxh128 is refused before it is loaded, and gives 128 bits after', async () => {
    const array = new Float64Array(1000).fill(3);
    expect(() => hash(array, { algorithm: 'xxh128' })).toThrow(/await prepareXxh128\(\)/);
    await prepareXxh128();
    expect(hash(array, { algorithm: 'xxh128' })).toMatch(/^[0-9a-f]{32}$/);
    expect(hash(array, { algorithm: 'xxh128' })).toBe(hash(array.slice(), { algorithm: 'xxh128' }));
    expect(hash(array, { algorithm: 'xxh128' })).not.toBe(hash(array.fill(4), { algorithm: 'xxh128' }));
  });
});

describe('what has no hash', () => {
  const deep = (): unknown => {
    let value: unknown = 1;
    for (let level = 0; level < 3000; level += 1) value = [value];
    return value;
  };
  test.each([
    ['a promise', { a: [Promise.resolve(1)] }, /^args\.a\[0\]: a Promise has no hash\. Leave it out/],
    ['a WeakMap', new Map([['k', new WeakMap()]]), /^args\.get\(k\): a WeakMap has no hash/],
    ['a stream', { out: process.stdout }, /^args\.out.*has no hash/],
    [
      'a getter',
      {
        get now() {
          return Date.now();
        },
      },
      /^args\.now: it is an accessor/,
    ],
    ['a symbol of its own', [Symbol('mine')], /^args\[0\]: Symbol\(mine\) is a symbol of its own/],
    ['a proxy', { 'odd key': new Proxy({}, {}) }, /^args\["odd key"\]: a Proxy has no content/],
    ['what is nested too deeply', deep(), /nested deeper than 500 objects/],
  ])('%s', (_name, value, message) => {
    expect(() => hash(value, { name: 'args' })).toThrow(UnhashableError);
    expect(() => hash(value, { name: 'args' })).toThrow(message);
    expect(hash([1])).toBe(oracle([1])); // what was begun leaves nothing behind
  });
});
