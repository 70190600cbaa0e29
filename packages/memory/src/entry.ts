import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Entry, Payload } from '@jobloom/stores';
import { type Compressor, compressionName, compressorAt, LARGE, WORTH } from './compression.ts';
import { fromFrame, type Part, toFrame } from './value-frame.ts';

/*
 * The head of an entry, little-endian:
 *   0 'm'   1 version   2 number of the compression   3 flags   4 number of parts   8 written at, in ms   16 duration, in ms
 *  24 a byte of flags for each part, then the signature where there is one, then the head of the value's frame.
 */
const MAGIC = 0x6d;
const VERSION = 1;
const FIXED = 24;
const SIGNATURE = 32;
const Flag = { signed: 1, compressed: 2 } as const;
const PartFlag = { asBuffer: 1, compressed: 2 } as const;

/** What an entry says besides its value. */
export interface EntryFacts {
  readonly durationMs: number;
  /** By the clock of who stored it. */
  readonly writtenMs: number;
}

export interface WriteOptions {
  readonly key: string;
  readonly durationMs: number;
  readonly compressor: Compressor | undefined;
  readonly secret: Uint8Array | undefined;
}

/** An entry that can't be used here. */
export class UnusableEntry {
  readonly type: 'unreadable' | 'unsigned';
  readonly detail: string;

  constructor(type: 'unreadable' | 'unsigned', detail: string) {
    this.type = type;
    this.detail = detail;
  }
}

/** A value as a store takes it. @throws UnserializableError */
export function writeEntry(value: unknown, options: WriteOptions): Payload | Promise<Payload> {
  const { head, parts } = toFrame(value);
  const { compressor } = options;
  if (compressor === undefined) return payload(head, false, parts, parts, options);
  const size = parts.reduce((sum, { bytes }) => sum + bytes.byteLength, head.byteLength);
  if (size <= LARGE) {
    const shrink = (bytes: Uint8Array): Uint8Array => (bytes.byteLength < WORTH ? bytes : compressor.compress(bytes));
    const body = shrink(head);
    return payload(
      body,
      body !== head,
      parts.map(({ bytes }) => ({ bytes: shrink(bytes) })),
      parts,
      options,
    );
  }
  return (async () => {
    const shrink = async (bytes: Uint8Array): Promise<Uint8Array> =>
      bytes.byteLength < WORTH ? bytes : compressor.compressLater(bytes);
    const body = await shrink(head);
    const packed = await Promise.all(parts.map(async ({ bytes }) => ({ bytes: await shrink(bytes) })));
    return payload(body, body !== head, packed, parts, options);
  })();
}

function payload(
  body: Uint8Array,
  isCompressed: boolean,
  stored: readonly { readonly bytes: Uint8Array }[],
  parts: readonly Part[],
  { key, durationMs, compressor, secret }: WriteOptions,
): Payload {
  const signature = FIXED + parts.length;
  const start = signature + (secret === undefined ? 0 : SIGNATURE);
  const head = Buffer.alloc(start + body.byteLength);
  head[0] = MAGIC;
  head[1] = VERSION;
  head[2] = compressor?.code ?? 0;
  head[3] = (secret === undefined ? 0 : Flag.signed) | (isCompressed ? Flag.compressed : 0);
  head.writeUInt32LE(parts.length, 4);
  head.writeDoubleLE(Date.now(), 8);
  head.writeDoubleLE(durationMs, 16);
  for (const [at, { bytes, asBuffer }] of parts.entries()) {
    const isPacked = stored[at]?.bytes !== bytes;
    head[FIXED + at] = (asBuffer ? PartFlag.asBuffer : 0) | (isPacked ? PartFlag.compressed : 0);
  }
  head.set(body, start);
  const result: Payload = { head, parts: stored.map(({ bytes }) => bytes) };
  if (secret !== undefined) head.set(sign(secret, key, result, signature), signature);
  return result;
}

/** Of everything in an entry but the signature itself, and of its key. */
function sign(secret: Uint8Array, key: string, { head, parts }: Payload, signature: number): Buffer {
  const hmac = createHmac('sha256', secret).update(`${key.length}:${key}`).update(head.subarray(0, signature));
  hmac.update(`${head.byteLength}`).update(head.subarray(signature + SIGNATURE));
  for (const part of parts) hmac.update(`:${part.byteLength}:`).update(part);
  return hmac.digest();
}

