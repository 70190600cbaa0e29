import { codeText } from './codes.ts';
import { UnserializableError } from './errors.ts';
import type { Frame, ModuleRef } from './frame.ts';
import { FrameError } from './frame-error.ts';
import { parcelBytes, parcelsOf } from './ship/outgoing.ts';

/** `jblf`. */
const MAGIC = new Uint8Array([0x6a, 0x62, 0x6c, 0x66]);
/** Versions of the layout: 2 has packages behind the buffers, and is written only where there are some. */
const PLAIN = 1;
const WITH_PARCELS = 2;
/** The index starts behind the version and its length. */
const START = MAGIC.byteLength + 5;
/** Buffers start at multiples of this, so that typed arrays over the file need no copy. */
const ALIGNMENT = 64;

interface Index {
  readonly head: number;
  readonly buffers: readonly number[];
  readonly codes: readonly (readonly [hash: string, text: string])[];
  readonly modules: readonly ModuleRef[];
  /** Hashes and sizes, in layout 2. */
  readonly parcels?: readonly (readonly [hash: string, size: number])[];
}

/**
 * A frame as self-contained bytes, with the texts of its codes, and the packages that go along: for files and stores.
 * Layout: magic and version, length of the index (u32, little endian), the index as JSON, the head, then each
 * buffer and each parcel at the next multiple of 64.
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
  const parcels = parcelsOf(frame.modules).map((hash) => [hash, parcelBytes(hash)] as const);
  const index: Index = {
    head: frame.head.byteLength,
    buffers: frame.buffers.map(({ byteLength }) => byteLength),
    codes: frame.codes.map((hash) => [hash, textOf(hash)]),
    modules: frame.modules,
    ...(parcels.length > 0 && { parcels: parcels.map(([hash, { byteLength }]) => [hash, byteLength]) }),
  };
  const text = new TextEncoder().encode(JSON.stringify(index));
  const parts = [...frame.buffers, ...parcels.map(([, bytes]) => bytes)];
  const size = parts.reduce(
    (end, { byteLength }) => aligned(end) + byteLength,
    START + text.byteLength + frame.head.byteLength,
  );
  const bytes = new Uint8Array(size);
  bytes.set(MAGIC);
  bytes[MAGIC.byteLength] = parcels.length > 0 ? WITH_PARCELS : PLAIN;
  new DataView(bytes.buffer).setUint32(MAGIC.byteLength + 1, text.byteLength, true);
  bytes.set(text, START);
  let at = START + text.byteLength;
  bytes.set(frame.head, at);
  at += frame.head.byteLength;
  for (const part of parts) {
    at = aligned(at);
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

/** A frame that was bytes, and the texts of its codes, which `addCode` wants before it is decoded. */
export interface ReadFrame {
  readonly frame: Frame;
  readonly codes: ReadonlyMap<string, string>;
  /** Packages that came along, which the `parcel` of the session that loads its modules gives. */
  readonly parcels: ReadonlyMap<string, Uint8Array>;
}

/** Reads what `frameToBytes` wrote. The buffers are copies. @throws FrameError for other bytes */
export function bytesToFrame(bytes: Uint8Array): ReadFrame {
  if (bytes.byteLength < START || !MAGIC.every((byte, at) => bytes[at] === byte))
    throw new FrameError('these bytes are no frame of jobloom');
  const layout = bytes[MAGIC.byteLength] as number;
  if (layout !== PLAIN && layout !== WITH_PARCELS)
    throw new FrameError(`a frame in layout ${layout}; this jobloom reads layouts ${PLAIN} and ${WITH_PARCELS}`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.byteLength + 1, true);
  const index = indexOf(bytes.subarray(START, START + length));
  let at = START + length;
  const take = (size: number): Uint8Array<ArrayBuffer> => {
    if (!(size <= bytes.byteLength - at)) throw new FrameError('the bytes of this frame were cut off');
    at += size;
    return new Uint8Array(bytes.subarray(at - size, at));
  };
  const head = take(index.head);
  const part = (size: number): Uint8Array<ArrayBuffer> => {
    at = aligned(at);
    return take(size);
  };
  const buffers = index.buffers.map(part);
  const parcels = (index.parcels ?? []).map(([hash, size]) => [hash, part(size)] as const);
  return {
    frame: { head, buffers, shared: [], codes: index.codes.map(([hash]) => hash), modules: index.modules },
    codes: new Map(index.codes),
    parcels: new Map(parcels),
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
  const { head, buffers, codes, modules, parcels = [] } = (value ?? {}) as Partial<Record<keyof Index, unknown>>;
  return (
    isSize(head) &&
    Array.isArray(buffers) &&
    buffers.every(isSize) &&
    Array.isArray(codes) &&
    codes.every((code) => Array.isArray(code) && code.length === 2 && code.every((part) => typeof part === 'string')) &&
    Array.isArray(modules) &&
    modules.every(isModule) &&
    Array.isArray(parcels) &&
    parcels.every((parcel) => Array.isArray(parcel) && typeof parcel[0] === 'string' && isSize(parcel[1]))
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
