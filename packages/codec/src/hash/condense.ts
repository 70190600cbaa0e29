import type { BytesWriter } from './bytes-writer.ts';
import type { Digester } from './digest.ts';
import { Tag } from './tags.ts';

/** A form that is longer stands for itself by its digest: large values stay small where they are held. */
export const INLINE = 256;

/** Puts the digest of what was written from `start` on, and of `body` behind it, in its place. */
export function condense(out: BytesWriter, digester: Digester, start: number, body?: Uint8Array): void {
  const digest = digester.bytes(out.since(start), body);
  out.length = start;
  out.byte(Tag.digest);
  out.append(digest);
}
