import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { signAnnouncement } from '../../packages/backends/src/grpc/discovery/announcement.ts';
import { Announcer } from '../../packages/backends/src/grpc/discovery/announcer.ts';
import { dnsSource } from '../../packages/backends/src/grpc/discovery/dns.ts';
import { mergedSource } from '../../packages/backends/src/grpc/discovery/merged.ts';
import { registrySource } from '../../packages/backends/src/grpc/discovery/registry.ts';
import type { DaemonSource } from '../../packages/backends/src/grpc/discovery/source.ts';
import { staticSource } from '../../packages/backends/src/grpc/discovery/static.ts';
import { type RunningDns, startDns } from '../services/dns.ts';
import { type RunningRedis, redis, startRedis } from '../services/redis.ts';
import { withService } from '../services/service.ts';

/** Watches a source; `until` waits for what it tells. */
function watch(source: DaemonSource) {
  let now: { addresses: string[]; problem?: string } = { addresses: [] };
  let look = (): void => undefined;
  const stop = source.watch((daemons, problem) => {
    now = { addresses: daemons.map(({ address }) => address), ...(problem && { problem: problem.message }) };
    look();
  });
  const until = (holds: (told: typeof now) => boolean): Promise<typeof now> =>
    new Promise((resolve) => {
      look = () => {
        if (holds(now)) resolve(now);
      };
      look();
    });
  return { stop, until };
}

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

describe('a static list', () => {
  test('is told once', async () => {
    const { until, stop } = watch(staticSource(['a:1', '[::1]:2']));
    stops.push(stop);
    expect(await until(({ addresses }) => addresses.length > 0)).toEqual({ addresses: ['a:1', '[::1]:2'] });
  });

  test.each(['a', 'a:0', 'a:70000', ':1', 'a b:1', 'http://a:1', '::1:1', 7])('%s is no address', (address) => {
    expect(() => staticSource([address as string])).toThrow(/must be host:port, \[IPv6\]:port or dns:name:port/);
  });
});

describe('a DNS name', () => {
  let dns: RunningDns;
  beforeEach(async () => {
    dns = await startDns();
  });
  afterEach(() => dns.stop());

  test('stands for a daemon at each of its addresses, as they change; what is known outlasts a failure', async () => {
    dns.set('workers.test', ['10.0.0.2', '10.0.0.1']);
    const { until, stop } = watch(dnsSource('workers.test:7077', { everyMs: 5, resolve: dns.resolve }));
    stops.push(stop);
    expect(await until(({ addresses }) => addresses.length === 2)).toEqual({
      addresses: ['10.0.0.1:7077', '10.0.0.2:7077'],
    });
    dns.set('workers.test', ['10.0.0.3']);
    expect(await until(({ addresses }) => addresses.length === 1)).toEqual({ addresses: ['10.0.0.3:7077'] });
    dns.set('workers.test', []);
    const { addresses, problem } = await until((told) => told.problem !== undefined);
    expect(addresses).toEqual(['10.0.0.3:7077']);
    expect(problem).toMatch(/^dns:workers\.test:7077 cannot be resolved: .*ENOTFOUND/);
    dns.set('workers.test', ['10.0.0.3', '10.0.0.4']);
    expect((await until((told) => told.addresses.length === 2)).problem).toBeUndefined();
  });
});

