import { createHash, type Hash } from 'node:crypto';
import { fileSegment } from '../../bulk/depots.ts';
import { newFolderName, removeFolder } from '../../bulk/folder.ts';
import { type Segment, SharedSegment } from '../../bulk/segment.ts';
import { BackendUnusableError, ProtocolError, WorkerMemoryError } from '../../errors.ts';
import { inMb } from '../scheduling/memory-plan.ts';

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
  /** Named by so many packets that wait. */
  readonly #pins = new Map<string, number>();
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

  /** The contents that were used last, the latest first; so many at most. */
  latest(most: number): string[] {
    return [...this.#blobs.keys()].slice(-most).reverse();
  }

  get(hash: string): Blob | undefined {
    const blob = this.#blobs.get(hash);
    if (blob === undefined) return undefined;
    this.#blobs.delete(hash);
    this.#blobs.set(hash, blob); // the last that was used
    return blob;
  }

  /**
   * A blob that arrives: from now on there is room for it.
   * @throws BackendUnusableError when it is larger than all that there may be
   * @throws WorkerMemoryError when others are in use that leave no room for it
   */
  arriving(hash: string, size: number): ArrivingBlob {
    if (!(size > 0)) throw new ProtocolError('a blob without a size');
    if (size > this.maxBytes)
      throw new BackendUnusableError(
        `an argument, or a value that a function captures, has ${inMb(size)}, and the daemon keeps ${inMb(this.maxBytes)} of such at most: give it more (--max-blobs, --max-memory)`,
      );
    this.#makeRoom(size);
    const segment = (this.sharesMemory ? undefined : fileSegment(this.#folder, size)) ?? new SharedSegment(size);
    this.#bytes += size;
    const drop = (): void => {
      this.#bytes -= size;
      segment.destroy();
    };
    return new ArrivingBlob(hash, size, segment, { whole: (blob) => this.#add(blob), drop });
  }

  /** Keeps this content, once it is here, as often as it is pinned. */
  pin(hash: string): void {
    this.#pins.set(hash, (this.#pins.get(hash) ?? 0) + 1);
  }

  unpin(hash: string): void {
    const left = (this.#pins.get(hash) ?? 1) - 1;
    if (left > 0) this.#pins.set(hash, left);
    else this.#pins.delete(hash);
  }

  close(): void {
    for (const { segment } of this.#blobs.values()) segment.destroy();
    this.#blobs.clear();
    removeFolder(this.#folder);
  }

  #add(blob: Blob): void {
    if (this.get(blob.hash) === undefined) {
      this.#blobs.set(blob.hash, blob);
      return;
    }
    blob.segment.destroy(); // another caller was faster
    this.#bytes -= blob.size;
  }

  #makeRoom(size: number): void {
    for (const [hash, blob] of this.#blobs) {
      if (this.#bytes + size <= this.maxBytes) return;
      if (blob.users > 0 || this.#pins.has(hash)) continue;
      this.#blobs.delete(hash);
      this.#bytes -= blob.size;
      blob.segment.destroy();
    }
    if (this.#bytes + size > this.maxBytes)
      throw new WorkerMemoryError(
        `no room for an argument, or a value that a function captures, of ${inMb(size)}: running calls hold ${inMb(this.#bytes)} of the ${inMb(this.maxBytes)} that the daemon keeps of such: give it more (--max-blobs, --max-memory)`,
        this.maxBytes,
      );
  }
}

interface ArrivalEvents {
  whole(blob: Blob): void;
  /** It will not come to its end. */
  drop(): void;
}

/** A blob of which pieces come. */
export class ArrivingBlob {
  readonly #hash: string;
  readonly #size: number;
  readonly #segment: Segment;
  readonly #events: ArrivalEvents;
  readonly #sum: Hash = createHash('sha256');
  #at = 0;

  constructor(hash: string, size: number, segment: Segment, events: ArrivalEvents) {
    this.#hash = hash;
    this.#size = size;
    this.#segment = segment;
    this.#events = events;
  }

  /** Whether it is whole now. @throws ProtocolError when it is not what its hash says */
  add(piece: Uint8Array): boolean {
    if (this.#at + piece.byteLength > this.#size) throw new ProtocolError('a blob that is longer than was said');
    this.#segment.writeAt(piece, this.#at);
    this.#sum.update(piece);
    this.#at += piece.byteLength;
    if (this.#at < this.#size) return false;
    if (this.#sum.digest('hex') !== this.#hash)
      throw new ProtocolError(`a blob whose content is not what its hash says (${this.#hash})`);
    this.#events.whole({ hash: this.#hash, size: this.#size, segment: this.#segment, users: 0 });
    return true;
  }

  drop(): void {
    this.#events.drop();
  }
}

/** A blob that is not kept: its pieces are on their way all the same. */
export class LostBlob {
  #left: number;

  constructor(size: number) {
    this.#left = size;
  }

  add(piece: Uint8Array): boolean {
    this.#left -= piece.byteLength;
    return this.#left <= 0;
  }

  drop(): void {
    // there is nothing of it
  }
}
