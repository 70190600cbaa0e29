import {
  CreateBucketCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { openStore, type S3StoreOptions, type Store, type StoreErrorCode, s3Store } from '@jobloom/stores';
import { storeContract } from '@jobloom/stores/contract';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ceph, type RunningCeph, startCeph } from '../services/ceph.ts';
import { withService } from '../services/service.ts';
import { startProxy, type TcpProxy } from '../services/tcp-proxy.ts';
import { eventsOf, listed, payloadOf, textOf } from './entries.ts';
import { leftAfterClose } from './handles.ts';
import { startPeer, until } from './peer.ts';

const code = (expected: StoreErrorCode) => expect.objectContaining({ name: 'StoreError', code: expected });
const Bucket = 'faults';

withService(ceph, () => {
  let server: RunningCeph;
  let direct: S3Client;
  beforeAll(async () => {
    server = await startCeph();
    const { endpoint, credentials } = server;
    direct = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
    await direct.send(new CreateBucketCommand({ Bucket }));
    vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    direct.destroy();
    await server.stop();
  });
  const open = (prefix: string, options: Partial<S3StoreOptions> = {}): Store =>
    s3Store({ bucket: Bucket, prefix, timeoutMs: 5000, ...options });
  const names = async (prefix: string): Promise<string[]> => {
    const { Contents = [] } = await direct.send(new ListObjectsV2Command({ Bucket, Prefix: `${prefix}/` }));
    return Contents.map(({ Key = '' }) => Key.slice(prefix.length + 1));
  };

  test('endpoint, region and credentials come from the environment; a URL opens the same store', async () => {
    await using store = openStore(`s3://${Bucket}/environment`);
    await store.put('a', payloadOf('x'));
    await using same = openStore(store.location ?? '');
    expect(textOf(await same.get('a'))).toBe('x 100');
    expect(same.capabilities).toEqual(store.capabilities);
  });

  test('a small entry is one object; a large one has its parts under their hash, and leaves none of them', async () => {
    await using store = open('layout', { multipartBytes: 1_000_000 });
    await store.put('fn/small', payloadOf('x', 1_000_000));
    await store.put('fn/large', payloadOf('x', 1_000_001));
    expect(await names('layout')).toEqual([
      'entries/fn/large',
      expect.stringMatching(/^entries\/fn\/large![0-9a-f]{64}$/),
      'entries/fn/small',
    ]);
    expect((await listed(store)).map(({ key, bytes }) => [key, Math.floor(bytes / 1000)])).toEqual([
      ['fn/large', 1000],
      ['fn/small', 1000],
    ]);
    expect(await store.put('fn/large', payloadOf('y', 2_000_000), { ifAbsent: true })).toBe('exists');
    expect((await names('layout')).length).toBe(3);
    expect(await store.delete(['fn/large', 'fn/small'])).toBe(2);
    expect(await names('layout')).toEqual([]);
  });

  test('16 racing creators of large entries: one wins, the parts of the others go', async () => {
    await using store = open('race', { multipartBytes: 100_000 });
    const results = await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        store.put('a', payloadOf(`${index}`, 200_000 + index), { ifAbsent: true }),
      ),
    );
    expect(results.filter((result) => result === 'stored').length).toBe(1);
    const winner = results.indexOf('stored');
    expect(textOf(await store.get('a'))).toBe(`${winner} ${200_000 + winner}`);
    expect((await names('race')).length).toBe(2);
  });

  test('16 processes create an entry and take a lease at once: one wins each; programs end at once', async () => {
    const location = open('processes').location ?? '';
    const peers = await Promise.all(Array.from({ length: 16 }, () => startPeer(location)));
    const results = await Promise.all(
      peers.map((peer, index) => peer.ask('put', { key: 'a', size: 100 + index, fill: 'x', ifAbsent: true })),
    );
    expect(results.filter((result) => result === 'stored').length).toBe(1);
    const leases = await Promise.all(peers.map((peer) => peer.ask('lease', { key: 'a', ttlMs: 60_000 })));
    expect(leases.filter((held) => held === true).length).toBe(1);
    for (const peer of peers) await peer.ask('close');
    expect(await Promise.all(peers.map((peer) => peer.end()))).toEqual(peers.map(() => 0));
  });

  test('a lease: renewed by a helper thread, taken over from the dead whatever their clock says', async () => {
    await using store = open('leases');
    const peer = await startPeer(store.location ?? '', { skewMs: 600_000 });
    expect(await peer.ask('lease', { key: 'a', ttlMs: 2000 })).toBe(true);
    const start = performance.now();
    await until(async () => {
      expect(await store.lease?.('a', { ttlMs: 2000 })).toBeUndefined();
      return performance.now() - start > 5000;
    });
    expect(await peer.ask('isHeld', { key: 'a' })).toBe(true);
    await peer.kill();
    const heirs: (string | undefined)[] = [];
    await until(async () => {
      const tries = await Promise.all(Array.from({ length: 8 }, () => store.lease?.('a', { ttlMs: 60_000 })));
      heirs.push(...tries.map((lease) => lease?.token));
      return heirs.some((token) => token !== undefined);
    });
    expect(heirs.filter((token) => token !== undefined).length).toBe(1);
  });

  test('damage: a byte flipped, an end cut off, parts gone: none, told, set aside', async () => {
    await using store = open('damage', { multipartBytes: 100_000 });
    const events = eventsOf(store);
    const spoil = async (name: string, how: (bytes: Buffer) => Buffer): Promise<void> => {
      const Key = `damage/${name}`;
      const { Body } = await direct.send(new GetObjectCommand({ Bucket, Key }));
      const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
      await direct.send(new PutObjectCommand({ Bucket, Key, Body: how(bytes) }));
    };
    const flip = (bytes: Buffer): Buffer => bytes.fill((bytes.at(-9) ?? 0) ^ 1, bytes.length - 9, bytes.length - 8);
    const cut = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length - 1);
    for (const [size, how] of [
      [1000, flip],
      [1000, cut],
      [200_000, flip],
      [200_000, cut],
    ] as const) {
      await store.put('a', payloadOf('x', size));
      const spoilt = (await names('damage')).findLast((name) => name.startsWith('entries/')) ?? '';
      await spoil(spoilt, how);
      expect(await store.get('a')).toBeUndefined();
      expect(events.pop()).toMatchObject({ type: 'corrupt', key: 'a', movedTo: 'damage/quarantine/a' });
      expect(await names('damage')).toEqual(['quarantine/a']);
    }
    expect(events).toEqual([]);
  });

  test('kill -9 of the gateway in a put of 200 MB: told, no half entry, and the same store goes on when it is back', async () => {
    await using store = open('killed');
    await store.put('before', payloadOf('x', 50_000));
    const put = store.put('large', payloadOf('y', 200_000_000));
    const failed = expect(put).rejects.toEqual(code('ERR_STORE_UNREACHABLE'));
    await until(
      async () => ((await direct.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).length > 0,
    );
    await server.gateway.kill();
    await failed;
    await expect(store.get('before')).rejects.toEqual(code('ERR_STORE_UNREACHABLE'));
    await server.restartGateway();
    expect(await store.get('large')).toBeUndefined();
    expect(textOf(await store.get('before'))).toBe('x 50000');
    expect((await listed(store)).map(({ key }) => key)).toEqual(['before']);
    expect(await names('killed')).toEqual(['entries/before']);
    expect(await store.put('large', payloadOf('y', 200_000_000), { ifAbsent: true })).toBe('stored');
    expect(textOf(await store.get('large'))).toBe('y 200000000');
  });

  test('an aborted large put leaves nothing', async () => {
    await using store = open('aborted');
    const controller = new AbortController();
    const reason = new Error('enough');
    const put = store.put('large', payloadOf('y', 100_000_000), { signal: controller.signal });
    const failed = expect(put).rejects.toBe(reason);
    const uploads = async () =>
      ((await direct.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).filter(({ Key = '' }) =>
        Key.startsWith('aborted/'),
      );
    await until(async () => (await uploads()).length > 0);
    controller.abort(reason);
    await failed;
    expect(await uploads()).toEqual([]);
    expect(await names('aborted')).toEqual([]);
  });

  test('frozen storage behind the server: every operation ends within its time, and goes on after', async () => {
    await using store = open('frozen', { timeoutMs: 700 });
    await store.put('a', payloadOf('x'));
    await store.put('b', payloadOf('x', 1000), { ifAbsent: true });
    server.storage.signal('SIGSTOP');
    try {
      for (const operation of [
        () => store.put('c', payloadOf('y')),
        () => store.get('a'),
        () => store.delete(['a']),
        () => listed(store),
        () => store.lease?.('a', { ttlMs: 1000 }),
      ])
        await expect(operation()).rejects.toEqual(code('ERR_STORE_TIMEOUT'));
    } finally {
      server.storage.signal('SIGCONT');
    }
    await until(async () => (await store.get('b').catch(() => undefined)) !== undefined);
    expect(textOf(await store.get('b'))).toBe('x 1000');
  });

  describe('through a network that fails', () => {
    let proxy: TcpProxy;
    beforeAll(async () => {
      proxy = await startProxy(server.port);
    });
    afterAll(() => proxy.close());
    const through = (prefix: string, timeoutMs: number): Store =>
      open(prefix, { endpoint: `http://127.0.0.1:${proxy.port}`, timeoutMs });

    test('a connection that is reset, before and in the middle of an answer', async () => {
      await using store = through('reset', 5000);
      await store.put('a', payloadOf('x', 5_000_000));
      proxy.reset();
      await expect(store.get('a')).rejects.toEqual(code('ERR_STORE_UNREACHABLE'));
      await expect(store.put('b', payloadOf('x'))).rejects.toEqual(code('ERR_STORE_UNREACHABLE'));
      proxy.heal();
      proxy.resetAfter(2_000_000);
      await expect(store.get('a')).rejects.toEqual(code('ERR_STORE_UNREACHABLE'));
      proxy.heal();
      expect(textOf(await store.get('a'))).toBe('x 5000000');
      expect(await store.get('b')).toBeUndefined();
    });

    test('a connection that is half-open: nothing passes and nobody is told', async () => {
      await using store = through('stalled', 700);
      await store.put('a', payloadOf('x'));
      proxy.stall();
      await expect(store.get('a')).rejects.toEqual(code('ERR_STORE_TIMEOUT'));
      await expect(store.put('b', payloadOf('x'))).rejects.toEqual(code('ERR_STORE_TIMEOUT'));
      proxy.heal();
      expect(textOf(await store.get('a'))).toBe('x 100');
    });
  });

  test('nothing is left open after close', async () => {
    expect(await leftAfterClose(open('handles').location ?? '')).toEqual([]);
  });

  describe('refusals', () => {
    test('wrong credentials, of either half', async () => {
      const { accessKeyId, secretAccessKey } = server.credentials;
      for (const credentials of [
        { accessKeyId, secretAccessKey: 'wrong' },
        { accessKeyId: 'NOBODY', secretAccessKey },
      ]) {
        await using store = open('denied', { credentials });
        await expect(store.get('a')).rejects.toEqual(code('ERR_STORE_DENIED'));
        await expect(store.put('a', payloadOf('x'), { ifAbsent: true })).rejects.toEqual(code('ERR_STORE_DENIED'));
        await expect(store.get('a')).rejects.toThrow(/AWS_ACCESS_KEY_ID/);
        expect(store.location).toBeUndefined();
      }
    });

    test('a bucket that is not there', async () => {
      await using store = s3Store({ bucket: 'nothing-here', prefix: 'x' });
      for (const operation of [
        () => store.get('a'),
        () => store.put('a', payloadOf('x')),
        () => store.put('a', payloadOf('x'), { ifAbsent: true }),
        () => store.put('a', payloadOf('x', 20_000_000)),
        () => store.delete(['a']),
        () => listed(store),
        () => store.lease?.('a', { ttlMs: 1000 }),
      ])
        await expect(operation()).rejects.toEqual(code('ERR_STORE_MISSING'));
    });

    test('a host that is not there', async () => {
      await using store = open('nowhere', { endpoint: 'http://127.0.0.1:1' });
      await expect(store.get('a')).rejects.toEqual(code('ERR_STORE_UNREACHABLE'));
    });
  });

  describe('a client that was given, which drops the conditions of writes', () => {
    const careless = (): S3Client => {
      const { endpoint, credentials } = server;
      const client = new S3Client({
        endpoint,
        credentials,
        region: 'us-east-1',
        forcePathStyle: true,
        requestChecksumCalculation: 'WHEN_REQUIRED',
      });
      client.middlewareStack.add(
        (next) => (args) => {
          const { headers } = args.request as { headers: Record<string, string> };
          for (const name of ['if-none-match', 'if-match']) delete headers[name];
          return next(args);
        },
        { step: 'build' },
      );
      return client;
    };
    let client: S3Client;
    beforeAll(() => {
      client = careless();
    });
    afterAll(() => client.destroy());

    test('is found out at the first conditional write, and told', async () => {
      await using store = open('careless', { client });
      const events = eventsOf(store);
      expect(store.capabilities.createIfAbsent).toBe(true);
      await store.open?.();
      expect(store.capabilities).toMatchObject({ createIfAbsent: false, leases: false });
      expect(events).toMatchObject([{ type: 'degraded', capability: 'createIfAbsent' }]);
      await expect(store.lease?.('a', { ttlMs: 1000 })).rejects.toEqual(code('ERR_STORE_UNSUPPORTED'));
    });

    storeContract(test, () => open('careless', { client }));
  });
});
