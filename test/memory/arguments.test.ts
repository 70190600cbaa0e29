import { Memory } from '@jobloom/memory';
import { memoryStore } from '@jobloom/stores';
import { describe, expect, test } from 'vitest';

// biome-ignore lint/complexity/noBannedTypes: functions of any kind
type Any = Function;

/** How many different calls these were, to a function that is memoized so. */
async function distinct(fn: Any, calls: readonly (readonly unknown[])[], options: object = {}): Promise<number> {
  await using memory = new Memory({ store: memoryStore() });
  const f = memory.cache(fn as (...args: unknown[]) => unknown, options);
  for (const call of calls) await f(...call);
  return memory.stats().misses;
}

describe('arguments count by value', () => {
  test.each([
    ['-0 and 0', [[0], [-0]], 2],
    ['NaN and NaN', [[Number.NaN], [0 / 0]], 1],
    ['1 and 1n and "1" and true', [[1], [1n], ['1'], [true]], 4],
    ['keys in any order', [[{ a: 1, b: 2 }], [{ b: 2, a: 1 }]], 1],
    ['undefined and missing in objects', [[{ a: undefined }], [{}]], 2],
    ['lists and typed arrays', [[[1, 2]], [new Uint8Array([1, 2])], [new Uint16Array([1, 2])]], 3],
    ['Sets in any order', [[new Set(['a', 'b'])], [new Set(['b', 'a'])]], 1],
    [
      'Maps in any order',
      [
        [
          new Map([
            [1, 2],
            [3, 4],
          ]),
        ],
        [
          new Map([
            [3, 4],
            [1, 2],
          ]),
        ],
      ],
      1,
    ],
    ['dates', [[new Date(1)], [new Date(1)], [new Date(2)]], 2],
    ['functions by their code', [[(x: number) => x + 1], [(x: number) => x + 1], [(x: number) => x + 2]], 2],
  ])('%s', async (_name, calls, count) => {
    expect(await distinct((x: unknown) => typeof x, calls)).toBe(count);
  });

  test('cycles', async () => {
    const cycle = () => {
      const object: { self?: object; a: number } = { a: 1 };
      object.self = object;
      return object;
    };
    expect(await distinct((x: unknown) => typeof x, [[cycle()], [cycle()]])).toBe(1);
  });
});

describe('defaults and what is left out', () => {
  test('a literal default given, left out, or undefined is one call', async () => {
    const f = (x: number, y = 2, z = -1, t = 'a') => `${x}${y}${z}${t}`;
    expect(await distinct(f, [[1], [1, 2], [1, undefined], [1, 2, -1], [1, 2, -1, 'a']])).toBe(1);
    expect(await distinct(f, [[1], [1, 3], [1, 2, 1], [1, 2, -1, 'b']])).toBe(4);
  });

  test('a default that is computed is not guessed', async () => {
    const f = (x: number, y = x + 1) => x + y;
    expect(await distinct(f, [[1], [1, undefined]])).toBe(1);
    expect(await distinct(f, [[1], [1, 2]])).toBe(2);
  });

  test('what a function has no parameter for does not count, unless it can see it', async () => {
    expect(await distinct((x: number) => x, [[1], [1, 2]])).toBe(1);
    expect(await distinct((x: number, ...rest: number[]) => x + rest.length, [[1], [1, 2], [1, 2, 3]])).toBe(3);
    const counts = function (_x: number) {
      // biome-ignore lint/complexity/noArguments: what is tested
      return arguments.length;
    };
    expect(await distinct(counts, [[1], [1, undefined], [1, 2]])).toBe(3);
    expect(await distinct(Math.max, [[1], [1, 2], [1, 2]])).toBe(2);
  });

  test('defaults of destructured properties', async () => {
    const f = ({ a, b = 2 }: { a: number; b?: number } = { a: 1 }) => a + b;
    expect(await distinct(f, [[{ a: 1 }], [{ a: 1, b: 2 }], [{ b: undefined, a: 1 }]])).toBe(1);
    expect(await distinct(f, [[{ a: 1 }], [{ a: 1, b: 3 }], [{ a: 2 }]])).toBe(3);
  });
});

