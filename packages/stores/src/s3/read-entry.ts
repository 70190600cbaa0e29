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
import type { Entry, GetOptions } from '../store.ts';
import type { S3Connection } from './connection.ts';
import type { ExternalParts } from './external-parts.ts';
import { entryName } from './names.ts';
import { type Found, readObject } from './objects.ts';

/** Length of the hash behind the head of an entry whose parts are another object. */
const HASH_LENGTH = 64;

/** The entry in an object that was read, or begun to be; undefined when it was deleted meanwhile. Throws `FrameError`. */
export async function readEntry(
  connection: S3Connection,
  external: ExternalParts,
  key: string,
  found: Found,
  options: GetOptions,
): Promise<Entry | undefined> {
  const { bytes, size, modifiedMs } = await withFront(connection, key, found, options.signal);
  const prelude = preludeOf(bytes);
  const trailer = prelude.external ? HASH_LENGTH : 0;
  checkPrelude(prelude, key, size - trailer);
  const head = readHead(prelude, bytes);
  const whole = size + (prelude.external ? prelude.regionLength : 0);
  const about = { key, bytes: whole, createdMs: modifiedMs, accessedMs: modifiedMs, head };
  if (options.headOnly === true) return { ...about, parts: [] };
  if (prelude.external) {
    const hash = Buffer.from(bytes.subarray(size - HASH_LENGTH, size)).toString('latin1');
    const region = await external.read(key, prelude, hash, found.etag, options);
    return region === undefined ? undefined : { ...about, parts: partsIn(prelude, region) };
  }
  const own = bytes.subarray(prelude.regionStart, prelude.regionStart + prelude.regionLength);
  checkRegion(prelude, crc32(own));
  if (options.into === undefined || options.into.byteLength < own.byteLength)
    return { ...about, parts: partsIn(prelude, own) };
  const region = regionMemory(prelude.regionLength, options.into);
  region.set(own);
  return { ...about, parts: partsIn(prelude, region) };
}

/** As much of the entry as its prelude and head take: a beginning may be too short. */
async function withFront(
  connection: S3Connection,
  key: string,
  found: Found,
  signal: AbortSignal | undefined,
): Promise<Found> {
  if (found.bytes.byteLength === found.size) return found;
  const prelude = readPrelude(found.bytes);
  const enough = typeof prelude === 'number' ? false : prelude.length + prelude.headLength <= found.bytes.byteLength;
  if (enough) return found;
  const whole = await readObject(connection, entryName(connection.settings.prefix, key), `get of ${key}`, { signal });
  return whole ?? found;
}

function preludeOf(bytes: Uint8Array): Prelude {
  const prelude = readPrelude(bytes);
  if (typeof prelude === 'number') throw new FrameError('it ends too early');
  return prelude;
}
