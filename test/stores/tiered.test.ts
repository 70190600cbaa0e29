import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskStore, memoryStore, redisStore, type Store, StoreError, s3Store, tiered } from '@jobloom/stores';
import { afterAll, expect, test } from 'vitest';
import { eventsOf, listed, payloadOf, textOf } from './entries.ts';

const folder = mkdtempSync(join(tmpdir(), 'jobloom-tiers-'));
afterAll(() => rmSync(folder, { recursive: true }));
const disk = (): Store => diskStore(mkdtempSync(join(folder, 'tier-')));
const nowhere = (): Store => redisStore({ url: 'redis://127.0.0.1:1', timeoutMs: 500 });

test('reads go down and bring the entry to the tiers above', async () => {
  const [top, middle, low] = [memoryStore(), disk(), disk()];
  await using store = tiered([top, middle, low]);
  await low.put('a', payloadOf('x'));
  expect(textOf(await store.get('a', { headOnly: true }))).toBeDefined();
  expect(await middle.get('a')).toBeUndefined(); // a head alone is not brought up
  expect(textOf(await store.get('a'))).toBe('x 100');
  expect(textOf(await top.get('a'))).toBe('x 100');
  expect(textOf(await middle.get('a'))).toBe('x 100');
  await low.put('b', payloadOf('y'));
  expect(textOf(store.getSync?.('b'))).toBe('y 100');
  expect(textOf(await top.get('b'))).toBe('y 100');
});

test('writes go to all tiers, the last one decides', async () => {
  const [top, low] = [memoryStore(), disk()];
  await using store = tiered([top, low]);
  await store.put('a', payloadOf('x'));
  expect([textOf(await top.get('a')), textOf(await low.get('a'))]).toEqual(['x 100', 'x 100']);
  await low.put('b', payloadOf('theirs'));
  expect(await store.put('b', payloadOf('ours'), { ifAbsent: true })).toBe('exists');
  expect(await top.get('b')).toBeUndefined();
  expect(textOf(await store.get('b'))).toBe('theirs 100');
  expect(await store.delete(['a', 'b', 'c'])).toBe(2);
  expect(await top.get('a')).toBeUndefined();
});

test('an entry that is too large for a tier passes it over', async () => {
  const [small, low] = [memoryStore({ maxBytes: 1000 }), disk()];
  await using store = tiered([small, low]);
  const events = eventsOf(store);
  await store.put('large', payloadOf('x', 5000));
  expect(await small.get('large')).toBeUndefined();
  expect(textOf(await store.get('large'))).toBe('x 5000');
  await using upsideDown = tiered([disk(), memoryStore({ maxBytes: 1000 })]);
  await upsideDown.put('large', payloadOf('x', 5000));
  expect(textOf(await upsideDown.get('large'))).toBe('x 5000');
  expect(events).toEqual([]);
});

test('a tier above that fails is told, and the tiers below serve', async () => {
  const low = disk();
  await using store = tiered([nowhere(), low]);
  const events = eventsOf(store);
  expect(await store.put('a', payloadOf('x'))).toBe('stored');
  expect(textOf(await store.get('a'))).toBe('x 100');
  expect((await listed(store)).map(({ key }) => key)).toEqual(['a']);
  expect(await store.delete(['a'])).toBe(1);
  expect(new Set(events.map((event) => event.type === 'fault' && event.store))).toEqual(
    new Set(['redis 127.0.0.1:1 jobloom']),
  );
  expect(events.map((event) => event.type === 'fault' && event.operation)).toEqual([
    'put of a',
    'get of a',
    'backfill of a',
    'list',
    'delete',
  ]);
});

test("a last tier that fails is the caller's to know; the tiers above keep the entry all the same", async () => {
  await using store = tiered([memoryStore(), nowhere()]);
  const unreachable = expect.objectContaining({ code: 'ERR_STORE_UNREACHABLE' });
  await expect(store.put('a', payloadOf('x'))).rejects.toEqual(unreachable);
  expect(textOf(await store.get('a'))).toBe('x 100');
  await expect(store.get('b')).rejects.toEqual(unreachable);
});

test('leases come from the lowest tier that has them', async () => {
  const [top, low] = [memoryStore(), disk()];
  await using store = tiered([top, low]);
  const lease = await store.lease?.('a', { ttlMs: 5000 });
  expect(await low.lease?.('a', { ttlMs: 5000 })).toBeUndefined();
  expect(await top.lease?.('a', { ttlMs: 5000 })).toBeDefined();
  await lease?.release();
  expect(await low.lease?.('a', { ttlMs: 5000 })).toBeDefined();
});

test('lists each entry once, those of every tier', async () => {
  const [top, low] = [memoryStore(), disk()];
  await using store = tiered([top, low]);
  await store.put('both', payloadOf('x'));
  await top.put('top', payloadOf('x'));
  await low.put('low', payloadOf('x'));
  expect((await listed(store)).map(({ key }) => key).sort()).toEqual(['both', 'low', 'top']);
});

test('capabilities are those of what decides', () => {
  expect(tiered([memoryStore(), disk()]).capabilities).toMatchObject({
    sharedBy: 'host',
    sync: true,
    accessTimes: true,
  });
  const far = tiered([memoryStore(), s3Store({ bucket: 'b' })]);
  expect(far.capabilities).toMatchObject({ sharedBy: 'network', sync: false, accessTimes: false, leases: true });
  expect([far.getSync, far.putSync]).toEqual([undefined, undefined]);
  expect(() => tiered([])).toThrow(StoreError);
});

test('events of all tiers are heard, and closing closes all', async () => {
  const low = disk();
  const store = tiered([memoryStore(), low]);
  const events = eventsOf(store);
  await low.put('a', payloadOf('x', 300_000));
  const root = low.name.slice('disk '.length);
  const file = join(
    root,
    readdirSync(root, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('.e')) ?? '',
  );
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill('y', 200_000, 200_001));
  expect(await store.get('a')).toBeUndefined();
  expect(events).toMatchObject([{ type: 'corrupt', key: 'a' }]);
  await store.close();
  await expect(low.get('a')).rejects.toEqual(expect.objectContaining({ code: 'ERR_STORE_CLOSED' }));
});