describe('ignore', () => {
  const f = (x: number, verbose: boolean, y = 1) => x + y + Number(verbose) * 0;

  test.each([[['verbose']], [[1]]])('%j', async (ignore) => {
    expect(
      await distinct(
        f,
        [
          [1, true],
          [1, false],
          [1, true, 1],
        ],
        { ignore },
      ),
    ).toBe(1);
    expect(
      await distinct(
        f,
        [
          [1, true],
          [2, true],
          [1, true, 2],
        ],
        { ignore },
      ),
    ).toBe(3);
  });

  test('what has no hash may be ignored', async () => {
    const log = (x: number, logger: object) => typeof logger + x;
    expect(await distinct(log, [[1, new WeakMap()], [1, new WeakMap()], [1]], { ignore: ['logger'] })).toBe(1);
  });

  test('properties that the function destructures', async () => {
    const g = ({ x, log }: { x: number; log?: object }) => typeof log + x;
    const calls = [[{ x: 1, log: new WeakMap() }], [{ x: 1 }], [{ log: Promise.resolve(), x: 1 }]];
    expect(await distinct(g, calls, { ignore: ['log'] })).toBe(1);
  });

  test('by position in rest parameters and in functions whose parameters are unknown', async () => {
    const rest = (...all: number[]) => all.length;
    expect(
      await distinct(
        rest,
        [
          [1, 2, 3],
          [1, 5, 3],
          [1, 2, 4],
        ],
        { ignore: [1] },
      ),
    ).toBe(2);
    expect(
      await distinct(
        Math.max,
        [
          [1, 2],
          [1, 3],
          [2, 2],
        ],
        { ignore: [1] },
      ),
    ).toBe(2);
  });

  test('is part of the key: entries of one choice do not answer for another', async () => {
    const store = memoryStore();
    await using memory = new Memory({ store });
    const g = (x: number, y?: number) => `${x} ${y}`;
    expect(await memory.cache(g, { ignore: ['y'] })(1, 5)).toBe('1 5');
    expect(await memory.cache(g)(1)).toBe('1 undefined');
    expect(await memory.cache(g, { ignore: ['y'] })(1)).toBe('1 5');
  });
});

describe('key and version', () => {
  test('key says what counts', async () => {
    const f = (row: { id: number; seen: number }) => row.id;
    const calls = [[{ id: 1, seen: 1 }], [{ id: 1, seen: 2 }], [{ id: 2, seen: 1 }]];
    expect(await distinct(f, calls, { key: (row: { id: number }) => row.id })).toBe(2);
  });

  test('another key function, other entries', async () => {
    await using memory = new Memory({ store: memoryStore() });
    const f = (x: number) => x;
    expect(await memory.cache(f, { key: (x) => x % 10 })(15)).toBe(15);
    expect(await memory.cache(f, { key: (x) => x % 10 })(5)).toBe(15);
    expect(await memory.cache(f, { key: (x) => x % 100 })(5)).toBe(5);
  });

  test('another version, other entries; the old ones stay', async () => {
    await using memory = new Memory({ store: memoryStore() });
    const f = (x: number) => x;
    for (const version of [1, 2, 1, '1', 2]) await memory.cache(f, { version })(1);
    expect(memory.stats().misses).toBe(3);
  });
});

describe('methods', () => {
  class Model {
    readonly rate: number;
    constructor(rate: number) {
      this.rate = rate;
    }
    predict(x: number) {
      return this.rate * x;
    }
  }

  test('this is part of the key, by value', async () => {
    await using memory = new Memory({ store: memoryStore() });
    const predict = memory.cache(Model.prototype.predict);
    class Cached extends Model {}
    Cached.prototype.predict = predict as unknown as Model['predict'];
    const [two, again, three] = [new Cached(2), new Cached(2), new Cached(3)];
    expect([await two.predict(5), await again.predict(5), await three.predict(5)]).toEqual([10, 10, 15]);
    expect(memory.stats()).toMatchObject({ hits: 1, misses: 2 });
  });

  test('and not where the function does not look at it', async () => {
    await using memory = new Memory({ store: memoryStore() });
    const tools = { f: memory.cache((x: number) => x), g: memory.cache((x: number) => x), live: new WeakMap() };
    expect([await tools.f(1), await tools.g(1)]).toEqual([1, 1]);
    expect(memory.stats()).toMatchObject({ hits: 1, misses: 1 });
  });

  test('withThis gives a method with all that memoized functions have', async () => {
    await using memory = new Memory({ store: memoryStore() });
    const predict = memory.cache(Model.prototype.predict);
    const bound = predict.withThis(new Model(2));
    expect(await bound(5)).toBe(10);
    expect(await bound.checkCallInCache(5)).toBe(true);
    expect(await predict.withThis(new Model(3)).checkCallInCache(5)).toBe(false);
    expect(await (await bound.callAndShelve(5)).get()).toBe(10);
  });

  test('the code of the class counts, whose methods are reached through this', async () => {
    await using memory = new Memory({ store: memoryStore() });
    const make = (type: 'a' | 'b') => {
      class Scaled {
        rate = 1;
        scale(x: number) {
          return this.factor() * x;
        }
        factor() {
          return 0;
        }
      }
      class A extends Scaled {
        override factor() {
          return 2;
        }
      }
      class B extends Scaled {
        override factor() {
          return 3;
        }
      }
      Object.defineProperty(B, 'name', { value: 'A' });
      return { object: type === 'a' ? new A() : new B(), scale: Scaled.prototype.scale };
    };
    const [a, b] = [make('a'), make('b')];
    const scale = memory.cache(a.scale);
    expect([await scale.withThis(a.object)(1), await scale.withThis(b.object)(1)]).toEqual([2, 3]);
  });
});
