import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** A bare channel to one worker: a small message there, the same back. */
export interface Echo {
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** postMessage to a thread and back: the least that a task takes, its number and arguments there, its number and result back. */
export async function threadEcho(): Promise<Echo> {
  const script =
    "const { parentPort } = require('node:worker_threads'); parentPort.on('message', ({ id, args: [x] }) => parentPort.postMessage({ id, value: 10 * x ** 2 }));";
  const worker = new Worker(script, { eval: true });
  let id = 0;
  let answered: () => void = () => undefined;
  worker.on('message', () => answered());
  await once(worker, 'online');
  return {
    ping: () =>
      new Promise((resolve) => {
        answered = resolve;
        id += 1;
        worker.postMessage({ id, args: [1] });
      }),
    async close() {
      await worker.terminate();
    },
  };
}

/** 64 bytes over a local socket to a process and back. */
export async function socketEcho(): Promise<Echo> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const path = join(folder, 's');
  const server = createServer().listen(path);
  await once(server, 'listening');
  const script =
    "const s = require('node:net').connect(process.argv[1]); s.on('data', (d) => s.write(d)); s.on('close', () => process.exit());";
  const child = spawn(process.execPath, ['-e', script, path], { stdio: 'ignore' });
  const [socket] = (await once(server, 'connection')) as [Socket];
  const message = Buffer.alloc(64);
  let answered: () => void = () => undefined;
  socket.on('data', () => answered());
  return {
    ping: () =>
      new Promise((resolve) => {
        answered = resolve;
        socket.write(message);
      }),
    async close() {
      socket.destroy();
      server.close();
      await once(child, 'exit');
      rmSync(folder, { recursive: true });
    },
  };
}
