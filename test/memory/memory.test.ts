import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UnhashableError } from '@jobloom/codec';
import { Memory, NoEntryError, OptionError } from '@jobloom/memory';
import { memoryStore } from '@jobloom/stores';
import { describe, expect, test } from 'vitest';
import { eventsOf, scratchFolders, troubles } from './scratch.ts';

const scratch = scratchFolders();

describe('calls', () => {
  test('a function runs once for its arguments, in this program and in the next', async () => {
    let runs = 0;
    const slow = (x: number, y: number) => {
      runs += 1;
      return { sum: x + y, list: [x, y] };
    };
    {
      await using memory = scratch.open();
      const f = memory.cache(slow);
      expect(await f(1, 2)).toEqual({ sum: 3, list: [1, 2] });
      expect(await f(1, 2)).toEqual({ sum: 3, list: [1, 2] });
      expect(await f(2, 2)).toEqual({ sum: 4, list: [2, 2] });
    }
    await using memory = scratch.open();
    expect(await memory.cache(slow)(1, 2)).toEqual({ sum: 3, list: [1, 2] });
    expect(runs).toBe(2);
    expect(memory.stats()).toMatchObject({ hits: 1, misses: 0, stored: 0, faults: 0 });
    expect(scratch.entries().length).toBe(2); // one file an entry
  });

  test('async functions, and values of every kind that is data', async () => {
    await using memory = scratch.open();
    const value = {
      none: undefined,
      date: new Date(5),
      map: new Map([[1, new Set(['a'])]]),
      big: 12n,
      numbers: new Float64Array([1, -0, Number.NaN]),
      bytes: new Uint8Array(100_000).fill(7),
      memory: new ArrayBuffer(8),
      error: new RangeError('far'),
    };
    let runs = 0;
    const f = memory.cache(async () => {
      runs += 1;
      return value;
    });
    await f();
    expect(await f()).toEqual(value);
    expect(runs).toBe(1);
  });

  test.each([undefined, null, 0, '', false, Number.NaN])('%s is a result as any other', async (result) => {
    await using memory = scratch.open();
    let runs = 0;
    const f = memory.cache(() => {
      runs += 1;
      return result;
    });
    expect(await f()).toBe(result);
    expect(await f()).toBe(result);
    expect(runs).toBe(1);
  });

  test('each caller has a copy of its own', async () => {
    await using memory = scratch.open();
    const f = memory.cache(() => ({ list: [1] }));
    const all = await Promise.all([f(), f(), f()]);
    all[0]?.list.push(2);
    expect(all[1]).toEqual({ list: [1] });
    expect(await f()).toEqual({ list: [1] });
  });

  test('what a function throws is not kept', async () => {
    await using memory = scratch.open();
    let runs = 0;
    const f = memory.cache((x: number) => {
      runs += 1;
      if (runs < 3) throw new RangeError(`run ${runs}`);
      return x;
    });
    await expect(f(1)).rejects.toThrow(new RangeError('run 1'));
    await expect(f(1)).rejects.toThrow(new RangeError('run 2'));
    expect(await f(1)).toBe(1);
    expect(await f(1)).toBe(1);
    expect(runs).toBe(3);
  });

  test('a result that is no data is given, told and computed again', async () => {
    await using memory = scratch.open();
    const events = eventsOf(memory);
    let runs = 0;
    const f = memory.cache(() => {
      runs += 1;
      return { add: (x: number) => x + 1 };
    });
    expect((await f()).add(1)).toBe(2);
    expect((await f()).add(2)).toBe(3);
    expect(runs).toBe(2);
    expect(events[0]).toMatchObject({ type: 'unserializable', error: { code: 'ERR_UNSERIALIZABLE' } });
    expect(memory.stats()).toMatchObject({ unserializable: 2, stored: 0, faults: 0 });
  });

  test('an argument without a hash is an error that names the way to it; nothing runs', async () => {
    await using memory = scratch.open();
    let runs = 0;
    const f = memory.cache((_: object) => {
      runs += 1;
    });
    const call = f({ model: { stream: new WeakMap() } });
    await expect(call).rejects.toThrow(UnhashableError);
    await expect(call).rejects.toThrow(/^args\[0\]\.model\.stream: /);
    expect(runs).toBe(0);
  });

  test('a function that calls itself through its memoized self', async () => {
    await using memory = scratch.open();
    let runs = 0;
    const fib = memory.cache(async (n: number): Promise<number> => {
      runs += 1;
      return n < 2 ? n : (await fib(n - 1)) + (await fib(n - 2));
    });
    expect(await fib(50)).toBe(12586269025);
    expect(runs).toBe(51);
  });
});