withService(redis, () => {
  let server: RunningRedis;
  let client: Redis;
  const token = { id: 'aaaabbbbccccdddd', key: randomBytes(32) };
  const tokens = () => [token];
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    client = new Redis(server.url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
    client.on('error', () => undefined);
  });
  afterEach(async () => {
    await client.flushall();
    client.disconnect();
  });
  const watchRegistry = () => {
    const watched = watch(registrySource({ url: server.url, tokens, everyMs: 5 }));
    stops.push(watched.stop);
    return watched;
  };
  const announce = (address: string, ttlMs?: number): Announcer => {
    const announcer = new Announcer({
      url: server.url,
      tokens,
      daemon: () => ({ address, slots: 2, labels: { zone: 'x' } }),
      ...(ttlMs && { ttlMs }),
    });
    stops.push(() => announcer.leave());
    return announcer;
  };

  test('daemons come and go', async () => {
    const { until } = watchRegistry();
    const a = announce('a:1');
    announce('b:1');
    expect((await until(({ addresses }) => addresses.length === 2)).addresses).toEqual(['a:1', 'b:1']);
    await a.leave();
    expect((await until(({ addresses }) => addresses.length === 1)).addresses).toEqual(['b:1']);
  });

  test('one that is not renewed any more is gone after its time to live', async () => {
    const { until } = watchRegistry();
    const said = { address: 'a:1', slots: 1, instance: 'i', number: 1, at: Date.now(), ttlMs: 100 };
    await client.set(`jobloom:v1:${token.id}:daemon:a:1`, signAnnouncement(said, token));
    await client.sadd(`jobloom:v1:${token.id}:daemons`, 'a:1');
    await until(({ addresses }) => addresses.length === 1);
    await until(({ addresses }) => addresses.length === 0); // though the entry is still there
  });

  test('entries that nobody of the cluster signed are ignored and told, the others hold', async () => {
    const { until } = watchRegistry();
    announce('a:1');
    const said = { address: 'evil:1', slots: 9, instance: 'i', number: 1, at: Date.now(), ttlMs: 10_000 };
    await client.set(`jobloom:v1:${token.id}:daemon:evil:1`, signAnnouncement(said, { key: randomBytes(32) }));
    await client.sadd(`jobloom:v1:${token.id}:daemons`, 'evil:1');
    const told = await until(({ addresses, problem }) => addresses.length === 1 && problem !== undefined);
    expect(told).toEqual({
      addresses: ['a:1'],
      problem: `registry ${server.url}: the entry of "evil:1" is ignored: not signed with this cluster's token`,
    });
  });

  test('an entry that was signed for another address is ignored', async () => {
    const { until } = watchRegistry();
    const said = { address: 'a:1', slots: 9, instance: 'i', number: 1, at: Date.now(), ttlMs: 10_000 };
    await client.set(`jobloom:v1:${token.id}:daemon:evil:1`, signAnnouncement(said, token));
    await client.sadd(`jobloom:v1:${token.id}:daemons`, 'evil:1');
    const { addresses, problem } = await until((told) => told.problem !== undefined);
    expect(addresses).toEqual([]);
    expect(problem).toMatch(/it is the announcement of a:1$/);
  });

  test('a registry that dies takes no daemon along; when it comes back, empty, the daemons announce themselves again', async () => {
    const { until } = watchRegistry();
    announce('a:1', 3_000);
    await until(({ addresses }) => addresses.length === 1);
    await server.daemon.kill();
    const without = await until(({ problem }) => problem !== undefined);
    expect(without.addresses).toEqual(['a:1']);
    expect(without.problem).toMatch(
      /^the registry redis:\/\/127\.0\.0\.1:\d+\/0 cannot be used: .*ECONNREFUSED|closed/,
    );
    await server.restart();
    expect(await until(({ problem }) => problem === undefined)).toEqual({ addresses: ['a:1'] });
    announce('b:1');
    await until(({ addresses }) => addresses.length === 2);
    const again = `jobloom:v1:${token.id}:daemon:a:1`;
    await expect.poll(() => client.exists(again), { timeout: 10_000 }).toBe(1);
  });

  test('several sources are one list, and tell what is wrong with any', async () => {
    const closed = registrySource({ url: 'redis://user:secret@127.0.0.1:1', tokens, everyMs: 5 });
    const { until, stop } = watch(mergedSource([staticSource(['a:1', 'b:1']), closed]));
    stops.push(stop);
    const { addresses, problem } = await until((told) => told.problem !== undefined && told.addresses.length === 2);
    expect(addresses).toEqual(['a:1', 'b:1']);
    expect(problem).toMatch(/^the registry redis:\/\/\*\*\*@127\.0\.0\.1:1 cannot be used: .*ECONNREFUSED/);
  });
});
