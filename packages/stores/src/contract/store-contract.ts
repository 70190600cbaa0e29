import assert from 'node:assert/strict';
import { StoreError } from '../errors.ts';
import type { Entry, EntryInfo, Payload, Store } from '../store.ts';
import { leaseContract } from './lease-contract.ts';

/** How a suite declares a test: `test` of vitest, node:test, jest. */
export type DeclareTest = (name: string, body: () => Promise<void>) => unknown;

/** What an implementation honestly does otherwise, beyond its capabilities. */
export interface StoreContractFlags {
  /** `makeStore` gives a store of its own each time: what one stored another does not see. */
  readonly private?: boolean;
  /** Part of it is a cache of this instance's own: it may give an entry that another instance removed, and its own idea of the size. */
  readonly cached?: boolean;
}

/**
 * The tests that every store must pass; a difference is a capability or a declared flag.
 * `makeStore` opens the same store each time it is called, which may hold other entries; the suite closes what it gives,
 * and works below a prefix of its own.
 *
 * @example
 * storeContract(test, () => myStore('somewhere'));
 */
export function storeContract(
  test: DeclareTest,
  makeStore: () => Store | Promise<Store>,
  flags: StoreContractFlags = {},
): void {
  const withStore = (name: string, body: (store: Store, at: (key: string) => string) => Promise<void>): void => {
    test(name, async () => {
      const prefix = `contract-${Math.random().toString(36).slice(2)}/`;
      await using store = await makeStore();
      await body(store, (key) => prefix + key);
      await store.delete((await listed(store, prefix)).map(({ key }) => key));
    });
  };

  withStore('gives back head and parts as they were stored', async (store, at) => {
    const stored = payload('head', bytes(0), bytes(1), bytes(63), bytes(64), bytes(100_000));
    assert.equal(await store.put(at('some.key~1=@_-'), stored), 'stored');
    same(await store.get(at('some.key~1=@_-')), stored);
    for (const part of (await store.get(at('some.key~1=@_-')))?.parts ?? []) assert.equal(part.byteOffset % 8, 0);
  });

  withStore('takes an empty head and no parts, and many parts', async (store, at) => {
    for (const each of [payload(''), payload('', ...Array.from({ length: 3000 }, (_, index) => bytes(index % 7)))]) {
      await store.put(at('a'), each);
      same(await store.get(at('a')), each);
    }
  });

  withStore('a key without an entry: undefined', async (store, at) => {
    assert.equal(await store.get(at('nothing')), undefined);
    await store.put(at('nothing-more'), payload('x'));
    assert.equal(await store.get(at('nothing')), undefined);
    assert.equal(await store.get(at('nothing-more/deeper')), undefined);
  });

  withStore(
    'an entry is a copy: what its writer and its readers do to their bytes changes nothing',
    async (store, at) => {
      const stored = payload('head', bytes(200));
      await store.put(at('a'), stored);
      stored.head.fill(0);
      stored.parts[0]?.fill(0);
      const first = await store.get(at('a'));
      same(first, payload('head', bytes(200)));
      first?.parts[0]?.fill(1);
      same(await store.get(at('a')), payload('head', bytes(200)));
    },
  );

  withStore('a later put replaces', async (store, at) => {
    await store.put(at('a'), payload('one', bytes(100)));
    assert.equal(await store.put(at('a'), payload('two', bytes(70_000))), 'stored');
    same(await store.get(at('a')), payload('two', bytes(70_000)));
  });

  withStore('ifAbsent leaves what is there', async (store, at) => {
    assert.equal(await store.put(at('a'), payload('one'), { ifAbsent: true }), 'stored');
    assert.equal(await store.put(at('a'), payload('two'), { ifAbsent: true }), 'exists');
    same(await store.get(at('a')), payload('one'));
  });

  withStore('of 16 who create an entry at once one wins, and its entry is there', async (store, at) => {
    await store.open?.();
    if (!store.capabilities.createIfAbsent) return;
    const racers = Array.from({ length: 16 }, (_, index) => payload(`racer ${index}`, bytes(1000 + index)));
    const results = await Promise.all(racers.map((racer) => store.put(at('race'), racer, { ifAbsent: true })));
    assert.deepEqual(results.filter((result) => result === 'stored').length, 1);
    same(await store.get(at('race')), racers[results.indexOf('stored')] as Payload);
  });

  withStore('reads into given memory where the parts fit', async (store, at) => {
    const into = new Uint8Array(300_000);
    for (const size of [1000, 200_000]) {
      const stored = payload('head', bytes(size), bytes(10));
      await store.put(at('a'), stored);
      const entry = await store.get(at('a'), { into });
      same(entry, stored);
      for (const part of entry?.parts ?? []) assert.equal(part.buffer, into.buffer);
      const small = await store.get(at('a'), { into: into.subarray(0, 10) });
      same(small, stored);
      for (const part of small?.parts ?? []) assert.notEqual(part.buffer, into.buffer);
    }
  });

  withStore('reads the head alone', async (store, at) => {
    for (const [head, size] of [
      ['head', 10],
      ['h'.repeat(70_000), 10],
      ['head', 300_000],
    ] as const) {
      await store.put(at('a'), payload(head, bytes(size)));
      same(await store.get(at('a'), { headOnly: true }), payload(head));
    }
  });

  withStore('an entry of 20 MB in several parts', async (store, at) => {
    const stored = payload('head', bytes(20_000_000), bytes(33), bytes(700_000));
    if (store.capabilities.maxValueBytes < 21_000_000) return;
    await store.put(at('large'), stored);
    same(await store.get(at('large')), stored);
    same(await store.get(at('large'), { into: new Uint8Array(2 ** 25) }), stored);
    same(await store.get(at('large'), { headOnly: true }), payload('head'));
    assert.equal(await store.put(at('large'), payload('other', bytes(18_000_000)), { ifAbsent: true }), 'exists');
    same(await store.get(at('large')), stored);
    const [info] = await listed(store, at('large'));
    assert.ok((info?.bytes ?? 0) >= 20_700_033);
    assert.equal(await store.delete([at('large')]), 1);
    assert.equal(await store.get(at('large')), undefined);
  });

  withStore('delete removes, and says how many there were', async (store, at) => {
    for (const key of ['a', 'b', 'c', 'ab', 'a/d']) await store.put(at(key), payload(key));
    assert.equal(await store.delete([at('a'), at('b'), at('nothing')]), 2);
    assert.equal(await store.delete([at('a')]), 0);
    assert.equal(await store.delete([]), 0);
    assert.deepEqual(await keys(store, at('')), [at('a/d'), at('ab'), at('c')]);
  });

  withStore('list gives each entry of the prefix once, with its size and times', async (store, at) => {
    const all = Array.from({ length: 30 }, (_, index) => at(`fn-${index % 3}/x${index}`));
    for (const key of all) await store.put(key, payload('', bytes(1000)));
    assert.deepEqual(await keys(store, at('')), [...all].sort());
    assert.deepEqual(await keys(store, at('fn-1/')), all.filter((key) => key.includes('fn-1/')).sort());
    assert.deepEqual(await keys(store, at('fn-1/x1')), all.filter((key) => key.includes('fn-1/x1')).sort());
    assert.deepEqual(await keys(store, at('fn-9')), []);
    const infos = await listed(store, at(''));
    for (const { bytes: size, createdMs, accessedMs } of infos) {
      assert.ok(size >= 1000 && size < 2000);
      assert.ok(createdMs > 1.6e12 && accessedMs >= createdMs - 1000);
    }
    const entry = await store.get(all[0] as string);
    if (flags.cached !== true) assert.equal(entry?.bytes, infos.find(({ key }) => key === all[0])?.bytes);
  });

  withStore('touch moves the time of access and nothing else', async (store, at) => {
    if (store.touch === undefined || !store.capabilities.accessTimes) return;
    await store.put(at('a'), payload('x'));
    await store.put(at('b'), payload('x'));
    const before = await listed(store, at(''));
    await settled(store);
    store.touch(at('a'));
    store.touch(at('nothing'));
    const after = await listed(store, at(''));
    const find = (infos: readonly EntryInfo[], key: string) => infos.find((info) => info.key === at(key)) as EntryInfo;
    assert.ok(find(after, 'a').accessedMs > find(before, 'a').accessedMs);
    assert.equal(find(after, 'b').accessedMs, find(before, 'b').accessedMs);
    assert.ok(Math.abs(find(after, 'a').createdMs - find(before, 'a').createdMs) < 1);
    assert.equal(after.length, 2);
    same(await store.get(at('a')), payload('x'));
  });

  withStore('synchronous reads and writes are the same ones', async (store, at) => {
    assert.equal(store.getSync !== undefined && store.putSync !== undefined, store.capabilities.sync);
    if (store.getSync === undefined || store.putSync === undefined) return;
    for (const size of [100, 300_000]) {
      const stored = payload('sync', bytes(size));
      assert.equal(store.putSync(at(`s${size}`), stored), 'stored');
      assert.equal(store.putSync(at(`s${size}`), payload('other'), { ifAbsent: true }), 'exists');
      same(store.getSync(at(`s${size}`)), stored);
      same(store.getSync(at(`s${size}`), { into: new Uint8Array(2 ** 19) }), stored);
      same(store.getSync(at(`s${size}`), { headOnly: true }), payload('sync'));
      same(await store.get(at(`s${size}`)), stored);
    }
    assert.equal(store.getSync(at('nothing')), undefined);
  });

  withStore('refuses what is no key', async (store) => {
    for (const key of [
      '',
      '/',
      'a//b',
      '/a',
      'a/',
      '../a',
      'a/../b',
      '.a',
      'a b',
      'a\\b',
      'ä',
      'a!b',
      'a+b',
      'a:b',
      'x'.repeat(201),
      'x/'.repeat(300),
    ]) {
      await fails('ERR_STORE_KEY', () => store.get(key));
      await fails('ERR_STORE_KEY', () => store.put(key, payload('x')));
      await fails('ERR_STORE_KEY', () => store.delete([key]));
    }
  });

  withStore('an aborted signal ends any operation with its reason', async (store, at) => {
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    const abandoned: (() => Promise<unknown>)[] = [
      () => store.get(at('a'), { signal }),
      () => store.put(at('a'), payload('x'), { signal }),
      () => store.delete([at('a')], { signal }),
      () => listed(store, '', signal),
    ];
    if (store.lease !== undefined)
      abandoned.push(() => (store.lease as NonNullable<Store['lease']>)(at('a'), { ttlMs: 1000, signal }));
    for (const operation of abandoned) await assert.rejects(operation, (error) => error === reason);
    assert.equal(await store.get(at('a')), undefined);
  });

  test('after close everything is refused, and closing again is fine', async () => {
    const store = await makeStore();
    await store.get('contract/x');
    await store.close();
    await store.close();
    await store[Symbol.asyncDispose]();
    await fails('ERR_STORE_CLOSED', () => store.get('contract/x'));
    await fails('ERR_STORE_CLOSED', () => store.put('contract/x', payload('')));
    await fails('ERR_STORE_CLOSED', () => store.delete(['contract/x']));
    await fails('ERR_STORE_CLOSED', () => listed(store, ''));
  });

  withStore('has a name without secrets, and whole capabilities', async (store) => {
    assert.ok(store.name.length > 0 && !store.name.includes('@'));
    const { sharedBy, sync, createIfAbsent, leases, accessTimes, maxValueBytes } = store.capabilities;
    assert.ok(['thread', 'host', 'network'].includes(sharedBy));
    for (const flag of [sync, createIfAbsent, leases, accessTimes]) assert.equal(typeof flag, 'boolean');
    assert.ok(maxValueBytes > 0);
  });

  if (flags.private !== true) {
    withStore('what one instance stored another reads', async (store, at) => {
      await using other = await makeStore();
      await store.put(at('a'), payload('one', bytes(100)));
      same(await other.get(at('a')), payload('one', bytes(100)));
      assert.equal(await other.put(at('a'), payload('two'), { ifAbsent: true }), 'exists');
      await other.delete([at('a')]);
      if (flags.cached !== true) assert.equal(await store.get(at('a')), undefined);
    });
  }

  leaseContract(withStore, makeStore, flags);
}

