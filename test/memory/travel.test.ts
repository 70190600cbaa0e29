import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Memory, Shelved } from '@jobloom/memory';
import { delayed, parallel, parallelBackend } from '@jobloom/parallel';
import { memoryStore } from '@jobloom/stores';
import { describe, expect, test } from 'vitest';
import { eventsOf, scratchFolders } from './scratch.ts';

const scratch = scratchFolders();

describe.each(['sequential', 'threads', 'processes'] as const)('%s', (backend) => {
  const inWorkers = <T>(body: () => Promise<T>): Promise<T> => parallelBackend(backend, { nJobs: 2 }, body);

  test('a memoized function works on the same store', async () => {
    await using memory = scratch.open();
    const half = (x: number) => x / 2;
    const f = memory.cache((x: number) => ({ half: half(x) }));
    await f(0);
    const results = await inWorkers(() => parallel([0, 1, 2].map((x) => delayed(f)(x))));
    expect(results).toEqual([{ half: 0 }, { half: 0.5 }, { half: 1 }]);
    expect(await Promise.all([0, 1, 2].map((x) => f.checkCallInCache(x)))).toEqual([true, true, true]);
    expect(await f(2)).toEqual({ half: 1 });
    expect(scratch.entries().length).toBe(3);
  });

  test('one that is captured, with its methods; a Memory too', async () => {
    await using memory = scratch.open();
    const f = memory.cache((x: number) => x + 1);
    const task = async (x: number) => {
      const first = await f.checkCallInCache(x);
      const value = await f(x);
      const inner = memory.cache((y: number) => y * 10, { name: 'inner' });
      return [first, value, await f.checkCallInCache(x), await inner(x), memory.location !== null];
    };
    expect(await inWorkers(() => parallel([delayed(task)(5)]))).toEqual([[false, 6, true, 50, true]]);
    expect(await memory.cache((y: number) => y * 10, { name: 'inner' }).checkCallInCache(5)).toBe(true);
  });

  test('references go to tasks and come back from them', async () => {
    await using memory = scratch.open();
    const f = memory.cache((x: number) => new Float64Array(10_000).fill(x));
    const references = await inWorkers(() =>
      parallel([1, 2].map((x) => delayed((y: number) => f.callAndShelve(y))(x))),
    );
    expect((await references[1]?.get())?.[0]).toBe(2);
    const sum = async (reference: Shelved<Float64Array>) => (await reference.get()).reduce((a, b) => a + b, 0);
    expect(await inWorkers(() => parallel(references.map((each) => delayed(sum)(each))))).toEqual([10_000, 20_000]);
    expect(
      await inWorkers(() => parallel(references.map((each) => delayed((r: typeof each) => r.clear())(each)))),
    ).toEqual([true, true]);
    expect(scratch.entries()).toEqual([]);
  });

  test('functions that call themselves and each other', async () => {
    await using memory = scratch.open();
    const isEven = memory.cache(async (n: number): Promise<boolean> => n === 0 || isOdd(n - 1));
    const isOdd = memory.cache(async (n: number): Promise<boolean> => n !== 0 && isEven(n - 1));
    expect(await inWorkers(() => parallel([10, 7].map((n) => delayed(isEven)(n))))).toEqual([true, false]);
    expect(await isEven.checkCallInCache(6)).toBe(true);
    expect(await isOdd(7)).toBe(true);
  });

  test('options come along: functions, signatures, ignored arguments', async () => {
    await using memory = scratch.open({ hmacKey: 'sixteen characters', compress: 'gzip' });
    const limit = 10;
    const f = memory.cache((x: number, tag: string) => `${x} ${tag.length}`, {
      ignore: ['tag'],
      cacheIf: (_, [x]) => x < limit,
      validate: ({ ageMs }) => ageMs < 60_000,
    });
    expect(await inWorkers(() => parallel([1, 20].map((x) => delayed(f)(x, 'abc'))))).toEqual(['1 3', '20 3']);
    expect(await f(1, 'longer')).toBe('1 3');
    expect(await f.checkCallInCache(20, '')).toBe(false);
  });

  test('location null', async () => {
    await using memory = scratch.open({ location: null });
    const f = memory.cache((x: number) => x + 1);
    expect(await inWorkers(() => parallel([delayed(f)(1)]))).toEqual([2]);
  });

  test('methods with their this', async () => {
    await using memory = scratch.open();
    const model = { rate: 3 };
    const predict = memory.cache(function (this: typeof model, x: number) {
      return this.rate * x;
    });
    expect(await inWorkers(() => parallel([delayed(predict.withThis(model))(2)]))).toEqual([6]);
    expect(await predict.withThis({ rate: 3 }).checkCallInCache(2)).toBe(true);
  });
});

describe('stores of one thread', () => {
  test.each([['a store', (): Partial<Memory> => ({})]])(
    '%s: said to be so, and workers compute without it',
    async () => {
      await using memory = scratch.open({ location: memoryStore() });
      const events = eventsOf(memory);
      const f = memory.cache((x: number) => x + 1);
      expect(
        await parallel(
          [1, 2].map((x) => delayed(f)(x)),
          { nJobs: 2 },
        ),
      ).toEqual([2, 3]);
      expect(await f.checkCallInCache(1)).toBe(false);
      expect(events).toMatchObject([{ type: 'degraded', capability: 'sharedBy' }]);
    },
  );

  test("'memory:': each worker has its own", async () => {
    await using memory = scratch.open({ location: 'memory:' });
    const events = eventsOf(memory);
    const f = memory.cache((x: number) => x + 1);
    const twice = async (x: number) => [await f(x), await f.checkCallInCache(x)];
    expect(await parallel([delayed(twice)(1)])).toEqual([[2, true]]);
    expect(await f.checkCallInCache(1)).toBe(false);
    expect(events).toMatchObject([{ type: 'degraded', detail: expect.stringContaining('one of their own') }]);
  });
});

test('where the folder cannot be reached, a worker computes', async () => {
  await using memory = scratch.open({ location: '/proc/nowhere/cache' });
  const events = eventsOf(memory);
  const f = memory.cache((x: number) => x + 1);
  expect(await parallel([1, 2].map((x) => delayed(f)(x)))).toEqual([2, 3]);
  expect(await f(3)).toBe(4);
  expect(events).toMatchObject([{ type: 'fault' }, { type: 'computed', stored: false }]);
  expect(existsSync(join('/proc/nowhere'))).toBe(false);
});
