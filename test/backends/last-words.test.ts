import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { bare, type Packet } from '../../packages/backends/src/pool/messages.ts';
import { packetToBytes } from '../../packages/backends/src/pool/wire.ts';
import { SocketChannel } from '../../packages/backends/src/processes/socket-channel.ts';

const folder = mkdtempSync(join(tmpdir(), 'jobloom-words-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Connects, never reads, says something and is killed. */
const CHILD = `
  const socket = require('node:net').connect(process.argv[1], () => {
    socket.pause();
    socket._handle.setBlocking(true);
    socket.write(Buffer.from(process.argv[2], 'hex'));
    process.kill(process.pid, 'SIGKILL');
  });
`;

const isDead = (pid: number): boolean => /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));

test.runIf(process.platform === 'linux')(
  'what a process said last is heard, also when writing to it fails first',
  async () => {
    const heard: unknown[] = [];
    const words = Array.from({ length: 300 }, (_, upTo) => bare({ type: 'mark', unit: 1, upTo }));
    const path = join(folder, 's');
    const server = createServer().listen(path);
    await once(server, 'listening');
    const bytes = Buffer.concat(words.flatMap((packet) => packetToBytes(packet)));
    const child = spawn(process.execPath, ['-e', CHILD, path, bytes.toString('hex')]);
    const [socket] = (await once(server, 'connection')) as [Socket];
    const channel = new SocketChannel<unknown, unknown>(socket, ({ message }: Packet<unknown>) => heard.push(message));
    while (!isDead(child.pid as number)); // this thread reads nothing meanwhile
    channel.send(bare({ type: 'cancel', unit: 1 }));
    channel.flush();
    await new Promise((resolve) => socket.once('close', resolve));
    server.close();
    expect(heard).toEqual(words.map(({ message }) => message));
  },
);
