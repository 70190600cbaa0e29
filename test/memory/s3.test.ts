import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { Memory, type MemoryOptions } from '@jobloom/memory';
import { delayed, parallel } from '@jobloom/parallel';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ceph, type RunningCeph, startCeph } from '../services/ceph.ts';
import { withService } from '../services/service.ts';
import { startPeer } from './peer.ts';
import { eventsOf, runsIn, scratchFolders } from './scratch.ts';

const scratch = scratchFolders();

withService(ceph, () => {
  let server: RunningCeph;
  beforeAll(async () => {
    server = await startCeph();
    const { endpoint, credentials } = server;
    const direct = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
    await direct.send(new CreateBucketCommand({ Bucket: 'memory' }));
    direct.destroy();
    vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await server.stop();
  });
  let prefixes = 0;
  const url = (): string => `s3://memory/p${prefixes}?timeoutMs=5000`;
  const open = (options: MemoryOptions = {}): Memory => {
    prefixes += 1;
    return new Memory({ location: url(), ...options });
  };

  test('calls, references, explain and clear', async () => {
    await using memory = open();
    let runs = 0;
    const f = memory.cache((x: number) => {
      runs += 1;
      return { x, list: new Float64Array(10_000).fill(x) };
    });
    for (const x of [1, 2, 1, 2]) expect(await f(x)).toEqual({ x, list: new Float64Array(10_000).fill(x) });
    expect(runs).toBe(2);
    expect((await (await f.callAndShelve(1)).get()).x).toBe(1);
    expect((await f.explain(3)).reason).toBe('not-computed');
    expect(await memory.reduceSize({ items: 1 })).toMatchObject({ entries: 1 });
    expect(await memory.verify()).toEqual({ ok: 1, corrupt: [], unusable: [] });
    expect(await memory.clear()).toBe(1);
  });

  test('from workers, on the same bucket', async () => {
    await using memory = open();
    const f = memory.cache((x: number) => x + 1);
    expect(
      await parallel(
        [1, 2, 3].map((x) => delayed(f)(x)),
        { backend: 'processes', nJobs: 2 },
      ),
    ).toEqual([2, 3, 4]);
    expect(await f.checkCallInCache(3)).toBe(true);
  });

  test('4 processes on a cold key: one run', async () => {
    prefixes += 1;
    mkdirSync(scratch.folder, { recursive: true });
    const log = join(scratch.folder, 'runs.log');
    const peers = await Promise.all(Array.from({ length: 4 }, () => startPeer({ location: url() })));
    const results = await Promise.all(peers.map((peer) => peer.ask('call', { name: 'busy', args: [21, 1_000, log] })));
    expect(results).toEqual([42, 42, 42, 42]);
    expect(runsIn(log)).toBe(1);
    await Promise.all(peers.map((peer) => peer.kill()));
  });

  test('a large value: in tiers, a folder answers for the bucket', async () => {
    prefixes += 1;
    await using memory = new Memory({ location: [join(scratch.folder, 'near'), url()] });
    const f = memory.cache((x: number) => new Uint8Array(20_000_000).fill(x));
    expect((await f(1)).byteLength).toBe(20_000_000);
    await using far = new Memory({ location: url() });
    const g = far.cache((x: number) => new Uint8Array(20_000_000).fill(x));
    expect(await g.checkCallInCache(1)).toBe(true);
    expect((await g(1))[19_999_999]).toBe(1);
    expect(far.stats()).toMatchObject({ hits: 1, misses: 0 });
  });

  test('a gateway that is killed in the middle of a large value: the value is given, and no half entry is there', async () => {
    await using memory = open();
    const f = memory.cache((x: number) => new Uint8Array(200_000_000).fill(x), { singleFlight: false });
    const call = f(1);
    setTimeout(() => void server.gateway.kill(), 300);
    expect((await call).byteLength).toBe(200_000_000);
    await server.restartGateway();
    const stored = memory.stats().stored === 1;
    expect(await f.checkCallInCache(1)).toBe(stored);
    expect(memory.stats().faults).toBe(stored ? 0 : 1);
  });

  test('storage that is frozen: the value within the time-out', async () => {
    prefixes += 1;
    await using memory = new Memory({ location: url().replace('5000', '1000') });
    const f = memory.cache((x: number) => x + 1);
    await f(1);
    const events = eventsOf(memory);
    server.storage.signal('SIGSTOP');
    try {
      expect(await f(1)).toBe(2);
      expect(await f(2)).toBe(3);
    } finally {
      server.storage.signal('SIGCONT');
    }
    expect(events.filter(({ type }) => type === 'fault')).toMatchObject([{ error: { code: 'ERR_STORE_TIMEOUT' } }]);
  });

  test('a bucket that is not there, and wrong credentials', async () => {
    const cases = [
      ['s3://nowhere/p', 'ERR_STORE_MISSING', server.credentials.secretAccessKey],
      ['s3://memory/denied', 'ERR_STORE_DENIED', 'wrong'],
    ];
    for (const [location = '', code, secret = ''] of cases) {
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', secret);
      await using memory = new Memory({ location });
      const events = eventsOf(memory);
      expect(await memory.cache((x: number) => x + 1)(1)).toBe(2);
      expect(events[0]).toMatchObject({ type: 'fault', error: { code } });
      expect(events.at(-1)).toMatchObject({ type: 'computed', stored: false });
    }
  });
});
