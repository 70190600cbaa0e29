import { fileSegment } from '../../bulk/depots.ts';
import { newFolderName, removeFolder } from '../../bulk/folder.ts';
import { type Segment, SharedSegment } from '../../bulk/segment.ts';
import { BackendUnusableError, ProtocolError, WorkerMemoryError } from '../../errors.ts';
import { inMb } from '../scheduling/memory-plan.ts';
import { ArrivingBlob } from './arriving-blob.ts';

/** A content that a daemon has, where its workers can read it. */
export interface Blob {
  readonly hash: string;
  readonly size: number;
  readonly segment: Segment;
  /** Tells it from most others; see `Probe`. */
  readonly probe: string;
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
  /** How many there are of each probe. */
  readonly #probes = new Map<string, number>();
  #bytes = 0;
  /** Bytes of those that are not whole yet. */
  #arriving = 0;

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

  /** Bytes of all, those that are not whole yet among them. */
  get held(): number {
    return this.#bytes + this.#arriving;
  }

  /** Probes of the contents that were used last, the latest first; so many at most. */
  latest(most: number): string[] {
    return [...this.#blobs.values()]
      .slice(-most)
      .map(({ probe }) => probe)
      .reverse();
  }

  get(hash: string): Blob | undefined {
    const blob = this.#blobs.get(hash);
    if (blob === undefined) return undefined;
    this.#blobs.delete(hash);
    this.#blobs.set(hash, blob); // the last that was used
    return blob;
  }

  /** A blob with this probe is here. */
  hasLike(probe: string): boolean {
    return this.#probes.has(probe);
  }

  /**
   * A blob that arrives, without its hash where that comes last: from now on there is room for it.
   * @throws BackendUnusableError when it is larger than all that there may be
   * @throws WorkerMemoryError when others are in use that leave no room for it
   */
  arriving(hash: string | undefined, size: number): ArrivingBlob {
    if (!(size > 0)) throw new ProtocolError('a blob without a size');
    if (size > this.maxBytes)
      throw new BackendUnusableError(
        `an argument, or a value that a function captures, has ${inMb(size)}, and the daemon keeps ${inMb(this.maxBytes)} of such at most: give it more (--max-blobs, --max-memory)`,
      );
    this.#makeRoom(size);
    const segment = (this.sharesMemory ? undefined : fileSegment(this.#folder, size)) ?? new SharedSegment(size);
    this.#arriving += size;
    return new ArrivingBlob(hash, size, segment, (blob) => {
      this.#arriving -= size;
      return blob && this.#add(blob);
    });
  }

  /** Keeps this content, once it is here, as often as it is pinned. */
  pin(hash: string, times = 1): void {
    this.#pins.set(hash, (this.#pins.get(hash) ?? 0) + times);
  }

  unpin(hash: string): void {
    const left = (this.#pins.get(hash) ?? 1) - 1;
    if (left > 0) this.#pins.set(hash, left);
    else this.#pins.delete(hash);
  }

  /** What was pinned under a name has this hash. */
  rename(name: string, hash: string): void {
    const pins = this.#pins.get(name);
    if (pins === undefined) return;
    this.#pins.delete(name);
    this.pin(hash, pins);
  }

  close(): void {
    for (const { segment } of this.#blobs.values()) segment.destroy();
    this.#blobs.clear();
    this.#probes.clear();
    removeFolder(this.#folder);
  }

  #add(blob: Blob): Blob {
    const before = this.get(blob.hash);
    if (before !== undefined) {
      blob.segment.destroy(); // another caller was faster
      return before;
    }
    this.#blobs.set(blob.hash, blob);
    this.#probes.set(blob.probe, (this.#probes.get(blob.probe) ?? 0) + 1);
    this.#bytes += blob.size;
    return blob;
  }

  #makeRoom(size: number): void {
    for (const [hash, blob] of this.#blobs) {
      if (this.held + size <= this.maxBytes) return;
      if (blob.users > 0 || this.#pins.has(hash)) continue;
      this.#blobs.delete(hash);
      this.#bytes -= blob.size;
      const alike = (this.#probes.get(blob.probe) ?? 1) - 1;
      if (alike > 0) this.#probes.set(blob.probe, alike);
      else this.#probes.delete(blob.probe);
      blob.segment.destroy();
    }
    if (this.held + size > this.maxBytes)
      throw new WorkerMemoryError(
        `no room for an argument, or a value that a function captures, of ${inMb(size)}: running calls hold ${inMb(this.held)} of the ${inMb(this.maxBytes)} that the daemon keeps of such: give it more (--max-blobs, --max-memory)`,
        this.maxBytes,
      );
  }
}