/** What the head of an entry says; undefined where it is no head that this version reads. */
export function factsOf(entry: Pick<Entry, 'head'>): EntryFacts | undefined {
  const { head } = entry;
  if (!isHead(head)) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, FIXED);
  return { writtenMs: view.getFloat64(8, true), durationMs: view.getFloat64(16, true) };
}

function isHead(head: Uint8Array): boolean {
  return head[0] === MAGIC && head[1] === VERSION && head.byteLength >= FIXED;
}

/** Number of parts. */
function countOf(head: Uint8Array): number {
  return (head[4] ?? 0) + (head[5] ?? 0) * 2 ** 8 + (head[6] ?? 0) * 2 ** 16 + (head[7] ?? 0) * 2 ** 24;
}

/** Why an entry can't be used here, without making its value; its head is enough, but for the signature. */
export function whyUnusable(entry: Entry, secret: Uint8Array | undefined): UnusableEntry | undefined {
  const { head, key, parts } = entry;
  const count = isHead(head) ? countOf(head) : Number.NaN;
  if (!(FIXED + count <= head.byteLength))
    return new UnusableEntry('unreadable', 'it is in no format that this version reads');
  const code = head[2] as number;
  if (code !== 0 && compressorAt(code) === undefined)
    return new UnusableEntry(
      'unreadable',
      `it is compressed with ${compressionName(code)}, which Node ${process.version} doesn't have`,
    );
  if (secret === undefined) return undefined;
  const isSigned = ((head[3] as number) & Flag.signed) !== 0 && head.byteLength >= FIXED + count + SIGNATURE;
  if (!isSigned) return new UnusableEntry('unsigned', 'it has no signature');
  const signature = FIXED + count;
  const found = head.subarray(signature, signature + SIGNATURE);
  if (timingSafeEqual(found, sign(secret, key, { head, parts }, signature))) return undefined;
  return new UnusableEntry('unsigned', 'its signature was made with another key, or for other content');
}

/** The value of an entry that is not unusable. @throws JobloomError for what is no frame */
export function readValue(entry: Entry, inPlace: boolean): unknown {
  const { head, parts } = entry;
  const flags = head[3] as number;
  const start = FIXED + parts.length + (flags & Flag.signed ? SIGNATURE : 0);
  const body = head.subarray(start);
  const code = head[2] as number;
  if (code === 0) {
    const plain = parts.map((bytes, at): Part => partOf(bytes, head[FIXED + at] as number));
    return fromFrame({ head: body, parts: plain }, inPlace);
  }
  return expanded(entry, body, compressorAt(code) as Compressor, inPlace);
}

function expanded({ head, parts }: Entry, body: Uint8Array, compressor: Compressor, inPlace: boolean): unknown {
  const isPacked = ((head[3] as number) & Flag.compressed) !== 0;
  const size = parts.reduce((sum, { byteLength }) => sum + byteLength, body.byteLength);
  const flagsAt = (at: number): number => head[FIXED + at] as number;
  if (size <= LARGE) {
    const all = parts.map((bytes, at) =>
      partOf(flagsAt(at) & PartFlag.compressed ? exact(compressor.expand(bytes)) : bytes, flagsAt(at)),
    );
    return fromFrame({ head: isPacked ? compressor.expand(body) : body, parts: all }, inPlace);
  }
  return (async () => {
    const all = await Promise.all(
      parts.map(async (bytes, at) =>
        partOf(flagsAt(at) & PartFlag.compressed ? exact(await compressor.expandLater(bytes)) : bytes, flagsAt(at)),
      ),
    );
    return fromFrame({ head: isPacked ? await compressor.expandLater(body) : body, parts: all }, inPlace);
  })();
}

function partOf(bytes: Uint8Array, flags: number): Part {
  return { bytes: bytes as Uint8Array<ArrayBuffer>, asBuffer: (flags & PartFlag.asBuffer) !== 0 };
}

/** Aligned for any typed array: what zlib gives may lie anywhere in its memory. */
function exact(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
}
