import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskStore, type Store, StoreError } from '@jobloom/stores';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { eventsOf, listed, payloadOf, textOf } from './entries.ts';
import { leftAfterClose } from './handles.ts';
import { type Peer, startPeer, until } from './peer.ts';

const base = mkdtempSync(join(tmpdir(), 'jobloom-disk-'));
afterAll(() => rmSync(base, { recursive: true }));
let folder = base;
beforeEach(({ task }) => {
  folder = join(base, task.id);
});

const files = (of: string): string[] =>
  existsSync(join(folder, of)) ? readdirSync(join(folder, of), { recursive: true, encoding: 'utf8' }) : [];
const entryFile = (): string => join(folder, 'entries', files('entries').find((file) => file.endsWith('.e')) ?? '');

test('opening and reading make nothing on disk; one entry is one file', async () => {
  await using store = diskStore(folder);
  expect(await store.get('fn/a')).toBeUndefined();
  expect(await listed(store)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
  await store.put('fn/a', payloadOf('x'));
  expect(files('').filter((file) => statSync(join(folder, file)).isFile())).toEqual([
    expect.stringMatching(/^entries\/fn\/\+[0-9a-f]{2}\/a\.e$/),
  ]);
  await store.delete(['fn/a']);
  expect(files('entries')).toEqual([]);
});

describe('damage', () => {
  test('any byte flipped: the entry is right or none, never wrong', async () => {
    await using store = diskStore(folder);
    const events = eventsOf(store);
    await store.put('a', payloadOf('head', 150));
    const path = entryFile();
    const good = readFileSync(path);
    let none = 0;
    for (let at = 0; at < good.length; at += 1) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(path, bad);
      const text = textOf(await store.get('a'));
      if (text === undefined) none += 1;
      else expect(text).toBe('head 150');
    }
    const padding = 4; // between head and part: means nothing
    expect(none).toBe(good.length - padding);
    expect(events.filter(({ type }) => type === 'corrupt').length).toBe(none);
  });

  test('cut short anywhere, or empty: none', async () => {
    await using store = diskStore(folder);
    await store.put('a', payloadOf('head', 150));
    const path = entryFile();
    const good = readFileSync(path);
    for (let length = 0; length < good.length; length += 1) {
      writeFileSync(path, good.subarray(0, length));
      expect(await store.get('a')).toBeUndefined();
    }
  });

  test.each(['get', 'getSync'] as const)(
    'a large entry by %s, read once and damaged then: set aside, told, and stored anew',
    async (get) => {
      await using store = diskStore(folder);
      const events = eventsOf(store);
      await store.put('a', payloadOf('head', 9_000_000));
      expect(textOf(await store[get]?.('a'))).toBe('head 9000000');
      const path = entryFile();
      const bad = readFileSync(path);
      bad[5_000_000] = 1 + (bad[5_000_000] ?? 0);
      writeFileSync(path, bad);
      expect(await store[get]?.('a')).toBeUndefined();
      const [event] = events;
      expect(event).toMatchObject({ type: 'corrupt', key: 'a', detail: 'the checksum of its parts is wrong' });
      expect(event?.type === 'corrupt' && readFileSync(event.movedTo ?? '').equals(bad)).toBe(true);
      expect(await store[get]?.('a')).toBeUndefined();
      expect(events.length).toBe(1);
      expect(await store.put('a', payloadOf('head', 9_000_000), { ifAbsent: true })).toBe('stored');
      expect(textOf(await store[get]?.('a'))).toBe('head 9000000');
      truncateSync(path, 8_000_000);
      expect(await store[get]?.('a')).toBeUndefined();
      expect(await listed(store)).toEqual([]);
    },
  );

  test("another key's file: none", async () => {
    await using store = diskStore(folder);
    await store.put('a', payloadOf('a'));
    const path = entryFile();
    await store.put('b', payloadOf('b'));
    writeFileSync(
      path,
      readFileSync(join(folder, 'entries', files('entries').find((file) => file.endsWith('b.e')) ?? '')),
    );
    const events = eventsOf(store);
    expect(await store.get('a')).toBeUndefined();
    expect(events).toMatchObject([{ type: 'corrupt', key: 'a', detail: 'it is the entry of b' }]);
    expect(textOf(await store.get('b'))).toBe('b 100');
  });
});

