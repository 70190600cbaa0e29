import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { askDaemon, createGrpc, tokensOf } from '@jobloom/backends/grpc';
import { delayed, Parallel, parallelBackend } from '@jobloom/parallel';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { WORK } from '../../packages/backends/src/grpc/protocol/calls.ts';
import { decodeMessage } from '../../packages/backends/src/grpc/protocol/decode.ts';
import { encodeEnvelope } from '../../packages/backends/src/grpc/protocol/encode.ts';
import type { Envelope } from '../../packages/backends/src/grpc/protocol/envelope.ts';
import { proofOf, type Transcript } from '../../packages/backends/src/grpc/protocol/handshake.ts';
import { tokenOf } from '../../packages/backends/src/grpc/security/tokens.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { type RunningDaemon, startDaemon } from './daemons.ts';
import { folder } from './folder.ts';

const TOKEN = 'the-token-of-this-cluster-of-tests-1';
const OTHER = 'a-token-of-some-other-cluster-than-1';

let of: Certificates;
let plain: RunningDaemon;
let secure: RunningDaemon;
let home: string;

beforeAll(async () => {
  of = await makeCertificates();
  home = mkdtempSync(join(tmpdir(), 'jobloom-strangers-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(home, name), text, { mode: 0o600 });
    return join(home, name);
  };
  const tls = [
    '--tls-cert',
    file('s.pem', of.server.cert),
    '--tls-key',
    file('s-key.pem', of.server.key),
    '--tls-ca',
    file('ca.pem', of.ca.cert),
  ];
  const common = ['--token-file', file('token', TOKEN), '--jobs', '2', '--kind', 'threads', '--log', 'json'];
  [plain, secure] = await Promise.all([startDaemon({ args: common }), startDaemon({ args: [...common, ...tls] })]);
});

afterAll(async () => {
  await Promise.all([plain?.kill(), secure?.kill()]);
  rmSync(home, { recursive: true, force: true });
});

/** Lets a task write a file there; what it gave, or how that was refused. */
async function attempt(address: string, options: object): Promise<{ answer: unknown; wrote: boolean }> {
  const canary = join(folder(), 'canary');
  const write = async () => {
    (await import('node:fs')).writeFileSync(canary, '');
    return 'ran';
  };
  const answer = await parallelBackend('grpc', { workers: [address], waitForWorkers: 1500, ...options }, async () => {
    const [first] = await new Parallel({ nJobs: 1 }).run([delayed(write)()]);
    return first;
  }).catch((error: Error) => error.message);
  return { answer, wrote: existsSync(canary) };
}

const readEnvelope = (bytes: Buffer): Envelope => decodeMessage(bytes)[0] as Envelope;

function messageOf(envelope: Envelope): Buffer {
  const { head, body } = encodeEnvelope(envelope);
  return Buffer.concat([head, body ?? Buffer.alloc(0)]);
}

/** A stream whose end this test speaks itself. */
function stream(address: string) {
  const client = new grpc.Client(address, grpc.credentials.createInsecure(), {
    'grpc.enable_retries': 0,
    'grpc.max_send_message_length': -1,
    'grpc.use_local_subchannel_pool': 1,
  });
  const same = (bytes: Buffer) => bytes;
  const call = client.makeBidiStreamRequest(WORK, same, same, new grpc.Metadata(), {});
  const failed = new Promise<grpc.ServiceError>((resolve) => call.on('error', resolve));
  onTestFinished(() => client.close());
  return { call, failed, send: (envelope: Envelope) => call.write(messageOf(envelope)) };
}

const MARK = 0xab;

/** The address of somebody in between who changes a byte of the first blob full of `MARK` on its way to the daemon. */
async function tampering(address: string): Promise<string> {
  const [host = '', port] = address.split(':');
  let changed = false;
  const server = createServer((caller) => {
    const daemon = connect(Number(port), host);
    for (const socket of [caller, daemon]) socket.on('error', () => undefined);
    daemon.pipe(caller);
    caller.on('close', () => daemon.destroy());
    caller.on('data', (chunk: Buffer) => {
      const at = changed ? -1 : chunk.indexOf(Buffer.alloc(64, MARK));
      if (at >= 0) chunk[at] = MARK + 1;
      changed ||= at >= 0;
      daemon.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const works = (options: object) =>
  attempt(secure.address, { token: TOKEN, tls: { ca: of.ca.cert, ...of.client }, ...options });
const worksPlain = (options: object = {}) => attempt(plain.address, { token: TOKEN, ...options });

async function expectAlive() {
  expect(await worksPlain()).toEqual({ answer: 'ran', wrote: true });
  expect(plain.child.exitCode).toBeNull();
}

describe('a daemon with TLS and a token runs nothing of', () => {
  test('nobody else than who has both', async () => {
    expect(await works({})).toEqual({ answer: 'ran', wrote: true });
  });

  test.each([
    ['who has no certificate', () => ({ tls: { ca: of.ca.cert } })],
    ['who has one of another CA', () => ({ tls: { ca: of.ca.cert, ...of.otherClient } })],
    ['who has one that expired', () => ({ tls: { ca: of.ca.cert, ...of.expiredClient } })],
    ['who trusts another CA', () => ({ tls: { ca: of.otherCa.cert, ...of.client } })],
    ['who has another token', () => ({ token: OTHER })],
    ['who gives no token', () => ({ token: undefined })],
    ['who speaks plain text', () => ({ tls: undefined })],
  ])('%s', async (_, options) => {
    const { answer, wrote } = await works(options());
    expect(wrote).toBe(false);
    expect(answer).toContain(secure.address);
    expect(await works({})).toEqual({ answer: 'ran', wrote: true });
  });
});

describe('a daemon refuses', () => {
  test('another token, and says so', async () => {
    expect(await worksPlain({ token: OTHER })).toEqual({ answer: expect.stringContaining('token'), wrote: false });
    await vi.waitFor(() => expect(plain.said()).toContain('the caller has a token that is not known here'));
    await expectAlive();
  });

  test('who sends something else than a handshake', async () => {
    const { failed, send } = stream(plain.address);
    send({ type: 'open', link: 1, settings: '' } as Envelope);
    expect((await failed).code).toBe(grpc.status.UNAUTHENTICATED);
    await expectAlive();
  });

  test('who knows the name of a token and not the token', async () => {
    const { call, failed, send } = stream(plain.address);
    const nonce = randomBytes(32);
    send({ type: 'hello', nonce, keyId: Buffer.from(tokenOf(TOKEN).id, 'hex') });
    const [bytes] = await once(call, 'data');
    const { proof } = readEnvelope(bytes) as Extract<Envelope, { type: 'challenge' }>;
    send({ type: 'proof', proof }); // the daemon's own, sent back
    expect(await failed).toMatchObject({
      code: grpc.status.UNAUTHENTICATED,
      details: 'the caller does not have the token that it names',
    });
    await expectAlive();
  });

  test('a proof that was right in another session', async () => {
    const token = tokenOf(TOKEN);
    const callerNonce = randomBytes(32);
    const challenged = async () => {
      const opened = stream(plain.address);
      opened.send({ type: 'hello', nonce: callerNonce, keyId: Buffer.from(token.id, 'hex') } as Envelope);
      const [bytes] = await once(opened.call, 'data');
      const { nonce, session } = readEnvelope(bytes) as Extract<Envelope, { type: 'challenge' }>;
      return { ...opened, transcript: { callerNonce, daemonNonce: nonce, session } satisfies Transcript };
    };
    const first = await challenged();
    const proof = proofOf('caller', token, first.transcript);
    first.send({ type: 'proof', proof } as Envelope);
    const [welcome] = await once(first.call, 'data');
    expect(readEnvelope(welcome).type).toBe('about');
    const second = await challenged();
    second.send({ type: 'proof', proof } as Envelope);
    expect(await second.failed).toMatchObject({
      code: grpc.status.UNAUTHENTICATED,
      details: expect.stringContaining('token'),
    });
    await expectAlive();
  });

  test('a message of a gigabyte', async () => {
    const { call, failed } = stream(plain.address);
    call.write(Buffer.alloc(2 ** 30 - 16));
    const { code } = await failed;
    expect([grpc.status.RESOURCE_EXHAUSTED, grpc.status.UNAUTHENTICATED, grpc.status.ABORTED]).toContain(code);
    await expectAlive();
  });

  test('a blob whose hash lies: the task that needs it does not run', async () => {
    const canary = join(folder(), 'canary');
    const table = new Uint8Array(300_000).fill(MARK);
    const write = delayed(async () => {
      (await import('node:fs')).writeFileSync(canary, '');
      return table[0];
    });
    const runVia = (address: string) =>
      parallelBackend('grpc', { workers: [address], token: TOKEN }, () => new Parallel({ nJobs: 1 }).run([write()]));
    const liar = await tampering(plain.address);
    await expect(runVia(liar)).rejects.toThrow(/a blob whose content is not what its hash says/);
    expect(existsSync(canary)).toBe(false);
    await expectAlive();
    expect(await runVia(plain.address)).toEqual([MARK]); // what came before was not kept
    expect(existsSync(canary)).toBe(true);
  });

  test('bytes that are nothing, on either port', async () => {
    for (const daemon of [plain, secure])
      for (const bytes of [randomBytes(100_000), Buffer.from('GET / HTTP/1.1\r\n\r\n')]) {
        const [host = '', port] = daemon.address.split(':');
        const socket = connect(Number(port), host).on('error', () => undefined);
        socket.end(bytes).resume();
        await new Promise((resolve) => socket.once('close', resolve));
      }
    await expectAlive();
    expect(await works({})).toEqual({ answer: 'ran', wrote: true });
  });

  test('nobody who has the token, whoever else is at the door', async () => {
    const [host = '', port] = plain.address.split(':');
    const sockets = await Promise.all(
      Array.from({ length: 1000 }, async () => {
        const socket = connect(Number(port), host);
        await once(socket, 'connect');
        return socket.on('error', () => undefined).resume();
      }),
    );
    await expectAlive();
    for (const socket of sockets) socket.destroy();
  });
});

test('200 clients of one daemon at once are all let in; more of them than it has workers for are served', async () => {
  const clients = await Promise.all(
    Array.from({ length: 200 }, async () => {
      const backend = createGrpc({ workers: [plain.address], token: TOKEN, waitForWorkers: 60_000 });
      expect(await backend.effectiveNJobs(-1)).toBe(2);
      return backend;
    }),
  );
  const { stats } = await askDaemon(plain.address, { tokens: tokensOf([TOKEN], 'token'), withinMs: 30_000 });
  expect(stats?.clients).toBe(200);
  // each that runs something costs the start of a worker, of which this daemon keeps 16: the others wait for those that rest
  const asking = clients.filter((_, at) => at % 8 === 0);
  const answers = await Promise.all(
    asking.map((backend, at) => new Parallel({ backend, nJobs: 1 }).run([delayed((x: number) => x + 1)(at)])),
  );
  expect(answers).toEqual(asking.map((_, at) => [at + 1]));
  await Promise.all(clients.map((backend) => backend.close()));
  expect(plain.child.exitCode).toBeNull();
}, 120_000);

describe('tokens and certificates of a running daemon', () => {
  test('follow their files at SIGHUP; a broken file changes nothing', async () => {
    const file = join(folder(), 'token');
    writeFileSync(file, TOKEN, { mode: 0o600 });
    const daemon = await startDaemon({ args: ['--token-file', file, '--jobs', '1', '--kind', 'threads'] });
    onTestFinished(async () => void (await daemon.kill()));
    const runs = async (token: string) => (await attempt(daemon.address, { token })).wrote;
    expect([await runs(TOKEN), await runs(OTHER)]).toEqual([true, false]);
    writeFileSync(file, `${OTHER}\n${TOKEN}\n`);
    daemon.child.kill('SIGHUP');
    await vi.waitFor(() => expect(daemon.said()).toContain('were read again'));
    expect([await runs(TOKEN), await runs(OTHER)]).toEqual([true, true]);
    writeFileSync(file, '');
    daemon.child.kill('SIGHUP');
    await vi.waitFor(() => expect(daemon.said()).toContain('what was in use stays in use'));
    expect(await runs(OTHER)).toBe(true);
    expect(daemon.said()).not.toContain(TOKEN);
  });
});

test('tasks see nothing of the daemon’s own environment but what is passed', async () => {
  const daemon = await startDaemon({
    args: ['--token-file', join(home, 'token'), '--jobs', '1', '--pass-env', 'MODEL'],
    env: { SECRET_OF_THE_HOST: 'x', MODEL: 'small' },
  });
  onTestFinished(async () => void (await daemon.kill()));
  const [seen] = await parallelBackend('grpc', { workers: [daemon.address], token: TOKEN }, () =>
    new Parallel({ nJobs: 1 }).run([delayed(() => [process.env.MODEL, process.env.SECRET_OF_THE_HOST])()]),
  );
  expect(seen).toEqual(['small', undefined]);
});

test('the audit has a line a client and code, and no text of it', async () => {
  await worksPlain();
  const lines = plain
    .said()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  const batch = lines.findLast(({ event }) => event === 'batch');
  expect(batch).toMatchObject({ tasks: 1, code: expect.stringMatching(/^[0-9a-f]{32}$/) });
  expect(lines.find(({ event, session }) => event === 'client.admitted' && session === batch.session)).toMatchObject({
    token: tokenOf(TOKEN).id,
  });
  expect(plain.said()).not.toContain('writeFileSync');
  expect(plain.said()).not.toContain(readFileSync(join(home, 'token'), 'utf8').trim());
});
