import { closeSync, existsSync, fstatSync, openSync, read as readCallback, readSync, type Stats } from 'node:fs';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import {
  checkPrelude,
  checkRegion,
  FrameError,
  type Prelude,
  partsIn,
  readHead,
  readPrelude,
  regionMemory,
} from '../frame.ts';
import type { Entry, GetOptions, ReadOptions } from '../store.ts';
import { hasCode } from './disk-errors.ts';

/** Up to this size an entry is read at once, synchronously: much quicker than by the thread pool. */
export const SMALL: number = 64 * 1024;
const SLICE = 4 * 1024 * 1024;

const read = promisify(readCallback);
const scratch = new Uint8Array(SMALL);
const NOTHING = new Uint8Array(0);

/** What a file was when its checksum was found right. */
export interface Identity {
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
}

/** Remembers large files whose checksum was right, so that it is computed again only after they changed. */
export interface Verified {
  get(key: string): Identity | undefined;
  set(key: string, identity: Identity): void;
}

/** What a store has learnt about its place. */
export interface Known {
  /** Absent: checksums are always computed. */
  readonly verified: Verified | undefined;
  /** A file that was not there was told as missing, not as forbidden: the quicker question can be asked. */
  trusted: boolean;
  /** The last entry that was asked for was not there: the next one may not be there either. */
  missed: boolean;
}

/** An entry's file was read and is no right entry; `ino` tells that file from one that has taken its place. */
export class DamagedFile extends Error {
  readonly ino: number;

  constructor(detail: string, ino: number) {
    super(detail);
    this.ino = ino;
  }
}

/** Reads the entry at `path`: undefined when there is none. Throws `DamagedFile`, or what the file system throws. */
export function readEntrySync(path: string, key: string, options: ReadOptions, known: Known): Entry | undefined {
  const file = open(path, known);
  if (file === undefined) return undefined;
  let stat: Stats | undefined;
  try {
    stat = fstatSync(file);
    const block = scratch.subarray(0, readSync(file, scratch, 0, Math.min(stat.size, SMALL), 0));
    if (stat.size <= SMALL) return small(key, block, stat, options);
    const { prelude, head } = front(key, block, stat, (bytes, at) => readSync(file, bytes, 0, bytes.length, at));
    if (options.headOnly === true) return { ...info(key, stat), head, parts: [] };
    const region = regionMemory(prelude.regionLength, options.into);
    const done = copyStart(prelude, block, region);
    fill(region, done, (at) => readSync(file, region, at, region.length - at, prelude.regionStart + at));
    if (mustCheck(known.verified, key, stat)) {
      checkRegion(prelude, crc32(region));
      known.verified?.set(key, stat);
    }
    return { ...info(key, stat), head, parts: partsIn(prelude, region) };
  } catch (error) {
    throw damaged(error, stat);
  } finally {
    closeSync(file);
  }
}

/** The same, with large parts read by the thread pool while what came before is summed. */
export async function readEntry(
  path: string,
  key: string,
  options: GetOptions,
  known: Known,
): Promise<Entry | undefined> {
  const file = open(path, known);
  if (file === undefined) return undefined;
  let stat: Stats | undefined;
  try {
    stat = fstatSync(file);
    const block = scratch.subarray(0, readSync(file, scratch, 0, Math.min(stat.size, SMALL), 0));
    if (stat.size <= SMALL) return small(key, block, stat, options);
    const { prelude, head } = front(key, block, stat, (bytes, at) => readSync(file, bytes, 0, bytes.length, at));
    if (options.headOnly === true) return { ...info(key, stat), head, parts: [] };
    const region = regionMemory(prelude.regionLength, options.into);
    const done = copyStart(prelude, block, region);
    await fillAndCheck(file, prelude, region, done, mustCheck(known.verified, key, stat), options.signal);
    known.verified?.set(key, stat);
    return { ...info(key, stat), head, parts: partsIn(prelude, region) };
  } catch (error) {
    throw damaged(error, stat);
  } finally {
    closeSync(file);
  }
}

