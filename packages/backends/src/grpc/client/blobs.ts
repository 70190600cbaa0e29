import { createHash } from 'node:crypto';
import type { Holding } from '../../bulk/depot.ts';

/** Hashes of large buffers, by their names, which no other content of this process has. */
const hashes = new Map<string, Buffer>();
const MOST_HASHES = 10_000;

export function hashOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** The hash of what a holding holds, and its bytes where they had to be read for it. */
export function hashOfHolding({ name, length, segment }: Holding): { hash: Buffer; bytes?: Uint8Array } {
  const known = hashes.get(name);
  if (known !== undefined) return { hash: known };
  const bytes = segment.read(length);
  const hash = hashOf(bytes);
  hashes.set(name, hash);
  if (hashes.size > MOST_HASHES) hashes.delete((hashes.keys().next() as { value: string }).value);
  return { hash, bytes };
}

interface Offer {
  readonly read: () => Uint8Array;
  /** Packets that named it, of which the daemon has not said whether it needs it. */
  named: number;
}

/** The blobs that packets to one daemon name, until it has said whether it needs them. */
export class Offers {
  readonly #offers = new Map<string, Offer>();

  /** A packet names this blob. */
  add(hash: Buffer, read: () => Uint8Array): void {
    const key = hash.toString('hex');
    const offer = this.#offers.get(key);
    if (offer === undefined) this.#offers.set(key, { read, named: 1 });
    else offer.named += 1;
  }

  /** The daemon has said whether it needs the blob; its bytes when it does. */
  answered(hash: Uint8Array, needed: boolean): Uint8Array | undefined {
    const key = Buffer.from(hash).toString('hex');
    const offer = this.#offers.get(key);
    if (offer === undefined) return undefined;
    offer.named -= 1;
    if (offer.named === 0) this.#offers.delete(key);
    return needed ? offer.read() : undefined;
  }
}
