import { fileSegment } from '../../bulk/depots.ts';
import { newFolderName, removeFolder } from '../../bulk/folder.ts';
import { type Segment, SharedSegment } from '../../bulk/segment.ts';
import { ProtocolError } from '../../errors.ts';
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

  /** A blob that arrives; without its hash where it comes last. @throws ProtocolError when there is no room for it */
  arriving(hash: string | undefined, size: number): ArrivingBlob {
    if (!(size > 0) || size > this.maxBytes)
      throw new ProtocolError(`a blob of ${size} bytes, where this daemon keeps ${this.maxBytes} at most`);
    this.#makeRoom(size);
    const segment = (this.sharesMemory ? undefined : fileSegment(this.#folder, size)) ?? new SharedSegment(size);
    this.#arriving += size;
    return new ArrivingBlob(hash, size, segment, (blob) => {
      this.#arriving -= size;
      return blob && this.#add(blob);
    });
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
      if (this.#bytes + this.#arriving + size <= this.maxBytes) return;
      if (blob.users > 0) continue;
      this.#blobs.delete(hash);
      this.#bytes -= blob.size;
      const alike = (this.#probes.get(blob.probe) ?? 1) - 1;
      if (alike > 0) this.#probes.set(blob.probe, alike);
      else this.#probes.delete(blob.probe);
      blob.segment.destroy();
    }
    const held = this.#bytes + this.#arriving;
    if (held + size > this.maxBytes)
      throw new ProtocolError(
        `no room for a blob of ${size} bytes: running calls hold ${held} of the ${this.maxBytes} that this daemon keeps`,
      );
  }
}