/** A payload from a text and parts. */
function payload(head: string, ...parts: Uint8Array[]): Payload {
  return { head: new TextEncoder().encode(head), parts };
}

/** Bytes that differ from place to place. */
function bytes(length: number): Uint8Array {
  const all = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) all[index] = index * 31 + (index >> 8) + length;
  return all;
}

function same(entry: Entry | undefined, expected: Payload): void {
  assert.ok(entry !== undefined, 'there is no entry');
  assert.ok(Buffer.from(entry.head).equals(expected.head), 'the head differs');
  assert.deepEqual(
    entry.parts.map((part) => part.byteLength),
    expected.parts.map((part) => part.byteLength),
  );
  for (const [index, part] of entry.parts.entries())
    assert.ok(
      Buffer.from(part.buffer, part.byteOffset, part.byteLength).equals(expected.parts[index] as Uint8Array),
      `part ${index} differs`,
    );
}

async function listed(store: Store, prefix: string, signal?: AbortSignal): Promise<EntryInfo[]> {
  const infos: EntryInfo[] = [];
  for await (const info of store.list({ prefix, ...(signal && { signal }) })) infos.push(info);
  return infos;
}

async function keys(store: Store, prefix: string): Promise<string[]> {
  return (await listed(store, prefix)).map(({ key }) => key).sort();
}

/** Clocks of files and servers take steps of some milliseconds. */
async function settled(store: Store): Promise<void> {
  const start = Date.now();
  while (Date.now() - start < 20) await store.get('contract/clock');
}

async function fails(code: string, work: () => Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error) => error instanceof StoreError && error.code === code);
}