describe('location', () => {
  test('null: the same API, and nothing is kept', async () => {
    await using memory = new Memory({ location: null });
    let runs = 0;
    const f = memory.cache((x: number) => {
      runs += 1;
      return x;
    });
    expect([await f(1), await f(1), await f.refresh(1)]).toEqual([1, 1, 1]);
    expect(runs).toBe(3);
    expect(await f.checkCallInCache(1)).toBe(false);
    const reference = await f.callAndShelve(2);
    expect(await reference.get()).toBe(2);
    expect(await reference.clear()).toBe(false);
    expect([await f.clear(), await f.clearItem(1), await memory.clear()]).toEqual([0, false, 0]);
    expect(await memory.reduceSize({ items: 0 })).toEqual({ entries: 0, bytes: 0 });
    expect((await f.explain(1)).reason).toBe('no-store');
    expect(memory.sharedBy).toBeUndefined();
  });

  test('a relative folder is made absolute when the Memory is made', async () => {
    const before = process.cwd();
    process.chdir('/tmp');
    const memory = new Memory({ location: `jobloom-relative-${process.pid}` });
    process.chdir(before);
    try {
      expect(memory.location).toBe(`file:///tmp/jobloom-relative-${process.pid}`);
      await memory.cache((x: number) => x)(1);
      expect(existsSync(`/tmp/jobloom-relative-${process.pid}/entries`)).toBe(true);
    } finally {
      await memory.close();
      (await import('node:fs')).rmSync(`/tmp/jobloom-relative-${process.pid}`, { recursive: true });
    }
  });

  test('a store that was given stays open; one in memory is said to be of one thread', async () => {
    const store = memoryStore();
    {
      await using memory = new Memory({ store });
      expect(memory.sharedBy).toBe('thread');
      expect(memory.location).toBeNull();
      await memory.cache((x: number) => x, { name: 'f' })(1);
    }
    await using again = new Memory({ location: store });
    expect(await again.cache((x: number) => x, { name: 'f' }).checkCallInCache(1)).toBe(true);
    await store.close();
  });

  test('tiers', async () => {
    await using memory = new Memory({ location: ['memory:', join(scratch.folder, 'far')] });
    expect(memory.sharedBy).toBe('host');
    const f = memory.cache((x: number) => x + 1);
    await f(1);
    expect(await f(1)).toBe(2);
    expect(memory.stats()).toMatchObject({ hits: 1, misses: 1 });
  });

  test('after close functions go on without the store', async () => {
    const memory = scratch.open();
    const f = memory.cache((x: number) => x + 1);
    await memory.close();
    await memory.close();
    expect(await f(1)).toBe(2);
    expect(scratch.entries()).toEqual([]);
  });
});

describe('references', () => {
  test('get, clear, and what is gone', async () => {
    await using memory = scratch.open();
    let runs = 0;
    const f = memory.cache((x: number) => {
      runs += 1;
      return new Float64Array([x]);
    });
    const reference = await f.callAndShelve(3);
    expect(await reference.get()).toEqual(new Float64Array([3]));
    expect(await (await f.callAndShelve(3)).get()).toEqual(new Float64Array([3]));
    expect(runs).toBe(1);
    const text = JSON.stringify(reference);
    expect(text.length).toBeLessThan(300);
    expect(await memory.reference(JSON.parse(text)).get()).toEqual(new Float64Array([3]));
    expect(await reference.clear()).toBe(true);
    expect(await reference.clear()).toBe(false);
    await expect(reference.get()).rejects.toThrow(NoEntryError);
    await expect(reference.get()).rejects.toThrow(/is not in the store any more/);
  });

  test('one whose result could not be stored holds it', async () => {
    await using memory = scratch.open();
    const reference = await memory.cache((x: number) => x, { cacheIf: () => false }).callAndShelve(3);
    expect(await reference.get()).toBe(3);
  });
});

