import { crc32 } from 'node:zlib';
import type { Payload } from './store.ts';

/*
 * An entry as bytes, the same in files, values and objects. Little-endian:
 *
 *   0 'jbe1'    4 crc of 8..prelude's end    8 length of the prelude    12 length of the head    16 crc of the head
 *  20 crc of the region of parts   24 number of parts   28 length of the key   30 flags   32 time stored   40 the key,
 *  padded to 8; the length of each part as a double. Then the head; from the next multiple of 64 on the region of
 *  parts, each part at a multiple of 64, padded with zeros. With the flag EXTERNAL the region is kept elsewhere.
 */
const MAGIC = 0x3165626a;
const FIXED = 40;
const EXTERNAL = 1;
const ALIGN = 64;
const NOTHING = new Uint8Array(0);
const PADDING = new Uint8Array(ALIGN);

/** What precedes the bytes of an entry. */
export interface Prelude {
  readonly key: string;
  /** Bytes before the head. */
  readonly length: number;
  readonly headLength: number;
  readonly headCrc: number;
  readonly partLengths: readonly number[];
  readonly partsCrc: number;
  readonly createdMs: number;
  /** The parts are not in this frame. */
  readonly external: boolean;
  /** Where the region of parts begins in the frame. */
  readonly regionStart: number;
  readonly regionLength: number;
  /** Length of the frame. */
  readonly byteLength: number;
}

/** An entry as chunks to be written one after the other. */
export interface Frame {
  /** Prelude and head. */
  readonly front: Uint8Array;
  /** Parts and padding; to be kept elsewhere when external. */
  readonly region: readonly Uint8Array[];
  readonly regionLength: number;
  /** Length of front and region. */
  readonly byteLength: number;
}

/** Bytes that are no entry, or not the one that was asked for. The message is a detail for an event. */
export class FrameError extends Error {}

export function encodeFrame(key: string, payload: Payload, createdMs: number, external = false): Frame {
  const { head, parts } = payload;
  const region = regionOf(parts);
  const lengthsAt = align(FIXED + key.length, 8);
  const length = lengthsAt + 8 * parts.length;
  const headEnd = length + head.byteLength;
  const front = Buffer.alloc(external || region.length === 0 ? headEnd : align(headEnd, ALIGN));
  front.writeUInt32LE(MAGIC, 0);
  front.writeUInt32LE(length, 8);
  front.writeUInt32LE(head.byteLength, 12);
  front.writeUInt32LE(crc32(head), 16);
  front.writeUInt32LE(crcOf(region), 20);
  front.writeUInt32LE(parts.length, 24);
  front.writeUInt16LE(key.length, 28);
  front.writeUInt16LE(external ? EXTERNAL : 0, 30);
  front.writeDoubleLE(createdMs, 32);
  front.write(key, FIXED, 'latin1');
  for (const [index, part] of parts.entries()) front.writeDoubleLE(part.byteLength, lengthsAt + 8 * index);
  front.set(head, length);
  front.writeUInt32LE(crc32(front.subarray(8, length)), 4);
  const regionLength = region.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  return { front, region, regionLength, byteLength: front.byteLength + regionLength };
}

/** The prelude of a frame, or how many bytes of the frame it takes to read it. Throws `FrameError`. */
export function readPrelude(bytes: Uint8Array): Prelude | number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < FIXED) return FIXED;
  if (view.getUint32(0, true) !== MAGIC) throw new FrameError('it does not begin as an entry does');
  const length = view.getUint32(8, true);
  const count = view.getUint32(24, true);
  const keyLength = view.getUint16(28, true);
  const lengthsAt = align(FIXED + keyLength, 8);
  if (length !== lengthsAt + 8 * count) throw new FrameError('the lengths in its header contradict each other');
  if (bytes.byteLength < length) return length;
  if (view.getUint32(4, true) !== crc32(bytes.subarray(8, length)))
    throw new FrameError('the checksum of its header is wrong');
  const partLengths = Array.from({ length: count }, (_, index) => view.getFloat64(lengthsAt + 8 * index, true));
  const external = (view.getUint16(30, true) & EXTERNAL) !== 0;
  const headLength = view.getUint32(12, true);
  const regionLength = partLengths.reduce((sum, part) => align(sum, ALIGN) + part, 0);
  const hasRegion = !external && regionLength > 0;
  const regionStart = hasRegion ? align(length + headLength, ALIGN) : length + headLength;
  return {
    key: Buffer.from(bytes.buffer, bytes.byteOffset + FIXED, keyLength).toString('latin1'),
    length,
    headLength,
    headCrc: view.getUint32(16, true),
    partLengths,
    partsCrc: view.getUint32(20, true),
    createdMs: view.getFloat64(32, true),
    external,
    regionStart,
    regionLength,
    byteLength: regionStart + (hasRegion ? regionLength : 0),
  };
}

/** Throws unless the prelude belongs to `key` and says what the frame's real length is. */
export function checkPrelude(prelude: Prelude, key: string, byteLength: number): void {
  if (prelude.key !== key) throw new FrameError(`it is the entry of ${prelude.key}`);
  if (prelude.byteLength !== byteLength)
    throw new FrameError(`it has ${byteLength} bytes and should have ${prelude.byteLength}`);
}

/** The head of a frame as a copy of its own; `bytes` begins as the frame does. */
export function readHead(prelude: Prelude, bytes: Uint8Array): Uint8Array {
  const head = new Uint8Array(bytes.subarray(prelude.length, prelude.length + prelude.headLength)); // slice of a Buffer is no copy
  if (head.byteLength !== prelude.headLength || crc32(head) !== prelude.headCrc)
    throw new FrameError('the checksum of its head is wrong');
  return head;
}

/** Throws unless the region's checksum is the prelude's. */
export function checkRegion(prelude: Prelude, crc: number): void {
  if (crc !== prelude.partsCrc) throw new FrameError('the checksum of its parts is wrong');
}

/** The parts as views of the region. */
export function partsIn(prelude: Prelude, region: Uint8Array): Uint8Array[] {
  let end = 0;
  return prelude.partLengths.map((length) => {
    const start = align(end, ALIGN);
    end = start + length;
    return region.subarray(start, end);
  });
}

/** Memory for the region: `into` where it fits, or fresh. */
export function regionMemory(length: number, into: Uint8Array | undefined): Uint8Array {
  if (into !== undefined && into.byteLength >= length) return into.subarray(0, length);
  if (length === 0) return NOTHING;
  const fresh = Buffer.allocUnsafeSlow(length);
  return new Uint8Array(fresh.buffer, 0, length);
}

function regionOf(parts: readonly Uint8Array[]): Uint8Array[] {
  const region: Uint8Array[] = [];
  let end = 0;
  for (const part of parts) {
    const start = align(end, ALIGN);
    if (start > end) region.push(PADDING.subarray(0, start - end));
    if (part.byteLength > 0) region.push(part);
    end = start + part.byteLength;
  }
  return region;
}

function crcOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((crc, chunk) => crc32(chunk, crc), 0);
}

function align(offset: number, to: number): number {
  return Math.ceil(offset / to) * to;
}
