import { randomBytes } from 'node:crypto';
import { Client, credentials, Server, ServerCredentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeBeat } from '../../packages/backends/src/grpc/liveness/beat.ts';
import { BEAT, type BeatingSession, beatService } from '../../packages/backends/src/grpc/liveness/beat-service.ts';
import { BeatWatch } from '../../packages/backends/src/grpc/liveness/beat-watch.ts';
import { asIs } from '../../packages/backends/src/grpc/protocol/calls.ts';
import { startProxy, type TcpProxy } from '../services/tcp-proxy.ts';

const sessionId = randomBytes(16);
const key = randomBytes(32);
let sessions: Map<string, BeatingSession>;
let beats: number;
let server: Server;
let port: number;
let proxy: TcpProxy;

const countBeat = (): void => {
  beats += 1;
};

beforeEach(async () => {
  beats = 0;
  sessions = new Map([[sessionId.toString('hex'), { beatKey: key, heard: countBeat }]]);
  server = new Server();
  const handler = beatService((id) => sessions.get(id.toString('hex')));
  server.register(BEAT, handler as never, asIs, asIs, 'bidi');
  port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  proxy = await startProxy(port);
});

afterEach(async () => {
  server.forceShutdown();
  await proxy.close();
});

/** Watches through the proxy; `lost` says why. */
function watch(lostAfterMs: number, more: { key?: Buffer } = {}) {
  const heard = new Float64Array(new SharedArrayBuffer(8));
  let stop: () => void = () => undefined;
  const lost = new Promise<string>((resolve) => {
    const peer = { address: `127.0.0.1:${proxy.port}`, sessionId, key, lostAfterMs, ...more };
    const each = new BeatWatch(peer, heard, resolve);
    stop = () => each.stop();
  });
  return { heard, lost, stop: () => stop() };
}

test('beats are answered, and both ends know of each other', async () => {
  const { heard, stop } = watch(200);
  await expect.poll(() => beats).toBeGreaterThan(5);
  expect(heard[0]).toBeGreaterThan(0);
  stop();
});

test('a daemon from which nothing comes any more is lost', async () => {
  const { heard, lost } = watch(300);
  await expect.poll(() => heard[0]).toBeGreaterThan(0);
  proxy.stall();
  expect(await lost).toMatch(/^it has not answered for 300 ms \(lostAfter\)/);
});

test('a connection that is reset is made again: only silence counts', async () => {
  const { lost, stop } = watch(2_000);
  await expect.poll(() => beats).toBeGreaterThan(0);
  for (let times = 0; times < 3; times += 1) {
    proxy.reset();
    proxy.heal();
    const before = beats;
    await expect.poll(() => beats, { timeout: 5_000 }).toBeGreaterThan(before + 1);
  }
  stop();
  expect(await Promise.race([lost, 'not lost'])).toBe('not lost');
});

test('a daemon that was restarted says that it does not know the session', async () => {
  const { heard, lost } = watch(5_000);
  await expect.poll(() => heard[0]).toBeGreaterThan(0);
  sessions.clear();
  expect(await lost).toBe('it does not know this session any more: it was restarted, or ended the session');
});

test('beats of a stranger keep no session alive, and get no answer', async () => {
  const { heard, lost } = watch(200, { key: randomBytes(32) });
  expect(await lost).toMatch(/not genuine/);
  expect([beats, heard[0]]).toEqual([0, 0]);
});

test('a beat that is sent a second time is refused', async () => {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const call = client.makeBidiStreamRequest<Buffer, Buffer>(BEAT, asIs, asIs);
  const refused = new Promise<string>((resolve) => call.on('error', ({ message }) => resolve(message)));
  call.on('data', () => undefined);
  for (let times = 0; times < 2; times += 1) call.write(writeBeat(key, 'client', sessionId, 1));
  expect(await refused).toMatch(/came before/);
  expect(beats).toBe(1);
  client.close();
});