async function fillAndCheck(
  file: number,
  prelude: Prelude,
  region: Uint8Array,
  from: number,
  check: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  let crc = 0;
  let summed = 0;
  let at = from;
  while (at < region.length) {
    signal?.throwIfAborted();
    const reading = read(file, region, at, Math.min(SLICE, region.length - at), prelude.regionStart + at);
    if (check) crc = crc32(region.subarray(summed, at), crc);
    summed = at;
    const { bytesRead } = await reading;
    if (bytesRead === 0) throw new FrameError('it ends too early');
    at += bytesRead;
  }
  if (check) checkRegion(prelude, crc32(region.subarray(summed), crc));
}

function open(path: string, known: Known): number | undefined {
  if (known.trusted && known.missed && !existsSync(path)) return undefined; // a tenth of what the error of a failed open costs
  try {
    const file = openSync(path, 'r');
    known.missed = false;
    return file;
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    known.trusted = true;
    known.missed = true;
    return undefined;
  }
}

function small(key: string, block: Uint8Array, stat: Stats, options: ReadOptions): Entry {
  const prelude = readPrelude(block);
  if (typeof prelude === 'number') throw new FrameError('it ends too early');
  checkPrelude(prelude, key, block.length);
  const head = readHead(prelude, block);
  if (options.headOnly === true) return { ...info(key, stat), head, parts: [] };
  if (prelude.regionLength === 0 && prelude.partsCrc === 0 && prelude.regionStart === block.length)
    return { ...info(key, stat), head, parts: partsIn(prelude, NOTHING) };
  const bytes = block.subarray(prelude.regionStart);
  checkRegion(prelude, crc32(bytes));
  const region = copyTo(bytes, options.into);
  return { ...info(key, stat), head, parts: partsIn(prelude, region) };
}

function copyTo(bytes: Uint8Array, into: Uint8Array | undefined): Uint8Array {
  if (into === undefined || into.byteLength < bytes.byteLength) return new Uint8Array(bytes);
  into.set(bytes);
  return into.subarray(0, bytes.byteLength);
}

/** Prelude and head of a large file; those that do not fit the first block are read apart. */
function front(
  key: string,
  block: Uint8Array,
  stat: Stats,
  readAt: (bytes: Uint8Array, at: number) => number,
): { readonly prelude: Prelude; readonly head: Uint8Array } {
  let bytes = block;
  const need = (length: number): void => {
    if (length <= bytes.length) return;
    if (length > stat.size) throw new FrameError('it ends too early');
    bytes = new Uint8Array(length);
    fill(bytes, 0, (at) => readAt(bytes.subarray(at), at));
  };
  let prelude = readPrelude(bytes);
  if (typeof prelude === 'number') {
    need(prelude);
    prelude = readPrelude(bytes);
  }
  if (typeof prelude === 'number') throw new FrameError('it ends too early');
  checkPrelude(prelude, key, stat.size);
  need(prelude.length + prelude.headLength);
  return { prelude, head: readHead(prelude, bytes) };
}

/** Copies what the first block has of the region. */
function copyStart(prelude: Prelude, block: Uint8Array, region: Uint8Array): number {
  if (prelude.regionStart >= block.length) return 0;
  region.set(block.subarray(prelude.regionStart));
  return block.length - prelude.regionStart;
}

function fill(bytes: Uint8Array, from: number, readAt: (at: number) => number): void {
  for (let at = from; at < bytes.length; ) {
    const count = readAt(at);
    if (count === 0) throw new FrameError('it ends too early');
    at += count;
  }
}

function mustCheck(verified: Verified | undefined, key: string, stat: Stats): boolean {
  const was = verified?.get(key);
  if (was === undefined) return true;
  return was.ino !== stat.ino || was.size !== stat.size || Math.abs(was.mtimeMs - stat.mtimeMs) > 0.01; // setting atime rounds mtime
}

function info(key: string, stat: Stats): Omit<Entry, 'head' | 'parts'> {
  return { key, bytes: stat.size, createdMs: stat.mtimeMs, accessedMs: stat.atimeMs };
}

function damaged(error: unknown, stat: Stats | undefined): unknown {
  return error instanceof FrameError && stat !== undefined ? new DamagedFile(error.message, stat.ino) : error;
}
