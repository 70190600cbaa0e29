import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import { JobloomError } from '@jobloom/codec';
import { type Compression, compressionName, compressorAt, compressorOf } from './compression.ts';
import { fromFrame, type Part, toFrame } from './value-frame.ts';

/*
 * A file, little-endian: 'jbd1', number of the compression (u32), number of blocks (u32), crc of what precedes it but
 * itself and of the table (u32). Then a table, 24 bytes a block: length in the file (f64), length (f64), crc of the
 * bytes in the file (u32), flags (u32). Then the blocks, each at a multiple of 64: structure first, then bulk memory.
 */
const MAGIC = 0x3164626a;
const FIXED = 16;
const ROW = 24;
const ALIGN = 64;
const AS_BUFFER = 1;
const SLICE = 16 * 1024 * 1024;

export interface DumpOptions {
  /** `true` for the best that this Node has. Default false. */
  readonly compress?: boolean | Compression;
}

export interface LoadOptions {
  /** Put large arrays into this memory, where they fit, instead of fresh memory, which costs several times more. */
  readonly into?: Uint8Array;
}

/** A file is no dump, was damaged, or is compressed in a way that this Node can't read. */
export class DamagedFileError extends JobloomError {
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super('ERR_DAMAGED_FILE', `${path}: ${problem}.`, options);
    this.path = path;
  }
}

interface Block {
  readonly bytes: Uint8Array;
  /** Before compression. */
  readonly length: number;
  readonly flags: number;
}

/**
 * Writes a value to a file, as data: typed arrays, Maps, dates and cycles included; functions and instances of classes not.
 * The file is complete or not there at all: it takes its place, and that of an earlier one, when it is written.
 *
 * @throws UnserializableError for what is no data; OptionError; what the file system throws
 * @example
 * await dump({ weights: new Float64Array(1e6) }, 'model.jbl', { compress: true });
 */
export async function dump(value: unknown, path: string, options: DumpOptions = {}): Promise<void> {
  const compressor = compressorOf(options.compress ?? false);
  const { head, parts } = toFrame(value);
  const plain: Block[] = [
    { bytes: head, length: head.byteLength, flags: 0 },
    ...parts.map(({ bytes, asBuffer }) => ({ bytes, length: bytes.byteLength, flags: asBuffer ? AS_BUFFER : 0 })),
  ];
  const blocks =
    compressor === undefined
      ? plain
      : await Promise.all(
          plain.map(async (block) => ({ ...block, bytes: await compressor.compressLater(block.bytes) })),
        );
  const target = resolve(path);
  const temporary = join(dirname(target), `.${randomUUID()}.tmp`);
  const file = await open(temporary, 'wx');
  try {
    try {
      await writeBlocks(file, compressor?.code ?? 0, blocks);
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeBlocks(file: FileHandle, compression: number, blocks: readonly Block[]): Promise<void> {
  const front = Buffer.alloc(FIXED + ROW * blocks.length);
  front.writeUInt32LE(MAGIC, 0);
  front.writeUInt32LE(compression, 4);
  front.writeUInt32LE(blocks.length, 8);
  for (const [at, { bytes, length, flags }] of blocks.entries()) {
    const row = FIXED + ROW * at;
    front.writeDoubleLE(bytes.byteLength, row);
    front.writeDoubleLE(length, row + 8);
    front.writeUInt32LE(crc32(bytes), row + 16);
    front.writeUInt32LE(flags, row + 20);
  }
  front.writeUInt32LE(crcOfFront(front), 12);
  await writeAll(file, front, 0);
  let end = front.byteLength;
  for (const { bytes } of blocks) {
    const start = align(end);
    await writeAll(file, bytes, start);
    end = start + bytes.byteLength;
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, at, Math.min(SLICE, bytes.byteLength - at), position + at);
    at += bytesWritten;
  }
}

/**
 * The value that `dump` wrote to a file. Runs no code but that of types which this program registered.
 *
 * @throws DamagedFileError for a file that is no dump, was damaged, or can't be read by this Node; what the file system throws
 */
export async function load<T = unknown>(path: string, options: LoadOptions = {}): Promise<T> {
  const file = await open(path, 'r');
  try {
    return (await readBlocks(file, path, options.into)) as T;
  } finally {
    await file.close();
  }
}

async function readBlocks(file: FileHandle, path: string, into: Uint8Array | undefined): Promise<unknown> {
  const { size } = await file.stat();
  const damaged = (problem: string): DamagedFileError => new DamagedFileError(path, problem);
  const fixed = await readAt(file, Buffer.alloc(Math.min(FIXED, size)), 0);
  if (fixed.byteLength < FIXED || fixed.readUInt32LE(0) !== MAGIC) throw damaged('it is no file that dump wrote');
  const count = fixed.readUInt32LE(8);
  if (count < 1 || FIXED + ROW * count > size) throw damaged('it is cut off or damaged');
  const front = await readAt(file, Buffer.alloc(FIXED + ROW * count), 0);
  if (crcOfFront(front) !== front.readUInt32LE(12)) throw damaged('the checksum of its front is wrong');
  const code = front.readUInt32LE(4);
  const compressor = compressorAt(code);
  if (code !== 0 && compressor === undefined)
    throw damaged(`it is compressed with ${compressionName(code)}, which Node ${process.version} doesn't have`);
  let end = front.byteLength;
  let used = 0;
  const blocks: Part[] = [];
  for (let at = 0; at < count; at += 1) {
    const row = FIXED + ROW * at;
    const stored = front.readDoubleLE(row);
    const start = align(end);
    end = start + stored;
    if (end > size) throw damaged('it is cut off');
    const isPlace = compressor === undefined && at > 0 && into !== undefined && used + stored <= into.byteLength;
    const memory = isPlace ? into.subarray(used, used + stored) : new Uint8Array(Buffer.allocUnsafeSlow(stored).buffer);
    if (isPlace) used = align(used + stored);
    const read = await readAt(file, memory, start);
    if (crc32(read) !== front.readUInt32LE(row + 16)) throw damaged('the checksum of its content is wrong');
    const bytes = compressor === undefined ? read : own(await compressor.expandLater(read));
    if (bytes.byteLength !== front.readDoubleLE(row + 8)) throw damaged('the lengths in it contradict each other');
    blocks.push({ bytes: bytes as Uint8Array<ArrayBuffer>, asBuffer: front.readUInt32LE(row + 20) === AS_BUFFER });
  }
  const [head, ...parts] = blocks as [Part, ...Part[]];
  try {
    return fromFrame({ head: head.bytes, parts }, into !== undefined);
  } catch (cause) {
    if (!(cause instanceof JobloomError)) throw cause; // of a registered type
    throw new DamagedFileError(path, `its value can't be made here: ${cause.message}`, { cause });
  }
}

async function readAt<T extends Uint8Array>(file: FileHandle, bytes: T, position: number): Promise<T> {
  for (let at = 0; at < bytes.byteLength; ) {
    const { bytesRead } = await file.read(bytes, at, Math.min(SLICE, bytes.byteLength - at), position + at);
    if (bytesRead === 0) break; // cut off meanwhile: the checksum tells
    at += bytesRead;
  }
  return bytes;
}

function crcOfFront(front: Buffer): number {
  return crc32(front.subarray(FIXED), crc32(front.subarray(0, 12)));
}

/** In memory of its own, so that arrays need no copy. */
function own(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? new Uint8Array(bytes.buffer) : new Uint8Array(bytes);
}

function align(offset: number): number {
  return Math.ceil(offset / ALIGN) * ALIGN;
}
