import {
  close as closeCallback,
  closeSync,
  existsSync,
  fsync as fsyncCallback,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
  writev as writevCallback,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { Frame } from '../frame.ts';
import type { PutResult } from '../store.ts';
import { hasCode } from './disk-errors.ts';
import { makeFolder } from './make-folder.ts';
import { SMALL } from './read.ts';

const close = promisify(closeCallback);
const fsync = promisify(fsyncCallback);
const writev = promisify(writevCallback);
const SLICE = 16 * 1024 * 1024;
const CHUNKS = 512; // a kernel takes 1,024 at once

export interface Publication {
  /** A path of its own, on the same file system. */
  readonly tmp: string;
  readonly path: string;
  readonly frame: Frame;
  readonly ifAbsent: boolean;
  readonly fsync: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Hears that the file system has no hard links: whoever creates a file first is then not told apart for certain. */
  onNoLinks(): void;
}

/** Puts the entry's file in its place, whole or not at all. Throws what the file system throws; the temporary file is gone then. */
export function publishSync(publication: Publication): PutResult {
  const { tmp, path, frame } = publication;
  if (publication.ifAbsent && existsSync(path)) return 'exists';
  return cleaning(tmp, () => {
    const file = create(tmp);
    try {
      const whole = Buffer.concat([frame.front, ...frame.region], frame.byteLength);
      for (let at = 0; at < whole.length; ) at += writeSync(file, whole, at, whole.length - at);
      if (publication.fsync) fsyncSync(file);
    } finally {
      closeSync(file);
    }
    return place(publication);
  });
}

/** The same, with the bytes of large entries written by the thread pool. */
export async function publish(publication: Publication): Promise<PutResult> {
  const { tmp, path, frame, signal } = publication;
  if (frame.byteLength <= SMALL && !publication.fsync) return publishSync(publication);
  if (publication.ifAbsent && existsSync(path)) return 'exists';
  const file = create(tmp);
  try {
    try {
      for (const chunks of slices(frame)) {
        signal?.throwIfAborted();
        await writeAll(file, chunks);
      }
      if (publication.fsync) await fsync(file);
    } finally {
      await close(file);
    }
    signal?.throwIfAborted();
    return place(publication);
  } catch (error) {
    remove(tmp);
    throw error;
  }
}

function place({ tmp, path, ifAbsent, fsync: durable, onNoLinks }: Publication): PutResult {
  const result = ifAbsent ? link(tmp, path, onNoLinks) : move(tmp, path);
  if (durable && result === 'stored') syncFolder(dirname(path));
  return result;
}

function move(tmp: string, path: string): PutResult {
  inFolder(path, () => renameSync(tmp, path));
  return 'stored';
}

function link(tmp: string, path: string, onNoLinks: () => void): PutResult {
  try {
    inFolder(path, () => linkSync(tmp, path));
  } catch (error) {
    if (hasCode(error, 'EEXIST')) {
      unlinkSync(tmp);
      return 'exists';
    }
    if (!hasCode(error, 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EPERM')) throw error;
    onNoLinks();
    return move(tmp, path);
  }
  unlinkSync(tmp);
  return 'stored';
}

/** Makes the folder where it is missing; another process may remove it as empty meanwhile. */
function inFolder(path: string, work: () => void): void {
  for (let tries = 0; ; tries += 1) {
    try {
      work();
      return;
    } catch (error) {
      if (!hasCode(error, 'ENOENT') || tries === 10) throw error;
      makeFolder(dirname(path));
    }
  }
}

function create(tmp: string): number {
  let file = -1;
  inFolder(tmp, () => {
    file = openSync(tmp, 'wx');
  });
  return file;
}

function* slices(frame: Frame): Generator<Uint8Array[]> {
  let chunks: Uint8Array[] = [];
  let size = 0;
  for (const chunk of [frame.front, ...frame.region]) {
    for (let at = 0; at < chunk.byteLength; at += SLICE) {
      const slice = chunk.subarray(at, at + SLICE);
      if (chunks.length === CHUNKS || size + slice.byteLength > SLICE) {
        if (chunks.length > 0) yield chunks;
        chunks = [];
        size = 0;
      }
      chunks.push(slice);
      size += slice.byteLength;
    }
  }
  if (chunks.length > 0) yield chunks;
}

async function writeAll(file: number, chunks: readonly Uint8Array[]): Promise<void> {
  let rest = chunks;
  while (rest.length > 0) {
    let { bytesWritten } = await writev(file, rest as Uint8Array[]);
    let done = 0;
    while (done < rest.length && bytesWritten >= (rest[done] as Uint8Array).byteLength) {
      bytesWritten -= (rest[done] as Uint8Array).byteLength;
      done += 1;
    }
    rest = rest.slice(done).map((chunk, index) => (index === 0 ? chunk.subarray(bytesWritten) : chunk));
  }
}

/** The name is on disk too, where the platform lets folders be synced. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const file = openSync(folder, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function cleaning<T>(tmp: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    remove(tmp);
    throw error;
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // it never came to be, or was moved to its place
  }
}
