import { BackendUnusableError, ProtocolError, WorkerMemoryError } from '../../errors.ts';
import type { Envelope } from '../protocol/envelope.ts';
import type { ArrivingBlob } from './arriving-blob.ts';
import type { Blob, BlobCache } from './blobs.ts';

interface Awaited {
  /** Its hash comes last; until then it has a name. */
  readonly draft: boolean;
  /** With the first piece that came; there may be no room for it. */
  arriving?: ArrivingBlob | 'lost';
  /** Bytes that are still on their way of one that is lost. */
  left?: number;
}

/** Names of drafts are known for a while after their sum: what names them comes before it. */
const MOST_NAMES = 10_000;

/** The blobs of one caller: which it was asked for, what came of them, and what it calls them. */
export class IncomingBlobs {
  readonly #cache: BlobCache;
  readonly #send: (envelope: Envelope) => void;
  readonly #awaited = new Map<string, Awaited>();
  /** Hashes of drafts, by name. */
  readonly #hashes = new Map<string, string>();

  /** Those that do not come. */
  readonly #refused = new Map<string, Error>();
  readonly #refuse: (key: string, why: Error) => void;

  /** @param refuse hears of each that does not come */
  constructor(
    cache: BlobCache,
    send: (envelope: Envelope) => void,
    refuse: (key: string, why: Error) => void = () => undefined,
  ) {
    this.#cache = cache;
    this.#send = send;
    this.#refuse = refuse;
  }

  /** Workers see the memory of blobs. */
  get sharesMemory(): boolean {
    return this.#cache.sharesMemory;
  }

  /** Keeps the blob of this hash, or of this name, from when it is here. */
  pin(key: string): void {
    this.#cache.pin(this.#hashes.get(key) ?? key);
  }

  unpin(key: string): void {
    this.#cache.unpin(this.#hashes.get(key) ?? key);
  }

  /** Why what has this hash, or name, does not come, where it does not. */
  refusal(key: string): Error | undefined {
    return this.#refused.get(key);
  }

  /** The blob of this hash, or of this name, if it is here. */
  get(key: string): Blob | undefined {
    return this.#cache.get(this.#hashes.get(key) ?? key);
  }

  /** It is on its way, or was asked for. */
  isAwaited(key: string): boolean {
    return this.#awaited.has(this.#hashes.get(key) ?? key);
  }

  /** A packet names a blob: the caller keeps it until it hears whether it is needed. */
  offered(hash: Uint8Array): void {
    const key = hex(hash);
    if (this.#hashes.has(key) || this.#awaited.get(key)?.draft) return; // it was told before
    const needed = this.#cache.get(key) === undefined && !this.#awaited.has(key);
    if (needed) this.#awaited.set(key, { draft: false });
    this.#send({ type: 'blobState', hash: Buffer.from(hash), needed });
  }

  /** A blob whose hash the caller does not know yet. @throws ProtocolError for a name that is in use */
  draft(name: Uint8Array, probe: Uint8Array): void {
    const key = hex(name);
    if (this.#awaited.has(key) || this.#hashes.has(key)) throw new ProtocolError('a draft that is named twice');
    if (this.#awaited.size >= MOST_NAMES) throw new ProtocolError(`more than ${MOST_NAMES} blobs that have not come`);
    this.#awaited.set(key, { draft: true });
    this.#send({ type: 'blobState', hash: Buffer.from(name), needed: !this.#cache.hasLike(hex(probe)) });
  }

  /** A piece. @returns whether the blob is whole now. @throws ProtocolError */
  piece(hash: Uint8Array, size: number, data: Uint8Array): boolean {
    const key = hex(hash);
    const awaited = this.#awaited.get(key);
    if (awaited === undefined) throw new ProtocolError(`a blob that nobody asked for (${key})`);
    awaited.arriving ??= this.#arriving(key, awaited.draft, size);
    if (awaited.arriving === 'lost') {
      awaited.left = (awaited.left ?? size) - data.byteLength;
      if (awaited.left > 0 || awaited.draft) return false;
      this.#awaited.delete(key); // it may be asked for again
      this.#refused.delete(key);
      return false;
    }
    if (awaited.arriving.add(data) === undefined) return false;
    this.#awaited.delete(key);
    return true;
  }

  /** The hash of a draft, of which all has come, or nothing. @returns whether its blob is here now. @throws ProtocolError */
  sum(name: Uint8Array, hash: Uint8Array): boolean {
    const key = hex(name);
    const awaited = this.#awaited.get(key);
    if (awaited?.draft !== true) throw new ProtocolError('the sum of a draft that is not known');
    const real = hex(hash);
    if (awaited.arriving !== 'lost') awaited.arriving?.check(real);
    this.#awaited.delete(key);
    this.#hashes.set(key, real);
    this.#cache.rename(key, real);
    forgetOldest(this.#hashes);
    if (awaited.arriving === undefined) this.offered(hash);
    return this.#cache.get(real) !== undefined;
  }

  /** Where there is no room for it, its pieces go nowhere, and who waits for it is told. */
  #arriving(key: string, draft: boolean, size: number): ArrivingBlob | 'lost' {
    try {
      return this.#cache.arriving(draft ? undefined : key, size);
    } catch (error) {
      if (!(error instanceof WorkerMemoryError || error instanceof BackendUnusableError)) throw error;
      this.#refused.set(key, error);
      forgetOldest(this.#refused);
      this.#refuse(key, error);
      return 'lost';
    }
  }

  /** The caller is gone. */
  drop(): void {
    for (const { arriving } of this.#awaited.values()) if (arriving !== 'lost') arriving?.drop();
    this.#awaited.clear();
  }
}

function forgetOldest(map: Map<string, unknown>): void {
  if (map.size > MOST_NAMES) map.delete((map.keys().next() as { value: string }).value);
}

function hex(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString('hex');
}
