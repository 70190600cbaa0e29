import { createHash, type Hash } from 'node:crypto';
import type { Segment } from '../../bulk/segment.ts';
import { ProtocolError } from '../../errors.ts';
import { Probe } from '../protocol/probe.ts';
import type { Blob } from './blobs.ts';

/** A blob of which pieces come: each goes to its final place, and is hashed when it comes. */
export class ArrivingBlob {
  readonly #hash: string | undefined;
  readonly #size: number;
  readonly #segment: Segment;
  readonly #end: (blob: Blob | undefined) => Blob | undefined;
  readonly #sum: Hash = createHash('sha256');
  readonly #probe: Probe;
  #at = 0;

  /** @param end takes the blob, or nothing where it never becomes whole; once */
  constructor(
    hash: string | undefined,
    size: number,
    segment: Segment,
    end: (blob: Blob | undefined) => Blob | undefined,
  ) {
    this.#hash = hash;
    this.#size = size;
    this.#segment = segment;
    this.#end = end;
    this.#probe = new Probe(size);
  }

  /** The blob, once the last piece is there and its hash is known. @throws ProtocolError when it is not what its hash says */
  add(piece: Uint8Array): Blob | undefined {
    if (this.#at + piece.byteLength > this.#size) throw new ProtocolError('a blob that is longer than was said');
    this.#segment.writeAt(piece, this.#at);
    this.#sum.update(piece);
    this.#probe.add(piece);
    this.#at += piece.byteLength;
    return this.#at < this.#size || this.#hash === undefined ? undefined : this.check(this.#hash);
  }

  /** The blob, when this is its hash. @throws ProtocolError when it is not, or pieces are missing */
  check(hash: string): Blob | undefined {
    if (this.#at < this.#size) throw new ProtocolError('a blob that is shorter than was said');
    if (this.#sum.digest('hex') !== hash)
      throw new ProtocolError(`a blob whose content is not what its hash says (${hash})`);
    const probe = this.#probe.digest().toString('hex');
    return this.#end({ hash, size: this.#size, segment: this.#segment, probe, users: 0 });
  }

  drop(): void {
    this.#segment.destroy();
    this.#end(undefined);
  }
}
