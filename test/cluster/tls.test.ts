import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { OptionError } from '@jobloom/backends';
import { makeServerCertificate } from '@jobloom/backends/grpc';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { HEALTH_SERVICE } from '../../packages/backends/src/grpc/observe/health.ts';
import { readTlsFiles } from '../../packages/backends/src/grpc/security/certificate-files.ts';
import { isLoopback } from '../../packages/backends/src/grpc/security/loopback.ts';
import { clientCredentials, serverCredentials } from '../../packages/backends/src/grpc/security/tls.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { folder } from './folder.ts';
import { check, healthClient, serve } from './server.ts';

let of: Certificates;
beforeAll(async () => {
  of = await makeCertificates();
});

const serverTls = () => ({ ca: of.ca.cert, ...of.server });
const trusting = (port: number, more: object = {}) =>
  clientCredentials(grpc, { ca: of.ca.cert, ...more }, `127.0.0.1:${port}`);

describe('a daemon with TLS', () => {
  test('is spoken to by who trusts its CA', async () => {
    const { port } = await serve({ tls: serverTls() });
    expect(await check(healthClient(port, trusting(port)))).toBe('SERVING');
  });

  test('is not trusted by who trusts another CA', async () => {
    const { port, seen } = await serve({ tls: serverTls() });
    const client = healthClient(port, clientCredentials(grpc, { ca: of.otherCa.cert }, 'localhost:1'));
    expect(await check(client)).toMatch(/unable to verify|self.signed|signature/);
    expect(seen).toEqual([]);
  });

  test('is not trusted when its certificate has expired, and warns of that itself', async () => {
    const { port, seen, warnings } = await serve({ tls: { ...of.expiredServer } });
    expect(warnings).toEqual([expect.stringMatching(/^the certificate CN=server expired on .*: it will be refused/)]);
    expect(await check(healthClient(port, trusting(port)))).toContain('certificate has expired');
    expect(seen).toEqual([]);
  });

  test('is not trusted under another name, unless it is the one asked for', async () => {
    const elsewhere = await makeServerCertificate(of.ca, { name: 'x', days: 1, hosts: ['daemon.example'] });
    const { port } = await serve({ tls: elsewhere });
    expect(await check(healthClient(port, trusting(port)))).toContain("does not match certificate's altnames");
    expect(await check(healthClient(port, trusting(port, { serverName: 'daemon.example' })))).toBe('SERVING');
  });

  test('does not hear a client in plain text', async () => {
    const { port, seen } = await serve({ tls: serverTls() });
    expect(await check(healthClient(port, grpc.credentials.createInsecure()))).toMatch(/^No connection established/);
    expect(seen).toEqual([]);
  });
});

describe('a daemon with mutual TLS', () => {
  const answers = async (identity: object) => {
    const { port, seen } = await serve({ tls: serverTls(), mutual: true });
    return [await check(healthClient(port, trusting(port, identity))), seen.length];
  };

  test('hears a client of its CA', async () => {
    expect(await answers(of.client)).toEqual(['SERVING', 1]);
  });

  test.each(['no', 'another CA’s', 'an expired'])('does not hear a client with %s certificate', async (kind) => {
    const identity = { no: {}, 'another CA’s': of.otherClient, 'an expired': of.expiredClient }[kind] ?? {};
    const [answer, heard] = await answers(identity);
    expect(heard).toBe(0);
    expect(answer).not.toBe('SERVING');
  });

  test('cannot be without a CA', () => {
    const make = () => serverCredentials(grpc, of.server, { mutual: true, listen: '0.0.0.0:1' });
    expect(make).toThrow('Mutual TLS needs the CA');
  });
});

test('new certificates serve new connections, and open streams go on', async () => {
  const base = folder();
  const files = { cert: join(base, 'cert.pem'), key: join(base, 'key.pem') };
  const write = ({ cert, key }: { cert: string; key: string }) => {
    writeFileSync(files.cert, cert);
    writeFileSync(files.key, key, { mode: 0o600 });
  };
  write(of.server);
  const { port, health, credentials, warnings } = await serve({ tls: files });
  const before = healthClient(port, trusting(port));
  const { path, requestSerialize, responseDeserialize } = HEALTH_SERVICE.watch;
  const stream = before.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service: '' });
  const readiness = before.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {
    service: 'jobloom.cluster.v1.Cluster',
  });
  for (const each of [stream, readiness]) each.on('error', () => undefined);
  expect(await once(stream, 'data')).toEqual(['SERVING']);
  expect(await once(readiness, 'data')).toEqual(['NOT_SERVING']);

  write(await makeServerCertificate(of.ca, { name: 'renewed', days: 3, hosts: ['renewed.example'] }));
  credentials.reload();
  expect(warnings).toEqual([expect.stringMatching(/^the certificate CN=renewed expires in 2 days/)]);
  expect(await check(healthClient(port, trusting(port)))).toContain("127.0.0.1 is not in the cert's list");
  expect(await check(healthClient(port, trusting(port, { serverName: 'renewed.example' })))).toBe('SERVING');
  const told = once(readiness, 'data');
  health.setReady(true);
  expect(await told).toEqual(['SERVING']);

  writeFileSync(files.cert, of.client.cert);
  expect(() => credentials.reload()).toThrow('does not belong to the certificate');
  expect(await check(healthClient(port, trusting(port, { serverName: 'renewed.example' })))).toBe('SERVING');
  for (const each of [stream, readiness]) each.cancel();
});