describe('what is there can be looked at and removed', () => {
  test('refresh, checkCallInCache, clearItem, clear', async () => {
    await using memory = scratch.open();
    let runs = 0;
    const f = memory.cache((x: number) => {
      runs += 1;
      return `${x} ${runs}`;
    });
    const g = memory.cache((x: number) => x, { name: 'another' });
    await g(1);
    expect(await f.checkCallInCache(1)).toBe(false);
    expect(await f(1)).toBe('1 1');
    expect(await f.checkCallInCache(1)).toBe(true);
    expect(await f.refresh(1)).toBe('1 2');
    expect(await f(1)).toBe('1 2');
    expect(await f.clearItem(1)).toBe(true);
    expect(await f.clearItem(1)).toBe(false);
    expect(await f.checkCallInCache(1)).toBe(false);
    await f(1);
    await f(2);
    expect(await f.clear()).toBe(2);
    expect(await g.checkCallInCache(1)).toBe(true);
    expect(await memory.clear()).toBe(1);
    expect(await g.checkCallInCache(1)).toBe(false);
    expect(scratch.entries()).toEqual([]);
  });

  test('reduceSize: the least recently used go until each limit holds', async () => {
    const store = memoryStore();
    await using memory = new Memory({ store });
    const f = memory.cache((x: number) => new Uint8Array(10_000).fill(x), { name: 'f' });
    for (const x of [0, 1, 2, 3, 4]) {
      await f(x);
      const now = Date.now();
      while (Date.now() === now) await null;
    }
    await f(0); // used again
    expect(await memory.reduceSize({ items: 3 })).toMatchObject({ entries: 2 });
    const left = async () =>
      (await Promise.all([0, 1, 2, 3, 4].map((x) => f.checkCallInCache(x)))).map(Number).join('');
    expect(await left()).toBe('10011');
    expect((await memory.reduceSize({ bytes: 25_000 })).bytes).toBeGreaterThan(10_000);
    expect(await left()).toBe('10001');
    expect(await memory.reduceSize({ bytes: '1G', items: 10, age: '1d' })).toEqual({ entries: 0, bytes: 0 });
    expect(await memory.reduceSize({ age: 0 })).toMatchObject({ entries: 2 });
    await expect(memory.reduceSize({ age: -1 })).rejects.toThrow(OptionError);
    await expect(memory.reduceSize({})).rejects.toThrow(/needs bytes, items or age/);
  });

  test('limits are kept on each write', async () => {
    await using memory = scratch.open({ limits: { items: 10 } });
    const events = eventsOf(memory);
    const f = memory.cache((x: number) => x);
    for (let x = 0; x < 35; x += 1) {
      await f(x);
      expect(scratch.entries().length).toBeLessThanOrEqual(10);
    }
    expect(await f.checkCallInCache(34)).toBe(true);
    expect(memory.stats().evicted).toBe(35 - scratch.entries().length);
    expect(events.some(({ type }) => type === 'evicted')).toBe(true);
  });

  test('verify counts what can be read', async () => {
    await using memory = scratch.open();
    const f = memory.cache((x: number) => x);
    for (const x of [1, 2, 3]) await f(x);
    expect(await memory.verify()).toEqual({ ok: 3, corrupt: [], unusable: [] });
  });
});

describe('refusals', () => {
  test.each([
    [{}, /needs a location/],
    [{ location: null, store: memoryStore() }, /not both/],
    [{ location: '/tmp/x', colour: 1 }, /Memory has no option colour\. It knows: location, store/],
    [{ location: '/tmp/x', compress: 'rar' }, /compress must be/],
    [{ location: '/tmp/x', limits: { bytes: 'many' } }, /limits\.bytes must be bytes/],
    [{ location: '/tmp/x', hmacKey: 'short' }, /16 characters/],
    [{ location: '/tmp/x', singleFlight: { ttl: 5 } }, /1 s at least/],
    [{ location: '/tmp/x', verbose: -1 }, /verbose/],
  ])('%j', (options, message) => {
    expect(() => new Memory(options as never)).toThrow(OptionError);
    expect(() => new Memory(options as never)).toThrow(message);
  });

  test('of cache', async () => {
    await using memory = new Memory({ location: null });
    const f = (x: number, { deep }: { deep?: number } = {}) => x + (deep ?? 0);
    expect(() => memory.cache(f, { ignore: ['z'] })).toThrow(/ignore has "z", which is no parameter.* It has: x, deep/);
    expect(() => memory.cache(f, { ignore: [2] })).toThrow(/ignore has 2, and the function has 2 parameters/);
    expect(() => memory.cache(f, { expiresAfter: 'soon' as never })).toThrow(/expiresAfter must be milliseconds/);
    expect(() => memory.cache(f, { code: 'all' as never })).toThrow(/code must be/);
    expect(() => memory.cache(f, { ttl: 1 } as never)).toThrow(/cache has no option ttl/);
    expect(() => memory.cache(5 as never)).toThrow(/cache takes a function\. Got number/);
    expect(() => memory.cache(memory.cache(f))).toThrow(/memoized already/);
    expect(troubles(memory)).toEqual([]);
  });
});