describe('processes', () => {
  test('kill -9 in the middle of a write: no entry, what was there stays, what is left goes later', async () => {
    const peer = await startPeer(folder);
    await peer.ask('put', { key: 'before', size: 100, fill: 'x' });
    void peer.ask('put', { key: 'killed', size: 400_000_000, fill: 'y' }).catch(() => undefined);
    const half = (): string | undefined =>
      files('tmp').find((file) => (statSync(join(folder, 'tmp', file), { throwIfNoEntry: false })?.size ?? 0) > 1e7);
    await until(() => half() !== undefined);
    await peer.kill();
    const left = half();
    {
      await using store = diskStore(folder);
      expect(await store.get('killed')).toBeUndefined();
      expect((await listed(store)).map(({ key }) => key)).toEqual(['before']);
      expect(textOf(await store.get('before'))).toBe('x 100');
      expect(await store.put('killed', payloadOf('z'), { ifAbsent: true })).toBe('stored');
    }
    expect(files('tmp')).toEqual([left]);
    const old = Date.now() / 1000 - 7200;
    utimesSync(join(folder, 'tmp', left ?? ''), old, old);
    {
      await using store = diskStore(folder);
      await store.put('later', payloadOf('x'));
    }
    expect(files('tmp')).toEqual([]);
  });

  test('a reader never sees part of what others write', async () => {
    await using store = diskStore(folder);
    const peers = await Promise.all([startPeer(folder), startPeer(folder)]);
    await store.put('a', payloadOf('0', 200_000));
    let writing = true;
    const writers = peers.map(async (peer, index) => {
      for (let round = 0; round < 40; round += 1)
        await peer.ask('put', { key: 'a', size: 200_000 + round, fill: `${index}` });
    });
    void Promise.all(writers).then(() => {
      writing = false;
    });
    let reads = 0;
    while (writing) {
      expect(textOf(await store.get('a'))).toMatch(/^[01] 2000\d\d$/);
      reads += 1;
    }
    expect(reads).toBeGreaterThan(10);
    await Promise.all(peers.map((peer) => peer.end()));
  });

  test('16 processes create an entry and take a lease at once: one wins each; a dead lease has one heir', async () => {
    const peers = await Promise.all(Array.from({ length: 16 }, () => startPeer(folder)));
    const put = (peer: Peer, index: number) =>
      peer.ask('put', { key: 'a', size: 100 + index, fill: 'x', ifAbsent: true });
    const results = await Promise.all(peers.map(put));
    expect(results.filter((result) => result === 'stored').length).toBe(1);
    await using store = diskStore(folder);
    expect(textOf(await store.get('a'))).toBe(`x ${100 + results.indexOf('stored')}`);

    const lease = (peer: Peer) => peer.ask('lease', { key: 'a', ttlMs: 3000 });
    const first = await Promise.all(peers.map(lease));
    expect(first.filter((held) => held === true).length).toBe(1);
    const holder = peers[first.indexOf(true)] as Peer;
    await holder.kill();
    const rest = peers.filter((peer) => peer !== holder);
    let heirs: unknown[] = [];
    await until(async () => {
      heirs = await Promise.all(rest.map(lease));
      return heirs.includes(true);
    });
    expect(heirs.filter((held) => held === true).length).toBe(1);
    expect((await Promise.all(rest.map(lease))).includes(true)).toBe(false);
    await Promise.all(rest.map((peer) => peer.kill()));
  });

  test.each([86_400_000, -86_400_000])(
    'a holder whose clock is off by %i ms keeps its lease while it lives, and frees it when it dies',
    async (skewMs) => {
      await using store = diskStore(folder);
      const peer = await startPeer(folder, { skewMs });
      expect(await peer.ask('lease', { key: 'theirs', ttlMs: 1000 })).toBe(true);
      const ours = await store.lease?.('ours', { ttlMs: 1000 });
      const start = performance.now();
      await until(async () => {
        expect(await store.lease?.('theirs', { ttlMs: 1000 })).toBeUndefined();
        expect(await peer.ask('lease', { key: 'ours', ttlMs: 1000 })).toBe(false);
        return performance.now() - start > 2500;
      });
      expect(await ours?.isHeld()).toBe(true);
      await peer.kill();
      await until(async () => (await store.lease?.('theirs', { ttlMs: 1000 })) !== undefined);
    },
  );

  test('a frozen holder loses its lease, and learns it', async () => {
    await using store = diskStore(folder);
    const peer = await startPeer(folder);
    expect(await peer.ask('lease', { key: 'a', ttlMs: 1000 })).toBe(true);
    peer.signal('SIGSTOP');
    await until(async () => (await store.lease?.('a', { ttlMs: 1000 })) !== undefined);
    peer.signal('SIGCONT');
    expect(await peer.ask('isHeld', { key: 'a' })).toBe(false);
    expect(await peer.ask('events')).toEqual(['leaseLost']);
    await peer.ask('release', { key: 'a' });
    expect(await store.lease?.('a', { ttlMs: 1000 })).toBeUndefined();
    await peer.kill();
  });

  test('a program that ends without closing ends at once, and its leases with it', async () => {
    const peer = await startPeer(folder);
    await peer.ask('put', { key: 'a', size: 10, fill: 'x' });
    expect(await peer.ask('lease', { key: 'a', ttlMs: 600_000 })).toBe(true);
    expect(await peer.end()).toBe(0);
    await using store = diskStore(folder);
    expect(await store.lease?.('a', { ttlMs: 1000 })).toBeDefined();
  });

  test.skipIf(process.getuid?.() !== 0)(
    'a user without rights reads, and is told that the place is read-only',
    async () => {
      await using store: Store = diskStore(folder);
      await store.put('a', payloadOf('x'));
      const peer = await startPeer(folder, { uid: 65534 });
      if ((await peer.ask('get', { key: 'a' })) === 'x') {
        expect(await peer.ask('put', { key: 'b', size: 10, fill: 'y' })).toEqual({ error: 'ERR_STORE_READ_ONLY' });
        expect(await peer.ask('lease', { key: 'b', ttlMs: 1000 })).toEqual({ error: 'ERR_STORE_READ_ONLY' });
      } else {
        expect(await peer.ask('get', { key: 'a' })).toEqual({ error: 'ERR_STORE_DENIED' });
      }
      await peer.end();
    },
  );
});

test('nothing is left open after close', async () => {
  expect(await leftAfterClose(folder)).toEqual([]);
});

test('an aborted write leaves nothing', async () => {
  await using store = diskStore(folder);
  const controller = new AbortController();
  const reason = new Error('enough');
  const put = store.put('a', payloadOf('x', 100_000_000), { signal: controller.signal });
  await until(() => files('tmp').length > 0);
  controller.abort(reason);
  await expect(put).rejects.toBe(reason);
  expect(files('tmp')).toEqual([]);
  expect(await store.get('a')).toBeUndefined();
});

test('a path that leads through a file', async () => {
  writeFileSync(folder, 'a file');
  await using store = diskStore(folder);
  await expect(store.get('a')).rejects.toSatisfy(
    (error) => error instanceof StoreError && error.code === 'ERR_STORE_LOCATION',
  );
  await expect(store.put('a', payloadOf('x'))).rejects.toSatisfy(
    (error) => error instanceof StoreError && error.store === `disk ${folder}`,
  );
});
