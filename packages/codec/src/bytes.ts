import { codeText } from './codes.ts';
import { UnserializableError } from './errors.ts';
import type { Frame, ModuleRef } from './frame.ts';
import { FrameError } from './frame-error.ts';

/** `jblf`, then the version of the layout. */
const MAGIC = new Uint8Array([0x6a, 0x62, 0x6c, 0x66, 1]);
/** Buffers start at multiples of this, so that typed arrays over the file need no copy. */
const ALIGNMENT = 64;

interface Index {
  readonly head: number;
  readonly buffers: readonly number[];
  readonly codes: readonly (readonly [hash: string, text: string])[];
  readonly modules: readonly ModuleRef[];
}

/**
 * A frame as self-contained bytes, with the texts of its codes: for files and stores.
 * Layout: magic and version, length of the index (u32, little endian), the index as JSON, the head, then each
 * buffer at the next multiple of 64.
 * @param textOf gives the text of a code; those of functions captured in this process are known
 * @throws UnserializableError for shared memory
 */
export function frameToBytes(frame: Frame, textOf: (hash: string) => string = codeText): Uint8Array<ArrayBuffer> {
  if (frame.shared.length > 0) {
    throw new UnserializableError(
      ['value'],
      'a SharedArrayBuffer cannot be written as bytes',
      'Copy it: new Uint8Array(shared).slice()',
    );
  }
  const index: Index = {
    head: frame.head.byteLength,
    buffers: frame.buffers.map(({ byteLength }) => byteLength),
    codes: frame.codes.map((hash) => [hash, textOf(hash)]),
    modules: frame.modules,
  };
  const text = new TextEncoder().encode(JSON.stringify(index));
  const start = MAGIC.byteLength + 4;
  const size = frame.buffers.reduce(
    (end, { byteLength }) => aligned(end) + byteLength,
    start + text.byteLength + frame.head.byteLength,
  );
  const bytes = new Uint8Array(size);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint32(MAGIC.byteLength, text.byteLength, true);
  bytes.set(text, start);
  let at = start + text.byteLength;
  bytes.set(frame.head, at);
  at += frame.head.byteLength;
  for (const buffer of frame.buffers) {
    at = aligned(at);
    bytes.set(buffer, at);
    at += buffer.byteLength;
  }
  return bytes;
}

/** A frame that was bytes, and the texts of its codes, which `addCode` wants before it is decoded. */
export interface ReadFrame {
  readonly frame: Frame;
  readonly codes: ReadonlyMap<string, string>;
}

/** Reads what `frameToBytes` wrote. The buffers are copies. @throws FrameError for other bytes */
export function bytesToFrame(bytes: Uint8Array): ReadFrame {
  const start = MAGIC.byteLength + 4;
  if (bytes.byteLength < start || !MAGIC.subarray(0, 4).every((byte, at) => bytes[at] === byte)) {
    throw new FrameError('these bytes are no frame of jobloom');
  }
  if (bytes[4] !== MAGIC[4])
    throw new FrameError(`a frame in layout ${bytes[4]}; this jobloom reads layout ${MAGIC[4]}`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.byteLength, true);
  const index = indexOf(bytes.subarray(start, start + length));
  let at = start + length;
  const take = (size: number): Uint8Array<ArrayBuffer> => {
    if (!(size <= bytes.byteLength - at)) throw new FrameError('the bytes of this frame were cut off');
    at += size;
    return new Uint8Array(bytes.subarray(at - size, at));
  };
  const head = take(index.head);
  const buffers = index.buffers.map((size) => {
    at = aligned(at);
    return take(size);
  });
  return {
    frame: { head, buffers, shared: [], codes: index.codes.map(([hash]) => hash), modules: index.modules },
    codes: new Map(index.codes),
  };
}

/** @throws FrameError for an index that says something else than it should */
function indexOf(text: Uint8Array): Index {
  let index: unknown;
  try {
    index = JSON.parse(new TextDecoder().decode(text));
  } catch (cause) {
    throw new FrameError('the index of this frame cannot be read', { cause });
  }
  if (!isIndex(index)) throw new FrameError('the index of this frame is damaged');
  return index;
}

function isIndex(value: unknown): value is Index {
  const { head, buffers, codes, modules } = (value ?? {}) as Partial<Record<keyof Index, unknown>>;
  return (
    isSize(head) &&
    Array.isArray(buffers) &&
    buffers.every(isSize) &&
    Array.isArray(codes) &&
    codes.every((code) => Array.isArray(code) && code.length === 2 && code.every((part) => typeof part === 'string')) &&
    Array.isArray(modules) &&
    modules.every(isModule)
  );
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isModule(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || typeof (value as ModuleRef).specifier !== 'string') return false;
  return Object.values(value).every((part) => typeof part === 'string');
}

function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}
