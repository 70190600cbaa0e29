import { readFileSync, writeFileSync } from 'node:fs';
import { registerType } from '@jobloom/codec';
import { Memory } from '@jobloom/memory';
import { memoryStore, openStore } from '@jobloom/stores';
import { describe, expect, test } from 'vitest';
import { eventsOf, scratchFolders, troubles } from './scratch.ts';

const scratch = scratchFolders();

/** Counts its runs. */
function counting() {
  const runs = { count: 0 };
  const f = (x: number) => {
    runs.count += 1;
    return { x, run: runs.count };
  };
  return { runs, f };
}

describe('what still counts', () => {
  test('expiresAfter', async () => {
    await using memory = scratch.open();
    const heard = troubles(memory);
    const { f, runs } = counting();
    const daily = memory.cache(f, { expiresAfter: '1d' });
    const now = Date.now;
    try {
      await daily(1);
      Date.now = () => now() + 86_400_000 - 60_000;
      expect(await daily(1)).toEqual({ x: 1, run: 1 });
      expect(await daily.checkCallInCache(1)).toBe(true);
      Date.now = () => now() + 86_400_000 + 60_000;
      expect(await daily.checkCallInCache(1)).toBe(false);
      expect((await daily.explain(1)).reason).toBe('expired');
      expect(await daily(1)).toEqual({ x: 1, run: 2 });
    } finally {
      Date.now = now;
    }
    expect(await daily(1)).toEqual({ x: 1, run: 2 });
    expect(runs.count).toBe(2);
    expect(new Set(heard)).toEqual(new Set(['expired']));
    expect(memory.stats().ignored).toBe(1);
  });

  test('validate: sees facts and arguments, false computes again', async () => {
    await using memory = scratch.open();
    const seen: unknown[] = [];
    let valid = true;
    const { f } = counting();
    const checked = memory.cache(f, {
      validate: (meta, args) => {
        seen.push({ ...meta, args });
        return valid;
      },
    });
    await checked(1);
    expect(seen).toEqual([]);
    expect(await checked(1)).toEqual({ x: 1, run: 1 });
    expect(seen).toEqual([
      {
        function: expect.stringContaining('f'),
        key: expect.stringMatching(/^v1\/.*\/[0-9a-f]{32}\/[0-9a-f]{64}$/),
        bytes: expect.any(Number),
        durationMs: expect.any(Number),
        createdMs: expect.any(Number),
        ageMs: expect.any(Number),
        args: [1],
      },
    ]);
    valid = false;
    expect(await checked.checkCallInCache(1)).toBe(false);
    expect((await checked.explain(1)).reason).toBe('invalid');
    expect(await checked(1)).toEqual({ x: 1, run: 2 });
  });

  test('validate may take its time', async () => {
    await using memory = scratch.open();
    const { f, runs } = counting();
    const checked = memory.cache(f, { validate: async ({ durationMs }) => durationMs < 60_000 });
    await checked(1);
    await checked(1);
    expect(runs.count).toBe(1);
  });

  test('what validate and cacheIf throw is the caller’s, and no fault of the store', async () => {
    await using memory = scratch.open();
    const { f } = counting();
    const broken = (): boolean => {
      throw new RangeError('broken');
    };
    await memory.cache(f, { name: 'f' })(1);
    await expect(memory.cache(f, { name: 'f', validate: broken })(1)).rejects.toThrow(new RangeError('broken'));
    await expect(memory.cache(f, { name: 'f', cacheIf: broken })(2)).rejects.toThrow(new RangeError('broken'));
    expect(memory.stats().faults).toBe(0);
  });

  test('cacheIf: what is not to be kept', async () => {
    await using memory = scratch.open();
    const { f, runs } = counting();
    const some = memory.cache(f, { cacheIf: ({ x }, [given]) => x > 1 && given > 1 });
    for (const x of [1, 1, 2, 2]) await some(x);
    expect(runs.count).toBe(3);
  });
});

