// What stands here in the place of joblib.Memory's behaviour: a test for each row of the table in docs/memory.md.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Memory } from '@jobloom/memory';
import { memoryStore } from '@jobloom/stores';
import { describe, expect, test } from 'vitest';
import { A, B, versionOf } from './module-versions.ts';
import { startPeer } from './peer.ts';
import { runsIn, scratchFolders } from './scratch.ts';

const scratch = scratchFolders();

/** Runs versions of a program one after the other on one store: what `f(1)` was, and how often it ran. */
async function inTurn(texts: readonly string[]): Promise<{ results: number[]; runs: number }> {
  const results: number[] = [];
  let runs = 0;
  for (const text of texts) {
    await using memory = scratch.open();
    const module = await versionOf(scratch.folder, text);
    results.push(await memory.cache(module.f)(1));
    runs += module.runs.count;
    module.runs.count = 0;
  }
  return { results, runs };
}

describe('semantics', () => {
  test('code in key, branch switch: part of the key, both are kept', async () => {
    expect(await inTurn([A, B, A, B, A])).toEqual({ results: [1, 2, 1, 2, 1], runs: 2 });
  });

  test('helper change: computed again, and explained', async () => {
    await inTurn([A]);
    await using memory = scratch.open();
    const { f } = await versionOf(scratch.folder, B);
    expect((await memory.cache(f).explain(1)).text).toMatch(/computed by other code \(round changed\)/);
  });

  test('comment, line shift: hit', async () => {
    expect((await inTurn([A, `/* more\n\n */\n${A.replace('return', '// why\n  return')}`])).runs).toBe(1);
  });

  test('concurrent cold key: one run', async () => {
    const log = join(scratch.folder, '..', 'semantics.log');
    const peers = await Promise.all([1, 2, 3, 4].map(() => startPeer({ location: scratch.folder })));
    await Promise.all(peers.map((peer) => peer.ask('call', { name: 'noted', args: [1, 400, log] })));
    expect(runsIn(log)).toBe(1);
    await Promise.all(peers.map((peer) => peer.end()));
  });

  test('partial write, bit flip: set aside and computed again', async () => {
    await using memory = scratch.open();
    const f = memory.cache((x: number) => new Float64Array(1_000).fill(x));
    await f(1);
    const [file = ''] = scratch.entries();
    const good = readFileSync(file);
    for (const bad of [good.subarray(0, 500), Buffer.from(good).fill(1, 5_000, 5_001)]) {
      writeFileSync(file, bad);
      expect((await f(1))[999]).toBe(1);
    }
    expect(memory.stats()).toMatchObject({ corrupt: 2, misses: 3 });
  });

  test('arguments: canonical in every process, or an error that names the way', async () => {
    const log = join(scratch.folder, '..', 'arguments.log');
    const [one, two] = await Promise.all([1, 2].map(() => startPeer({ location: scratch.folder })));
    await one?.ask('call', { name: 'a', args: [['x', 'y'], log] });
    await two?.ask('call', { name: 'a', args: [['x', 'y'], log] });
    expect(runsIn(log)).toBe(1);
    await Promise.all([one?.end(), two?.end()]);
    await using memory = scratch.open();
    const f = memory.cache((x: unknown) => typeof x);
    await f(new Set(['a', 'b', 'c']));
    await f(new Set(['c', 'a', 'b']));
    expect(memory.stats().misses).toBe(1);
    await expect(f({ model: { stream: Promise.resolve() } })).rejects.toThrow(/^args\[0\]\.model\.stream: /);
  });

  test('load: data only', async () => {
    await using memory = scratch.open();
    const f = memory.cache(() => ({ run: () => 1 }));
    await f();
    expect(memory.stats()).toMatchObject({ unserializable: 1, stored: 0 });
  });

  test('files an entry: one, spread over 256 folders', async () => {
    await using memory = scratch.open();
    const f = memory.cache((x: number) => x);
    for (let x = 0; x < 600; x += 1) await f(x);
    const files = scratch.entries();
    expect(files.length).toBe(600);
    const folders = new Set(files.map((file) => relative(scratch.folder, dirname(file))));
    expect(folders.size).toBeGreaterThan(200);
    for (const folder of folders) expect(folder).toMatch(/^entries\/v1\/[^/]+\/[^/]+\/[0-9a-f]{32}\/\+[0-9a-f]{2}$/);
    expect(Math.max(...files.map((file) => statSync(file).size))).toBeLessThan(400);
  });

  test('limits: the same call, and kept by themselves', async () => {
    await using memory = new Memory({ store: memoryStore(), limits: { bytes: '64K' } });
    const f = memory.cache((x: number) => new Uint8Array(10_000).fill(x));
    for (let x = 0; x < 20; x += 1) await f(x);
    const { evicted, stored } = memory.stats();
    expect(stored - evicted).toBeLessThanOrEqual(6);
    await memory.reduceSize({ items: 2 });
    expect((await memory.verify()).ok).toBe(2);
  });

  test('validity: callback and age; what they need is in the entry itself', async () => {
    await using memory = scratch.open();
    const f = memory.cache((x: number) => x, { expiresAfter: '1h', validate: ({ durationMs }) => durationMs >= 0 });
    await f(1);
    expect(await f.checkCallInCache(1)).toBe(true);
  });

  test('delete one, explain, stats, verify', async () => {
    await using memory = scratch.open();
    const f = memory.cache((x: number) => x);
    await f(1);
    await f(2);
    expect(await f.clearItem(1)).toBe(true);
    expect([(await f.explain(1)).reason, (await f.explain(2)).reason]).toEqual(['not-computed', 'hit']);
    expect(await memory.verify()).toMatchObject({ ok: 1, corrupt: [] });
    expect(memory.stats()).toMatchObject({ misses: 2, stored: 2 });
  });

  test('async: the same for functions of both kinds', async () => {
    await using memory = scratch.open();
    const [now, later] = [memory.cache((x: number) => x + 1), memory.cache(async (x: number) => x + 1)];
    expect([await now(1), await now(1), await later(1), await later(1)]).toEqual([2, 2, 2, 2]);
    expect(memory.stats()).toMatchObject({ hits: 2, misses: 2 });
  });

  test('large arrays: into memory that is there, in the place of a map of the file', async () => {
    await using memory = scratch.open();
    const into = new Uint8Array(1_000_000);
    const f = memory.cache(() => new Float64Array(100_000).fill(1), { into });
    await f();
    expect((await f()).buffer).toBe(into.buffer);
  });

  test.each([
    ['memory', () => new Memory({ location: 'memory:' }), 'thread'],
    ['folder', () => scratch.open(), 'host'],
    ['tiers', () => new Memory({ location: ['memory:', scratch.folder] }), 'host'],
    ['Redis', () => new Memory({ location: 'redis://localhost:1' }), 'network'],
    ['S3', () => new Memory({ location: 's3://bucket/prefix' }), 'network'],
  ])('stores: %s', async (_name, open, sharedBy) => {
    await using memory = open();
    expect(memory.sharedBy).toBe(sharedBy);
  });
});
