import { createHash } from 'node:crypto';
import type { Holding } from '../../bulk/depot.ts';
import type { Bulk } from '../protocol/bulk-queue.ts';
import { PIECE } from '../protocol/duplex.ts';
import { probeOf } from '../protocol/probe.ts';

/** Hashes of large buffers, by their names, which no other content of this process has. */
const hashes = new Map<string, Buffer>();
const MOST_HASHES = 10_000;

export function hashOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** The hash of what a holding holds, where it was computed before. */
export function hashOfHolding({ name }: Holding): Buffer | undefined {
  return hashes.get(name);
}

/** Probes of large buffers, by their names. */
const probes = new Map<string, Buffer>();

/** What tells it from other contents without a look at all of it. */
export function probeOfHolding({ name, length, segment }: Holding): Buffer {
  let probe = probes.get(name);
  if (probe === undefined) {
    probe = probeOf(segment.view?.(length) ?? segment.read(length));
    probes.set(name, probe);
    if (probes.size > MOST_HASHES) probes.delete((probes.keys().next() as { value: string }).value);
  }
  return probe;
}

export function rememberHash({ name }: Holding, hash: Buffer): void {
  hashes.set(name, hash);
  if (hashes.size > MOST_HASHES) hashes.delete((hashes.keys().next() as { value: string }).value);
}

/** A content that can be sent while somebody keeps it. */
export interface Kept {
  /** Its bytes, which stay as they are until `release`. */
  bytes(): Uint8Array;
  release(): void;
}

/** A holding that was retained. */
export function keptHolding(holding: Holding): Kept {
  const { length, segment, depot } = holding;
  return { bytes: () => segment.view?.(length) ?? segment.read(length), release: () => depot?.release(holding) };
}

interface Offer {
  readonly kept: Kept;
  /** Packets that named it, of which the daemon has not said whether it needs it, and ways on which it is sent. */
  users: number;
}

/** The blobs that packets to one daemon name, until it has said whether it needs them. */
export class Offers {
  readonly #offers = new Map<string, Offer>();

  /** A packet names this blob. */
  add(hash: Buffer, kept: Kept): void {
    const key = hash.toString('hex');
    const offer = this.#offers.get(key);
    if (offer === undefined) this.#offers.set(key, { kept, users: 1 });
    else {
      offer.users += 1;
      kept.release(); // the first is kept
    }
  }

  /** The daemon has said whether it needs the blob: what to send, when it does. */
  answered(hash: Uint8Array, needed: boolean): { readonly size: number; readonly bulk: Bulk } | undefined {
    const key = Buffer.from(hash).toString('hex');
    const offer = this.#offers.get(key);
    if (offer === undefined) return undefined;
    if (!needed) {
      this.#drop(key, offer);
      return undefined;
    }
    const bytes = offer.kept.bytes();
    const size = bytes.byteLength;
    const name = Buffer.from(hash);
    let at = 0;
    const next: Bulk['next'] = () => {
      if (at >= size) return undefined;
      const data = bytes.subarray(at, at + PIECE);
      at += PIECE;
      return { type: 'blob', hash: name, size, data };
    };
    return { size, bulk: { next, over: () => this.#drop(key, offer) } };
  }

  /** The connection is over. */
  clear(): void {
    for (const { kept } of this.#offers.values()) kept.release();
    this.#offers.clear();
  }

  #drop(key: string, offer: Offer): void {
    offer.users -= 1;
    if (offer.users > 0 || this.#offers.get(key) !== offer) return;
    this.#offers.delete(key);
    offer.kept.release();
  }
}