describe('compress', () => {
  const value = { text: 'abc'.repeat(10_000), list: new Float64Array(100_000), memory: new ArrayBuffer(50_000) };

  test.each([true, 'gzip', 'brotli'] as const)('%s: smaller, and the same', async (compress) => {
    await using memory = scratch.open({ compress });
    const f = memory.cache(() => value);
    await f();
    expect(await f()).toEqual(value);
    expect(memory.stats()).toMatchObject({ hits: 1, misses: 1 });
    const [file = ''] = scratch.entries();
    expect(readFileSync(file).byteLength).toBeLessThan(10_000);
  });

  test('small values too', async () => {
    await using memory = scratch.open();
    const f = memory.cache(() => 'abc'.repeat(1_000), { compress: 'gzip' });
    await f();
    expect(await f()).toBe('abc'.repeat(1_000));
    expect(readFileSync(scratch.entries()[0] ?? '').byteLength).toBeLessThan(500);
  });

  test('an entry in a compression that is not here is a miss, told, and takes its place', async () => {
    await using memory = scratch.open();
    const events = eventsOf(memory);
    const { f, runs } = counting();
    const g = memory.cache(f, { name: 'g', compress: 'gzip' });
    await g(1);
    await using store = openStore(scratch.folder);
    for await (const { key } of store.list({ prefix: 'v1/' })) {
      const entry = await store.get(key);
      if (entry === undefined) throw new Error('it is there');
      entry.head[2] = 9; // a number that no Node knows yet
      await store.put(key, entry);
    }
    expect((await g.explain(1)).reason).toBe('unreadable');
    expect(await g(1)).toEqual({ x: 1, run: 2 });
    expect(await g(1)).toEqual({ x: 1, run: 2 });
    expect(runs.count).toBe(2);
    const message = `it is compressed with compression 9, which Node ${process.version} doesn't have`;
    expect(events.find(({ type }) => type === 'unreadable')).toMatchObject({ detail: message });
  });

  test('an entry of a later format is a miss', async () => {
    await using memory = scratch.open();
    const heard = troubles(memory);
    const { f } = counting();
    const g = memory.cache(f);
    await g(1);
    await using store = openStore(scratch.folder);
    for await (const { key } of store.list({ prefix: 'v1/' }))
      await store.put(key, { head: Buffer.from('m\x07later'), parts: [] });
    expect(await g(1)).toEqual({ x: 1, run: 2 });
    expect(new Set(heard)).toEqual(new Set(['unreadable']));
    expect((await memory.verify()).ok).toBe(1);
  });
});

describe('hmacKey', () => {
  const hmacKey = 'a key of sixteen and more';

  test('entries without the signature, or with another, or moved, are ignored', async () => {
    const store = memoryStore();
    const { f, runs } = counting();
    const named = (memory: Memory) => memory.cache(f, { name: 'f' });
    await named(new Memory({ store }))(1);
    await using signing = new Memory({ store, hmacKey });
    const heard = troubles(signing);
    expect(await named(signing).checkCallInCache(1)).toBe(false);
    expect(await named(signing)(1)).toEqual({ x: 1, run: 2 });
    expect(await named(signing)(1)).toEqual({ x: 1, run: 2 });
    expect(await named(signing).checkCallInCache(1)).toBe(true);
    expect(new Set(heard)).toEqual(new Set(['unsigned']));
    expect(await named(new Memory({ store }))(1)).toEqual({ x: 1, run: 2 }); // who asks for none reads both
    expect(await named(new Memory({ store, hmacKey: `${hmacKey}!` }))(1)).toEqual({ x: 1, run: 3 });
    expect(await named(signing)(1)).toEqual({ x: 1, run: 4 });
    await named(signing)(2);
    const [one, two] = await keys(store);
    const other = await store.get(two ?? '');
    if (one === undefined || other === undefined) throw new Error('both are there');
    await store.put(one, other);
    expect((await signing.verify()).unusable).toEqual([
      { key: one, detail: 'its signature was made with another key, or for other content' },
    ]);
    expect(runs.count).toBe(5);
  });

  test('any byte of an entry that differs is noticed', async () => {
    const store = memoryStore();
    await using memory = new Memory({ store, hmacKey });
    const f = memory.cache(() => ({ a: 'text', list: new Uint8Array(5000).fill(3) }), { name: 'f' });
    await f();
    const [key = ''] = await keys(store);
    const entry = await store.get(key);
    const [part] = entry?.parts ?? [];
    if (entry === undefined || part === undefined) throw new Error('it is there');
    const flips = [...entry.head.keys()].map((at) => [entry.head, at] as const);
    for (const [bytes, at] of [...flips, [part, 4000] as const]) {
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      await store.put(key, entry);
      expect(await f.checkCallInCache()).toBe(false);
      bytes[at] ^= 1;
    }
    await store.put(key, entry);
    expect(await f.checkCallInCache()).toBe(true);
  });

  async function keys(store: ReturnType<typeof memoryStore>): Promise<string[]> {
    const found: string[] = [];
    for await (const { key } of store.list({ prefix: 'v1/' })) found.push(key);
    return found.sort();
  }
});

