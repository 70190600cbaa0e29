import { randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Length of the key that a worker must send before anything else. */
export const KEY_BYTES = 32;
/** The kernel's limit for the path of a local socket is 108 bytes with its end mark. */
const LONGEST_PATH = 100;

export interface Doorway {
  /** Where the worker connects: a socket in a folder of its own that only this user can enter; a named pipe on Windows. */
  readonly path: string;
  /** What it must send first. */
  readonly key: Buffer;
  close(): void;
}

/**
 * A place for one worker to connect to. The first peer that sends the key is let in, and the
 * doorway is gone with that; others are cut off. Nothing is left on disk afterwards.
 */
export function openDoorway(
  onWorker: (socket: Socket, rest: Buffer) => void,
  onError: (error: Error) => void,
): Doorway {
  const key = randomBytes(KEY_BYTES);
  const { path, folder } = place();
  const server: Server = createServer((socket) => {
    admit(socket, key, (rest) => {
      close();
      onWorker(socket, rest);
    });
  });
  if (folder !== undefined) keep(folder);
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    server.close();
    if (folder !== undefined) remove(folder);
  };
  server.once('error', (error) => {
    close();
    onError(error);
  });
  server.listen(path);
  return { path, key, close };
}

/** Folders of workers that are starting: a program that ends meanwhile takes them along. */
const folders = new Set<string>();

function keep(folder: string): void {
  if (folders.size === 0) process.once('exit', removeAll);
  folders.add(folder);
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
  if (folders.size === 0) process.off('exit', removeAll);
}

function removeAll(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

function place(): { readonly path: string; readonly folder?: string } {
  if (process.platform === 'win32') return { path: `\\\\.\\pipe\\jobloom-${randomBytes(16).toString('hex')}` };
  for (const base of [tmpdir(), '/tmp']) {
    if (join(base, 'jobloom-XXXXXX', 's').length > LONGEST_PATH) continue;
    const folder = mkdtempSync(join(base, 'jobloom-')); // made with mode 0700
    return { path: join(folder, 's'), folder };
  }
  throw new Error(`no folder for a local socket: ${tmpdir()} is too long a path and /tmp cannot be used`);
}

/** Reads the key; whoever sends another one, or too little, is cut off. */
function admit(socket: Socket, key: Buffer, letIn: (rest: Buffer) => void): void {
  let got = Buffer.alloc(0);
  const read = (chunk: Buffer): void => {
    got = Buffer.concat([got, chunk]);
    if (got.length < KEY_BYTES) return;
    socket.off('data', read);
    socket.off('error', ignore);
    if (!timingSafeEqual(got.subarray(0, KEY_BYTES), key)) {
      socket.destroy();
      return;
    }
    socket.pause();
    letIn(got.subarray(KEY_BYTES));
  };
  const ignore = (): void => undefined;
  socket.on('data', read);
  socket.on('error', ignore);
}
