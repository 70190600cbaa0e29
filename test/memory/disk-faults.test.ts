import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Memory } from '@jobloom/memory';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withService } from '../services/service.ts';
import { mountTmpfs, type Tmpfs, tmpfs } from '../services/tmpfs.ts';
import { startPeer, until } from './peer.ts';
import { eventsOf, runsIn, scratchFolders } from './scratch.ts';

const scratch = scratchFolders();
const codes = (memory: Memory): unknown[] => {
  const found: unknown[] = [];
  memory.onEvent((event) => {
    if (event.type === 'fault') found.push((event.error as { code?: string }).code);
  });
  return found;
};

withService(tmpfs, () => {
  let mount: Tmpfs;
  beforeEach(() => {
    mount = mountTmpfs('2m');
  });
  afterEach(() => mount.unmount());

  test('a full disk: the value is given, the fault told, and what was there still answers', async () => {
    await using memory = new Memory({ location: mount.folder });
    const f = memory.cache((x: number) => new Uint8Array(x).fill(7));
    await f(500_000);
    const faults = codes(memory);
    expect(Buffer.alloc(3_000_000, 7).equals(await f(3_000_000))).toBe(true);
    expect(faults).toEqual(['ERR_STORE_FULL']);
    expect(memory.stats()).toMatchObject({ faults: 1, stored: 1, misses: 2 });
    expect(await f.checkCallInCache(500_000)).toBe(true);
    expect(await f.checkCallInCache(3_000_000)).toBe(false);
    expect(await f(1_000)).toEqual(new Uint8Array(1_000).fill(7));
    expect(await f.checkCallInCache(1_000)).toBe(true);
  });

  test('a disk that takes no lease', async () => {
    await using memory = new Memory({ location: mount.folder });
    for (let size = 2 ** 20; size >= 1; size = Math.floor(size / 2))
      for (let at = 0; ; at += 1)
        try {
          writeFileSync(join(mount.folder, `fill-${size}-${at}`), Buffer.alloc(size));
          if (size === 1 && at > 3) break;
        } catch {
          break;
        }
    const faults = codes(memory);
    const f = memory.cache((x: number) => x + 1);
    expect(await f(1)).toBe(2);
    expect(new Set(faults)).toEqual(new Set(['ERR_STORE_FULL']));
  });

  test('a read-only place: hits go on, misses are computed and told', async () => {
    const f = (x: number) => x + 1;
    {
      await using memory = new Memory({ location: mount.folder });
      await memory.cache(f)(1);
    }
    mount.makeReadOnly();
    await using memory = new Memory({ location: mount.folder });
    const faults = codes(memory);
    expect(await memory.cache(f)(1)).toBe(2);
    expect(faults).toEqual([]);
    expect(memory.stats().hits).toBe(1);
    expect(await memory.cache(f)(2)).toBe(3);
    expect(new Set(faults)).toEqual(new Set(['ERR_STORE_READ_ONLY']));
    await expect(memory.cache(f).clear()).rejects.toMatchObject({ code: 'ERR_STORE_READ_ONLY' });
  });
});

test('a folder that may not be entered: computed, told once a call', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jobloom-locked-'));
  const closed = join(folder, 'closed');
  mkdirSync(closed);
  chmodSync(closed, 0o000);
  chmodSync(folder, 0o755);
  try {
    const uid = process.getuid?.() === 0 ? { uid: 65_534 } : {};
    const peer = await startPeer({ location: join(closed, 'cache') }, uid);
    const log = join(tmpdir(), `jobloom-locked-${process.pid}.log`);
    writeFileSync(log, '');
    chmodSync(log, 0o666);
    expect(await peer.ask('call', { name: 'noted', args: [1, 0, log] })).toBe(2);
    expect(await peer.ask('call', { name: 'noted', args: [1, 0, log] })).toBe(2);
    expect(runsIn(log)).toBe(2);
    expect(await peer.ask('events')).toEqual(['fault', 'computed', 'fault', 'computed']);
    await peer.end();
    rmSync(log);
  } finally {
    chmodSync(closed, 0o755);
    rmSync(folder, { recursive: true });
  }
});

test('kill -9 in the middle of a write: no half entry, and the next one computes', async () => {
  mkdirSync(scratch.folder, { recursive: true });
  const log = join(scratch.folder, 'runs.log');
  const options = { location: scratch.folder, singleFlight: { ttl: '1s' as const } };
  const peer = await startPeer(options);
  void peer.ask('call', { name: 'large', args: [1, 0, log] }).catch(() => undefined);
  const tmp = join(scratch.folder, 'tmp');
  const half = (): boolean =>
    existsSync(tmp) &&
    readdirSync(tmp).some((name) => (statSync(join(tmp, name), { throwIfNoEntry: false })?.size ?? 0) > 1e7);
  await until(half);
  await peer.kill();
  expect(scratch.entries()).toEqual([]);
  const next = await startPeer(options);
  expect(await next.ask('call', { name: 'large', args: [1, 0, log] })).toBe(300_000_000);
  expect(runsIn(log)).toBe(2);
  expect(await next.ask('call', { name: 'large', args: [1, 0, log] })).toBe(300_000_000);
  expect(runsIn(log)).toBe(2);
  const events = (await next.ask('events')) as string[]; // it waits, unless its own start took longer than the lease
  expect(events.filter((event) => event !== 'waiting')).toEqual(['computed', 'hit']);
  await next.end();
});

test('a location that is a file', async () => {
  mkdirSync(scratch.folder, { recursive: true });
  const file = join(scratch.folder, 'file');
  writeFileSync(file, 'text');
  await using memory = new Memory({ location: file });
  const events = eventsOf(memory);
  expect(await memory.cache((x: number) => x + 1)(1)).toBe(2);
  expect(events).toMatchObject([{ type: 'fault' }, { type: 'computed', stored: false }]);
});
