import { crc32 } from 'node:zlib';
import { checkPrelude, checkRegion, FrameError, partsIn, readHead, readPrelude, regionMemory } from '../frame.ts';
import type { Entry, GetOptions } from '../store.ts';

/** The entry in a value. Throws `FrameError`. */
export function readValue(key: string, value: Uint8Array, options: GetOptions): Entry {
  const prelude = readPrelude(value);
  if (typeof prelude === 'number') throw new FrameError('it ends too early');
  checkPrelude(prelude, key, value.length);
  const { createdMs, regionStart, regionLength } = prelude;
  const about = { key, bytes: value.length, createdMs, accessedMs: createdMs, head: readHead(prelude, value) };
  if (options.headOnly === true) return { ...about, parts: [] };
  const region = regionMemory(regionLength, options.into);
  region.set(value.subarray(regionStart));
  checkRegion(prelude, crc32(region));
  return { ...about, parts: partsIn(prelude, region) };
}
