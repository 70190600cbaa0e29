import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Memory, type MemoryOptions } from '@jobloom/memory';
import { delayed, parallel } from '@jobloom/parallel';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningRedis, redis, startRedis } from '../services/redis.ts';
import { withService } from '../services/service.ts';
import { startProxy } from '../services/tcp-proxy.ts';
import { startPeer, until } from './peer.ts';
import { eventsOf, runsIn, scratchFolders } from './scratch.ts';

const scratch = scratchFolders();

withService(redis, () => {
  let server: RunningRedis;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  let prefixes = 0;
  const url = (timeoutMs = 2_000, port = server.port): string =>
    `redis://127.0.0.1:${port}/0?prefix=p${prefixes}&timeoutMs=${timeoutMs}`;
  const open = (options: MemoryOptions = {}): Memory => {
    prefixes += 1;
    return new Memory({ location: url(), ...options });
  };

  test('calls, references, limits, explain and clear', async () => {
    await using memory = open({ limits: { items: 5 }, compress: 'gzip' });
    expect(memory.sharedBy).toBe('network');
    let runs = 0;
    const f = memory.cache((x: number) => {
      runs += 1;
      return { x, list: new Float64Array(10_000).fill(x) };
    });
    for (const x of [1, 2, 1, 2]) expect(await f(x)).toEqual({ x, list: new Float64Array(10_000).fill(x) });
    expect(runs).toBe(2);
    const reference = await f.callAndShelve(1);
    expect((await reference.get()).x).toBe(1);
    expect((await f.explain(1)).reason).toBe('hit');
    for (let x = 3; x < 9; x += 1) await f(x);
    expect(memory.stats().evicted).toBeGreaterThan(2);
    expect((await memory.verify()).ok).toBeLessThanOrEqual(5);
    expect(await f.clear()).toBeGreaterThan(0);
    expect((await memory.verify()).ok).toBe(0);
  });

  test('from workers, on the same server', async () => {
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
    const results = await Promise.all(peers.map((peer) => peer.ask('call', { name: 'busy', args: [21, 500, log] })));
    expect(results).toEqual([42, 42, 42, 42]);
    expect(runsIn(log)).toBe(1);
    for (const peer of peers) await peer.ask('close');
    expect(await Promise.all(peers.map((peer) => peer.end()))).toEqual([0, 0, 0, 0]);
  });

  test('kill -9 of the holder of a key', async () => {
    prefixes += 1;
    mkdirSync(scratch.folder, { recursive: true });
    const log = join(scratch.folder, 'runs.log');
    const options: MemoryOptions = { location: url(), singleFlight: { ttl: '1s' } };
    const [holder, waiter] = await Promise.all([startPeer(options), startPeer(options)]);
    void holder.ask('call', { name: 'noted', args: [1, 60_000, log] }).catch(() => undefined);
    await until(() => runsIn(log) === 1);
    await holder.kill();
    expect(await waiter.ask('call', { name: 'noted', args: [1, 0, log] })).toBe(2);
    expect(runsIn(log)).toBe(2);
    await waiter.kill();
  });

  test('a frozen server: the value within the time-out, and then without waiting for it', async () => {
    prefixes += 1;
    await using memory = new Memory({ location: url(300) });
    const events = eventsOf(memory);
    const f = memory.cache((x: number) => x + 1);
    await f(1);
    server.daemon.signal('SIGSTOP');
    try {
      expect(await f(1)).toBe(2);
      expect(await f(2)).toBe(3);
      expect(await f(3)).toBe(4);
    } finally {
      server.daemon.signal('SIGCONT');
    }
    const faults = events.filter(({ type }) => type === 'fault');
    expect(faults).toMatchObject([{ operation: 'get', error: { code: 'ERR_STORE_TIMEOUT' } }]);
    expect(memory.stats()).toMatchObject({ faults: 1, misses: 4, stored: 1 });
    await until(async () => f.checkCallInCache(1)); // it is asked again after a while
  });

  test('a server that was killed: computed, told; it is used again when it is back', async () => {
    await using memory = open();
    const events = eventsOf(memory);
    const f = memory.cache((x: number) => x + 1);
    await f(1);
    await server.daemon.kill();
    expect(await f(1)).toBe(2);
    expect(events.filter(({ type }) => type === 'fault')).toMatchObject([{ error: { code: 'ERR_STORE_UNREACHABLE' } }]);
    await server.restart();
    expect(await f(1)).toBe(2);
    expect(await f.checkCallInCache(1)).toBe(true);
  });

  test('a connection that is reset while a value is stored', async () => {
    const proxy = await startProxy(server.port);
    prefixes += 1;
    await using memory = new Memory({ location: url(2_000, proxy.port) });
    const f = memory.cache((x: number) => {
      if (x === 1) proxy.reset();
      return new Uint8Array(3_000_000).fill(x);
    });
    expect((await f(0)).byteLength).toBe(3_000_000);
    expect((await f(1))[0]).toBe(1);
    expect(memory.stats().faults).toBeGreaterThan(0);
    proxy.heal();
    expect(await f.checkCallInCache(1)).toBe(false);
    expect((await f(0)).byteLength).toBe(3_000_000);
    expect(memory.stats().hits).toBe(1);
    await proxy.close();
  });

  test('wrong credentials, and a host that is not there', async () => {
    const guarded = await startRedis('--requirepass', 'right');
    try {
      for (const [location, code] of [
        [`redis://:wrong@127.0.0.1:${guarded.port}`, 'ERR_STORE_DENIED'],
        ['redis://host.invalid:6379', 'ERR_STORE_UNREACHABLE'],
      ]) {
        await using memory = new Memory({ location: location ?? '' });
        const events = eventsOf(memory);
        expect(await memory.cache((x: number) => x + 1)(1)).toBe(2);
        expect(events).toMatchObject([
          { type: 'fault', error: { code } },
          { type: 'computed', stored: false },
        ]);
      }
    } finally {
      await guarded.stop();
    }
  });

  test('a value that is too large for the server', async () => {
    prefixes += 1;
    await using memory = new Memory({ location: `${url()}&maxValueBytes=10000` });
    const events = eventsOf(memory);
    const f = memory.cache((x: number) => new Uint8Array(x));
    expect((await f(20_000)).byteLength).toBe(20_000);
    expect(events.filter(({ type }) => type === 'fault')).toMatchObject([{ error: { code: 'ERR_STORE_TOO_LARGE' } }]);
  });

  test('a damaged value', async () => {
    await using memory = open();
    const f = memory.cache((x: number) => new Uint8Array(5_000).fill(x));
    await f(1);
    const direct = new Redis(server.url);
    const [name = ''] = await direct.keys(`{p${prefixes}}:e:v1/*`);
    await direct.setrange(name, 3_000, 'y');
    direct.disconnect();
    expect(await f(1)).toEqual(new Uint8Array(5_000).fill(1));
    expect(memory.stats()).toMatchObject({ corrupt: 1, misses: 2, faults: 0 });
    expect(await f.checkCallInCache(1)).toBe(true);
  });
});
