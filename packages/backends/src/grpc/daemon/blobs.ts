import { createHash, type Hash } from 'node:crypto';
import { fileSegment } from '../../bulk/depots.ts';
import { newFolderName, removeFolder } from '../../bulk/folder.ts';
import { type Segment, SharedSegment } from '../../bulk/segment.ts';
import { ProtocolError } from '../../errors.ts';

/** A content that a daemon has, where its workers can read it. */
export interface Blob {
  readonly hash: string;
  readonly size: number;
  readonly segment: Segment;
  /** Calls that need it. */
  users: number;
}

/** The contents that a daemon has, by SHA-256, up to so many bytes: what nobody needs and was used longest ago goes first. */
export class BlobCache {
  readonly maxBytes: number;
  /** Workers are threads of this process, which see its memory. */
  readonly sharesMemory: boolean;
  readonly #folder: string = newFolderName();
  readonly #blobs = new Map<string, Blob>();
  #bytes = 0;

  constructor(maxBytes: number, sharesMemory: boolean) {
    this.maxBytes = maxBytes;
    this.sharesMemory = sharesMemory;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#blobs.size;
  }

  get(hash: string): Blob | undefined {
    const blob = this.#blobs.get(hash);
    if (blob === undefined) return undefined;
    this.#blobs.delete(hash);
    this.#blobs.set(hash, blob); // the last that was used
    return blob;
  }

  /** A blob that arrives. @throws ProtocolError when there is no room for it */
  arriving(hash: string, size: number): ArrivingBlob {
    if (!(size > 0) || size > this.maxBytes)
      throw new ProtocolError(`a blob of ${size} bytes, where this daemon keeps ${this.maxBytes} at most`);
    this.#makeRoom(size);
    const segment = (this.sharesMemory ? undefined : fileSegment(this.#folder, size)) ?? new SharedSegment(size);
    return new ArrivingBlob(hash, size, segment, (blob) => this.#add(blob));
  }

  close(): void {
    for (const { segment } of this.#blobs.values()) segment.destroy();
    this.#blobs.clear();
    removeFolder(this.#folder);
  }

  #add(blob: Blob): Blob {
    const before = this.get(blob.hash);
    if (before !== undefined) {
      blob.segment.destroy(); // another caller was faster
      return before;
    }
    this.#blobs.set(blob.hash, blob);
    this.#bytes += blob.size;
    return blob;
  }

  #makeRoom(size: number): void {
    for (const [hash, blob] of this.#blobs) {
      if (this.#bytes + size <= this.maxBytes) return;
      if (blob.users > 0) continue;
      this.#blobs.delete(hash);
      this.#bytes -= blob.size;
      blob.segment.destroy();
    }
    if (this.#bytes + size > this.maxBytes)
      throw new ProtocolError(
        `no room for a blob of ${size} bytes: running calls hold ${this.#bytes} of the ${this.maxBytes} that this daemon keeps`,
      );
  }
}

/** A blob of which pieces come. */
export class ArrivingBlob {
  readonly #hash: string;
  readonly #size: number;
  readonly #segment: Segment;
  readonly #whole: (blob: Blob) => Blob;
  readonly #sum: Hash = createHash('sha256');
  #at = 0;

  constructor(hash: string, size: number, segment: Segment, whole: (blob: Blob) => Blob) {
    this.#hash = hash;
    this.#size = size;
    this.#segment = segment;
    this.#whole = whole;
  }

  /** The blob, once the last piece is there. @throws ProtocolError when it is not what its hash says */
  add(piece: Uint8Array): Blob | undefined {
    if (this.#at + piece.byteLength > this.#size) throw new ProtocolError('a blob that is longer than was said');
    this.#segment.writeAt(piece, this.#at);
    this.#sum.update(piece);
    this.#at += piece.byteLength;
    if (this.#at < this.#size) return undefined;
    if (this.#sum.digest('hex') !== this.#hash)
      throw new ProtocolError(`a blob whose content is not what its hash says (${this.#hash})`);
    return this.#whole({ hash: this.#hash, size: this.#size, segment: this.#segment, users: 0 });
  }

  drop(): void {
    this.#segment.destroy();
  }
}
