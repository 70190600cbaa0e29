import { ProtocolError } from '../../errors.ts';
import type { Envelope } from '../protocol/envelope.ts';
import type { ArrivingBlob } from './arriving-blob.ts';
import type { Blob, BlobCache } from './blobs.ts';

interface Awaited {
  /** Its hash comes last; until then it has a name. */
  readonly draft: boolean;
  /** With the first piece that came. */
  arriving?: ArrivingBlob;
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

  constructor(cache: BlobCache, send: (envelope: Envelope) => void) {
    this.#cache = cache;
    this.#send = send;
  }

  /** Workers see the memory of blobs. */
  get sharesMemory(): boolean {
    return this.#cache.sharesMemory;
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
    awaited.arriving ??= this.#cache.arriving(awaited.draft ? undefined : key, size);
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
    awaited.arriving?.check(real);
    this.#awaited.delete(key);
    this.#hashes.set(key, real);
    if (this.#hashes.size > MOST_NAMES) this.#hashes.delete((this.#hashes.keys().next() as { value: string }).value);
    if (awaited.arriving === undefined) this.offered(hash);
    return this.#cache.get(real) !== undefined;
  }

  /** The caller is gone. */
  drop(): void {
    for (const { arriving } of this.#awaited.values()) arriving?.drop();
    this.#awaited.clear();
  }
}

function hex(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString('hex');
}
