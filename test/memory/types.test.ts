import { type CacheOptions, type Memoized, Memory, type Shelved } from '@jobloom/memory';
import { delayed, type Task } from '@jobloom/parallel';
import { expect, expectTypeOf, test } from 'vitest';

const memory = new Memory({ location: null });

test('a memoized function keeps the types of its arguments and of its result', async () => {
  const f = memory.cache((text: string, times = 2) => text.repeat(times));
  expectTypeOf(f).parameters.toEqualTypeOf<[text: string, times?: number | undefined]>();
  expectTypeOf(f).returns.toEqualTypeOf<Promise<string>>();
  expect(await f('ab')).toBe('abab');
  const wrong = [
    // @ts-expect-error a number where a string is wanted
    () => f(1),
    // @ts-expect-error an argument too few
    () => f(),
    // @ts-expect-error an argument too many
    () => f('a', 2, 3),
  ];
  expect(wrong.length).toBe(3);
});

test('promises are awaited once; optional and rest parameters', () => {
  const later = memory.cache(async (x: number, ...more: readonly string[]) => ({ x, more }));
  expectTypeOf(later).parameters.toEqualTypeOf<[x: number, ...more: string[]]>();
  expectTypeOf(later).returns.toEqualTypeOf<Promise<{ x: number; more: readonly string[] }>>();
  const maybe = memory.cache((x?: { deep: boolean }) => x?.deep);
  expectTypeOf(maybe).returns.toEqualTypeOf<Promise<boolean | undefined>>();
});

test('methods keep their this', async () => {
  const scale = memory.cache(function (this: { rate: number }, x: number) {
    return this.rate * x;
  });
  expectTypeOf(scale).thisParameter.toEqualTypeOf<{ rate: number }>();
  const model = { rate: 2, scale };
  expectTypeOf(model.scale(3)).toEqualTypeOf<Promise<number>>();
  expect(await model.scale(3)).toBe(6);
  const bound = scale.withThis({ rate: 3 });
  expectTypeOf(bound).parameters.toEqualTypeOf<[x: number]>();
  expect(await bound(3)).toBe(9);
  // @ts-expect-error no rate
  scale.withThis({});
});

test('what memoized functions have', async () => {
  const f = memory.cache((x: number) => [x]);
  expectTypeOf(f).toEqualTypeOf<Memoized<[x: number], number[], unknown>>();
  expectTypeOf(f.refresh(1)).toEqualTypeOf<Promise<number[]>>();
  expectTypeOf(f.callAndShelve(1)).toEqualTypeOf<Promise<Shelved<number[]>>>();
  expectTypeOf((await f.callAndShelve(1)).get()).toEqualTypeOf<Promise<number[]>>();
  expectTypeOf(f.checkCallInCache).parameters.toEqualTypeOf<[x: number]>();
  expectTypeOf(f.explain).parameters.toEqualTypeOf<[x: number]>();
  expectTypeOf(delayed(f)(1)).toEqualTypeOf<Task<number[]>>();
  // @ts-expect-error a text where a number is wanted
  delayed(f)('1');
});

test('options know the function', () => {
  const options: CacheOptions<[x: number, y: string], Promise<Date>> = {
    key: (x, y) => [x.toFixed(), y.length],
    cacheIf: (result, [x]) => result.getTime() > x,
    validate: ({ ageMs }, [, y]) => ageMs < y.length,
  };
  const f = memory.cache(async (x: number, y: string) => new Date(x + y.length), options);
  expectTypeOf(f).returns.toEqualTypeOf<Promise<Date>>();
  // @ts-expect-error the function gives a number
  memory.cache((x: number) => x, { cacheIf: (result) => result.length > 0 });
  // @ts-expect-error misspelt
  expect(() => memory.cache((x: number) => x, { expireAfter: '1d' })).toThrow(/no option expireAfter/);
  // @ts-expect-error no duration
  expect(() => memory.cache((x: number) => x, { expiresAfter: '1 day' })).toThrow(/expiresAfter/);
});
