import { redisStore, type Store, type StoreErrorCode } from '@jobloom/stores';
import { storeContract } from '@jobloom/stores/contract';
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningRedis, redis, startRedis } from '../services/redis.ts';
import { withService } from '../services/service.ts';
import { startProxy, type TcpProxy } from '../services/tcp-proxy.ts';
import { eventsOf, listed, payloadOf, textOf } from './entries.ts';
import { leftAfterClose } from './handles.ts';
import { startPeer, until } from './peer.ts';

const code = (expected: StoreErrorCode) => expect.objectContaining({ name: 'StoreError', code: expected });

withService(redis, () => {
  let server: RunningRedis;
  let direct: Redis;
  beforeAll(async () => {
    server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always', '--databases', '4');
    direct = new Redis(server.url);
    direct.on('error', () => undefined);
  });
  afterAll(async () => {
    direct.disconnect();
    await server.stop();
  });
  const open = (options: object = {}): Store =>
    redisStore({ url: server.url, prefix: 'faults', timeoutMs: 2000, ...options });

  describe('contract with a client that was given', () => {
    let client: Redis;
    beforeAll(() => {
      client = new Redis(server.url);
    });
    afterAll(() => client.disconnect());
    const sharing = (name: string, body: () => Promise<void>) =>
      /busy and alive/.test(name) ? undefined : test(name, body); // that one is what such clients lack, and tell
    storeContract(sharing, () => redisStore({ client, prefix: 'given' }));

    test('tells that leases depend on this thread', async () => {
      await using store = redisStore({ client, prefix: 'given' });
      const events = eventsOf(store);
      const lease = await store.lease?.('a', { ttlMs: 1500 });
      expect(events).toMatchObject([{ type: 'degraded', capability: 'leases' }]);
      const start = performance.now();
      await until(() => performance.now() - start > 3000);
      expect(await lease?.isHeld()).toBe(true); // renewed all the same while this thread has time
    });
  });

  test('times of use and sizes are in sorted sets, and every name is in one slot', async () => {
    await using store = open({ prefix: 'names' });
    await store.put('fn/a', payloadOf('x', 1000));
    const lease = await store.lease?.('fn/a', { ttlMs: 60_000 });
    const names = (await direct.keys('*names*')).sort();
    expect(names).toEqual(['{names}:access', '{names}:created', '{names}:e:fn/a', '{names}:l:fn/a', '{names}:size']);
    expect(await direct.zscore('{names}:size', 'fn/a')).toBe(`${await direct.strlen('{names}:e:fn/a')}`);
    const [seconds] = await direct.time();
    const access = Number(await direct.zscore('{names}:access', 'fn/a'));
    expect(Math.abs(access - Number(seconds) * 1000)).toBeLessThan(10_000);
    expect(await direct.pttl('{names}:l:fn/a')).toBeGreaterThan(50_000);
    await lease?.release();
    await store.delete(['fn/a']);
    expect(await direct.keys('*names*')).toEqual([]);
  });

  test('what the server evicted by itself leaves the lists', async () => {
    await using store = open({ prefix: 'evicted' });
    for (const key of ['a', 'b']) await store.put(key, payloadOf(key));
    await direct.del('{evicted}:e:a');
    expect((await listed(store)).map(({ key }) => key)).toEqual(['b']);
    expect(await direct.zrange('{evicted}:access', '0', '-1')).toEqual(['b']);
  });

  test('a value over the limit is refused before it is sent, and told what to do', async () => {
    await using store = open({ maxValueBytes: 10_000 });
    await expect(store.put('a', payloadOf('x', 10_000))).rejects.toEqual(code('ERR_STORE_TOO_LARGE'));
    await expect(store.put('a', payloadOf('x', 10_000))).rejects.toThrow(
      /the entry a has 10\d\d\d bytes, maxValueBytes is 10000\. Raise maxValueBytes, or use tiers/,
    );
    expect(await store.put('a', payloadOf('x', 9_000))).toBe('stored');
    expect(open().capabilities.maxValueBytes).toBe(64 * 2 ** 20);
    expect(() => open({ maxValueBytes: 2 ** 30 })).toThrow(code('ERR_STORE_LOCATION'));
  });

  test('a damaged value: none, told, removed', async () => {
    await using store = open();
    const events = eventsOf(store);
    await store.put('a', payloadOf('x', 5000));
    await direct.setrange('{faults}:e:a', 3000, 'y');
    expect(await store.get('a')).toBeUndefined();
    expect(events).toMatchObject([{ type: 'corrupt', key: 'a', detail: 'the checksum of its parts is wrong' }]);
    await store.put('a', payloadOf('x', 5000));
    await direct.set('{faults}:e:a', (await direct.getrangeBuffer('{faults}:e:a', 0, 3000)) as Buffer);
    expect(await store.get('a')).toBeUndefined();
    expect(await direct.exists('{faults}:e:a')).toBe(0);
  });

  test('kill -9 of the server: told, nothing lost, and the same store goes on when it is back', async () => {
    await using store = open();
    await store.put('kept', payloadOf('x', 100_000));
    const puts = Array.from({ length: 50 }, (_, index) =>
      store.put(`k${index}`, payloadOf(`${index}`, 50_000), { ifAbsent: true }),
    );
    const settled = Promise.allSettled(puts);
    await puts[5];
    await server.daemon.kill();
    const results = await settled;
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toEqual(code('ERR_STORE_UNREACHABLE'));
    await expect(store.get('kept')).rejects.toEqual(code('ERR_STORE_UNREACHABLE'));
    await expect(store.get('kept')).rejects.toThrow(/ECONNREFUSED/);
    await server.restart();
    expect(textOf(await store.get('kept'))).toBe('x 100000');
    for (const [index, result] of results.entries()) {
      const text = textOf(await store.get(`k${index}`));
      if (result.status === 'fulfilled') expect(text).toBe(`${index} 50000`);
      else expect([undefined, `${index} 50000`]).toContain(text);
    }
  });

  test('a frozen server: every operation ends within its time, and goes on after', async () => {
    await using store = open({ timeoutMs: 300 });
    await store.put('a', payloadOf('x'));
    server.daemon.signal('SIGSTOP');
    try {
      for (const operation of [
        () => store.get('a'),
        () => store.put('b', payloadOf('y')),
        () => store.delete(['a']),
        () => listed(store),
        () => store.lease?.('a', { ttlMs: 1000 }),
      ])
        await expect(operation()).rejects.toEqual(code('ERR_STORE_TIMEOUT'));
    } finally {
      server.daemon.signal('SIGCONT');
    }
    await store.delete(['b']);
    await store.put('a', payloadOf('x'));
    expect(textOf(await store.get('a'))).toBe('x 100');
  });

  describe('through a network that fails', () => {
    let proxy: TcpProxy;
    beforeAll(async () => {
      proxy = await startProxy(server.port);
    });
    afterAll(() => proxy.close());

    test('a connection that is reset, before and in the middle of an answer', async () => {
      await using store = open({ url: `redis://127.0.0.1:${proxy.port}/0` });
      await store.put('a', payloadOf('x', 3_000_000));
      proxy.reset();
      await expect(store.get('a')).rejects.toEqual(code('ERR_STORE_UNREACHABLE'));
      proxy.heal();
      proxy.resetAfter(1_000_000);
      await expect(store.get('a')).rejects.toEqual(code('ERR_STORE_UNREACHABLE'));
      proxy.heal();
      expect(textOf(await store.get('a'))).toBe('x 3000000');
    });

    test('a connection that is half-open: nothing passes and nobody is told', async () => {
      await using store = open({ url: `redis://127.0.0.1:${proxy.port}/0`, timeoutMs: 300 });
      await store.put('a', payloadOf('x'));
      proxy.stall();
      await expect(store.get('a')).rejects.toEqual(code('ERR_STORE_TIMEOUT'));
      await expect(store.put('b', payloadOf('x'))).rejects.toEqual(code('ERR_STORE_TIMEOUT'));
      proxy.heal();
      expect(textOf(await store.get('a'))).toBe('x 100');
    });

    test('a lease whose renewals cannot reach the server is lost, told, and free for others in its time', async () => {
      await using store = open({ url: `redis://127.0.0.1:${proxy.port}/0`, timeoutMs: 300 });
      await using other = open();
      const events = eventsOf(store);
      const lease = await store.lease?.('cut', { ttlMs: 1000 });
      expect(await other.lease?.('cut', { ttlMs: 1000 })).toBeUndefined();
      proxy.reset();
      await until(async () => (await other.lease?.('cut', { ttlMs: 60_000 })) !== undefined);
      await until(() => events.some(({ type }) => type === 'leaseLost'));
      expect(events.some(({ type }) => type === 'fault')).toBe(true);
      proxy.heal();
      expect(await lease?.isHeld()).toBe(false);
      await lease?.release();
      expect(await store.lease?.('cut', { ttlMs: 1000 })).toBeUndefined();
    });
  });

  test.each([86_400_000, -86_400_000])(
    "a process whose clock is off by %i ms: times are the server's, leases hold",
    async (skewMs) => {
      await using store = open({ prefix: 'skew' });
      const peer = await startPeer(`${server.url}?prefix=skew`, { skewMs });
      await peer.ask('put', { key: 'a', size: 10, fill: 'x' });
      const [seconds] = await direct.time();
      const [info] = await listed(store);
      expect(Math.abs((info?.createdMs ?? 0) - Number(seconds) * 1000)).toBeLessThan(10_000);
      expect(await peer.ask('lease', { key: 'a', ttlMs: 1000 })).toBe(true);
      expect(await store.lease?.('a', { ttlMs: 1000 })).toBeUndefined();
      await peer.kill();
      await until(async () => (await store.lease?.('a', { ttlMs: 1000 })) !== undefined);
    },
  );

  test('16 processes create an entry at once: one wins; a program that ends does so at once', async () => {
    const peers = await Promise.all(Array.from({ length: 16 }, () => startPeer(`${server.url}?prefix=race`)));
    const results = await Promise.all(
      peers.map((peer, index) => peer.ask('put', { key: 'a', size: 100 + index, fill: 'x', ifAbsent: true })),
    );
    expect(results.filter((result) => result === 'stored').length).toBe(1);
    await using store = open({ prefix: 'race' });
    expect(textOf(await store.get('a'))).toBe(`x ${100 + results.indexOf('stored')}`);
    const leases = await Promise.all(peers.map((peer) => peer.ask('lease', { key: 'a', ttlMs: 5000 })));
    expect(leases.filter((held) => held === true).length).toBe(1);
    for (const peer of peers) await peer.ask('close');
    expect(await Promise.all(peers.map((peer) => peer.end()))).toEqual(peers.map(() => 0));
  });

  test('nothing is left open after close', async () => {
    expect(await leftAfterClose(`${server.url}?prefix=handles`)).toEqual([]);
  });

  describe('refusals', () => {
    test('a wrong password, and none', async () => {
      const guarded = await startRedis('--requirepass', 'right');
      try {
        for (const user of ['', ':wrong@', 'nobody:right@']) {
          await using store = redisStore({ url: `redis://${user}127.0.0.1:${guarded.port}` });
          await expect(store.get('a')).rejects.toEqual(code('ERR_STORE_DENIED'));
          expect(store.name).not.toContain('right');
        }
        await using store = redisStore({ url: `redis://:right@127.0.0.1:${guarded.port}` });
        expect(await store.get('a')).toBeUndefined();
      } finally {
        await guarded.stop();
      }
    });

    test('a server whose memory is full', async () => {
      await using store = open({ prefix: 'full' });
      await store.put('before', payloadOf('x'));
      await direct.config('SET', 'maxmemory', '1mb');
      try {
        await expect(store.put('a', payloadOf('x', 2_000_000))).rejects.toEqual(code('ERR_STORE_FULL'));
        expect(textOf(await store.get('before'))).toBe('x 100');
      } finally {
        await direct.config('SET', 'maxmemory', '0');
      }
      expect((await listed(store)).map(({ key }) => key)).toEqual(['before']);
    });

    test('a replica, a database that is not there, a host that is not there', async () => {
      await using store = open();
      await direct.replicaof('127.0.0.1', '1');
      try {
        await expect(store.put('a', payloadOf('x'))).rejects.toEqual(code('ERR_STORE_READ_ONLY'));
      } finally {
        await direct.replicaof('NO', 'ONE');
      }
      await using nowhere = open({ url: server.url.replace(/\/0$/, '/9') });
      await expect(nowhere.get('a')).rejects.toEqual(code('ERR_STORE_MISSING'));
      await using nobody = open({ url: 'redis://host.invalid:6379' });
      await expect(nobody.get('a')).rejects.toEqual(code('ERR_STORE_UNREACHABLE'));
    });
  });

  describe('cluster of one node', () => {
    let node: RunningRedis;
    let cluster: Cluster;
    beforeAll(async () => {
      node = await startRedis('--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1');
      const admin = new Redis(node.url);
      await admin.cluster('ADDSLOTS', ...Array.from({ length: 16_384 }, (_, slot) => `${slot}`));
      await until(async () => `${await admin.cluster('INFO')}`.includes('cluster_state:ok'));
      admin.disconnect();
      cluster = new Cluster([{ host: '127.0.0.1', port: node.port }]);
    });
    afterAll(async () => {
      cluster.disconnect();
      await node.stop();
    });
    const most = (name: string, body: () => Promise<void>) =>
      /busy and alive/.test(name) ? undefined : test(name, body);
    storeContract(most, () => redisStore({ client: cluster, prefix: 'clustered' }));
  });
});