describe('plain text', () => {
  test.each([
    '127.0.0.1:7077',
    'localhost:7077',
    '[::1]:7077',
    '::1',
    'unix:/run/x',
    '127.8.9.1:1',
    '[::ffff:127.0.0.1]:1',
  ])('may go to %s', (address) => {
    expect(isLoopback(address)).toBe(true);
    expect(() => clientCredentials(grpc, undefined, address)).not.toThrow();
  });

  test.each([
    '10.0.0.1:7077',
    '0.0.0.0:7077',
    '[::]:7077',
    'localhost.example.com:1',
    '127.example.com:1',
    '[fe80::1]:1',
    '[::2]:1',
    '1.0.0.127:1',
    '[1::1]:1',
  ])('may not go to %s, unless that is spelt out, with a warning', (address) => {
    expect(() => clientCredentials(grpc, undefined, address)).toThrow(OptionError);
    expect(() => serverCredentials(grpc, undefined, { listen: address })).toThrow('--insecure');
    const warnings: string[] = [];
    const warn = (message: string) => void warnings.push(message);
    clientCredentials(grpc, undefined, address, { insecure: true, warn });
    serverCredentials(grpc, undefined, { listen: address, insecure: true, warn });
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain('in plain text');
  });
});

describe('files for TLS', () => {
  test('must be a certificate and its key', () => {
    expect(() => readTlsFiles({ cert: of.server.cert })).toThrow('certificate but no key');
    expect(() => readTlsFiles({ cert: of.server.cert, key: of.client.key })).toThrow('does not belong');
    expect(() => readTlsFiles({ ca: Buffer.from('nonsense') })).toThrow('holds no certificate');
    expect(() => readTlsFiles({ ca: '/nowhere/ca.pem' })).toThrow('The TLS CA /nowhere/ca.pem cannot be read: ENOENT');
  });

  test('a key that everybody can read is refused', () => {
    const key = join(folder(), 'key.pem');
    writeFileSync(key, of.server.key);
    chmodSync(key, 0o644);
    expect(() => readTlsFiles({ cert: of.server.cert, key })).toThrow(`chmod 600 ${key}`);
    chmodSync(key, 0o640);
    expect(readTlsFiles({ cert: of.server.cert, key }).warnings).toEqual([]);
  });
});

describe('a gate', () => {
  const idle = async (port: number) => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    return socket;
  };

  test('cuts who has not proved who it is in time, and nobody else', async () => {
    const { port, gate } = await serve({ limits: { handshakeMs: 300 } });
    const client = healthClient(port, grpc.credentials.createInsecure());
    expect(await check(client)).toBe('SERVING');
    const socket = await idle(port);
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(gate.counts()).toEqual({ strangers: 0, admitted: 1, late: 1, crowded: 0, full: 0 });
    expect(await check(client)).toBe('SERVING');
  });

  test('cuts who speaks and proves nothing', async () => {
    const { port, gate } = await serve({ limits: { handshakeMs: 300 }, admits: false });
    const { path, requestSerialize, responseDeserialize } = HEALTH_SERVICE.watch;
    const stream = healthClient(port, grpc.credentials.createInsecure()).makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      { service: '' },
    );
    const [error] = await once(stream.resume(), 'error');
    expect((error as grpc.ServiceError).code).toBe(grpc.status.UNAVAILABLE);
    expect(gate.counts().late).toBe(1);
  });

  test('lets in who proves it among 1,000 idle connections, by TLS too', async () => {
    const { port, gate } = await serve({ tls: serverTls(), limits: { handshakeMs: 60_000, maxStrangers: 100 } });
    const sockets = await Promise.all(Array.from({ length: 1000 }, () => idle(port)));
    expect(await check(healthClient(port, trusting(port)))).toBe('SERVING');
    await vi.waitFor(() => {
      const { admitted, strangers, crowded } = gate.counts(); // whether the client came among the last decides which
      expect([admitted, strangers + crowded]).toEqual([1, 1000]);
      expect([99, 100]).toContain(strangers);
    });
    for (const socket of sockets) socket.destroy();
  });

  test('does not choke on garbage', async () => {
    const { port } = await serve({ tls: serverTls() });
    for (const bytes of [
      Buffer.alloc(100_000, 0xff),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from([0x16, 3, 1, 0xff, 0xff]),
    ]) {
      const socket = await idle(port);
      socket.end(bytes).resume();
      await new Promise((resolve) => socket.once('close', resolve)); // also after a reset
    }
    expect(await check(healthClient(port, trusting(port)))).toBe('SERVING');
  });

  test('refuses connections beyond its limit', async () => {
    const { port, gate } = await serve({ limits: { maxConnections: 1 } });
    expect(await check(healthClient(port, grpc.credentials.createInsecure()))).toBe('SERVING');
    const other = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
    });
    await check(other);
    expect(gate.counts()).toMatchObject({ admitted: 1, strangers: 1, full: 1 });
    other.close();
  });
});