describe('large arrays', () => {
  test('into: hits lie in memory that is there', async () => {
    await using memory = scratch.open();
    const into = new Uint8Array(2_000_000);
    const make = () => ({
      a: new Float64Array(100_000).fill(1.5),
      b: new Int32Array(50_000).fill(7),
      c: new Uint8Array([1]),
    });
    const f = memory.cache(make, { into });
    await f();
    const hit = await f();
    expect(hit).toEqual(make());
    expect([hit.a.buffer, hit.b.buffer]).toEqual([into.buffer, into.buffer]);
    expect(hit.a.buffer).toBe(into.buffer);
    expect(hit.b.buffer).toBe(into.buffer);
    const reference = await f.callAndShelve();
    expect((await reference.get({ into })).a.buffer).toBe(into.buffer);
    expect((await reference.get()).a.buffer).not.toBe(into.buffer);
  });

  test('what does not fit gets memory of its own', async () => {
    await using memory = scratch.open();
    const f = memory.cache(() => new Float64Array(100_000).fill(2), { into: new Uint8Array(1000) });
    await f();
    expect(await f()).toEqual(new Float64Array(100_000).fill(2));
  });

  test('a hit with one large array needs no copy: it spans its memory', async () => {
    await using memory = scratch.open();
    const f = memory.cache(() => new Float64Array(100_000).fill(2));
    await f();
    const hit = await f();
    expect([hit.byteOffset, hit.buffer.byteLength]).toEqual([0, 800_000]);
  });

  test('views that share memory go on sharing it', async () => {
    await using memory = scratch.open();
    const f = memory.cache(() => {
      const bytes = new Uint8Array(100_000);
      return { bytes, first: bytes.subarray(0, 10), buffer: bytes.buffer };
    });
    await f();
    const { bytes, first, buffer } = await f();
    first[0] = 9;
    expect([bytes[0], bytes.buffer === buffer]).toEqual([9, true]);
  });
});

describe('data only', () => {
  test('instances travel by a registered type, and by no other way', async () => {
    class Money {
      readonly cents: number;
      constructor(cents: number) {
        this.cents = cents;
      }
    }
    await using memory = scratch.open();
    const f = memory.cache((cents: number) => new Money(cents));
    await f(5);
    expect(memory.stats()).toMatchObject({ unserializable: 1, stored: 0 });
    registerType<Money, number>({
      name: 'memory-test-money',
      match: (value) => value instanceof Money,
      encode: ({ cents }) => cents,
      decode: (cents) => new Money(cents),
    });
    const again = memory.cache((cents: number) => new Money(cents), { version: 2 });
    await again(5);
    expect(await again(5)).toBeInstanceOf(Money);
    expect(memory.stats()).toMatchObject({ hits: 1, stored: 1 });
  });

  test('an entry that holds code is not run', async () => {
    const { Session } = await import('@jobloom/codec');
    await using memory = scratch.open();
    const f = memory.cache(() => 1, { name: 'f' });
    await f();
    await using store = openStore(scratch.folder);
    const frame = new Session({ functions: true }).encode({ run: () => process.exit(1) });
    for await (const { key } of store.list({ prefix: 'v1/' })) {
      const head = (await store.get(key))?.head.subarray(0, 24) ?? new Uint8Array();
      await store.put(key, { head: Buffer.concat([head, frame.head]), parts: [] });
    }
    const heard = troubles(memory);
    expect(await f()).toBe(1);
    expect(new Set(heard)).toEqual(new Set(['unreadable']));
  });
});

test('verbose says on standard error what happens', async () => {
  const { write } = process.stderr;
  const lines: string[] = [];
  process.stderr.write = ((text: string) => lines.push(text)) as never;
  try {
    await using memory = scratch.open({ verbose: 3 });
    const f = memory.cache((x: number) => x, { name: 'f' });
    await f(1);
    await f(1);
  } finally {
    process.stderr.write = write;
  }
  expect(lines.join('')).toMatch(/^\[memory\] f: computed in [\d.]+ ms\n\[memory\] f: found\n$/);
});

test('a damaged entry is computed again, told and counted; cut short too', async () => {
  await using memory = scratch.open();
  const events = eventsOf(memory);
  const { f, runs } = counting();
  const g = memory.cache(f);
  await g(1);
  const [file = ''] = scratch.entries();
  const good = readFileSync(file);
  const bad = Buffer.from(good);
  bad[bad.length - 1] = (bad.at(-1) ?? 0) ^ 1;
  writeFileSync(file, bad);
  expect(await g(1)).toEqual({ x: 1, run: 2 });
  writeFileSync(file, good.subarray(0, good.length - 5));
  expect((await g.explain(1)).reason).toBe('damaged');
  expect(await g(1)).toEqual({ x: 1, run: 3 });
  expect(await g(1)).toEqual({ x: 1, run: 3 });
  expect(runs.count).toBe(3);
  expect(memory.stats()).toMatchObject({ corrupt: 2, faults: 0 });
  expect(events.filter(({ type }) => type === 'corrupt')).toMatchObject([{ movedTo: expect.any(String) }, {}]);
});
