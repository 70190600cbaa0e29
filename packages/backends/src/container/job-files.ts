import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type Lease, openStore, type Store } from '@jobloom/stores';
import { BackendUnusableError, OptionError, ProtocolError } from '../errors.ts';
import { bytesOfOption, type ContainerOptions } from './container-options.ts';
import {
  type AnswerHead,
  aliveKey,
  answerKey,
  type JobTicket,
  LEASE_MS,
  type Manifest,
  manifestKey,
  pieceKey,
  ROOT,
  trying,
} from './job-places.ts';
import { seal, sha256, unseal } from './sealed.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const EMPTY = new Uint8Array();
/** Smaller ones are put together. */
const PIECE_BYTES = 256 * 1024;
const LARGEST_PIECE = 64 * 1024 * 1024;

/** An answer of a job, checked. */
export interface Answer {
  readonly head: AnswerHead;
  readonly bytes: readonly Uint8Array[];
}

/** The caller's side of a store by which jobs get their work and give their results. */
export class JobFiles {
  /** Of this host, where the store is one. */
  readonly folder: string | undefined;
  readonly #store: Store;
  readonly #owned: boolean;
  readonly #location: string;
  readonly #run: string = randomBytes(12).toString('hex');
  readonly #key: string = randomBytes(32).toString('hex');
  readonly #expiresMs: number;
  readonly #maxBytes: number;
  /** By key; what is there, or on its way. */
  readonly #stored = new Map<string, Promise<unknown>>();
  readonly #pending = new Set<Promise<unknown>>();
  #opened: Promise<Lease | undefined> | undefined;

  /** @throws OptionError for a store that other processes cannot open */
  constructor({ store, expiresMs = DAY_MS, maxPayload = '1G' }: ContainerOptions) {
    this.#store = openStore(store as never);
    this.#owned = typeof store === 'string' || store instanceof URL;
    const { location, capabilities, name } = this.#store;
    if (location === undefined || capabilities.sharedBy === 'thread')
      throw new OptionError(`the store option of container must be one that other processes can open. Got ${name}.`);
    this.#location = location;
    this.folder = folderOf(location);
    this.#expiresMs = expiresMs;
    this.#maxBytes = bytesOfOption(maxPayload);
  }

  /** Stores what a job is to do, each piece once a run; gives what the job must be told. */
  async put(token: string, packets: readonly Uint8Array[]): Promise<JobTicket> {
    await this.#open();
    const pieces = piecesOf(packets);
    const bytes = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
    if (bytes > this.#maxBytes)
      throw new BackendUnusableError(
        `a batch of ${bytes} bytes is more than maxPayload (${this.#maxBytes}). Make batches smaller (batchSize), or raise it.`,
      );
    const hashes: string[] = [];
    for (const piece of pieces) {
      const hash = sha256(piece);
      hashes.push(hash);
      await this.#once(pieceKey(this.#run, hash), { head: EMPTY, parts: [piece] });
    }
    const manifest: Manifest = { pieces: hashes, expires: Date.now() + this.#expiresMs, maxBytes: this.#maxBytes };
    const key = manifestKey(this.#run, token);
    await this.#once(key, { head: seal(this.#key, key, JSON.stringify(manifest)), parts: [] });
    return { location: this.#location, run: this.#run, token, key: this.#key };
  }

  /** What a job answered, once; undefined when it left nothing. @throws ProtocolError when it was changed on the way */
  async take(token: string): Promise<Answer | undefined> {
    const key = answerKey(this.#run, token);
    const entry = await trying(() => this.#store.get(key));
    if (entry === undefined) return undefined;
    this.#stored.set(key, Promise.resolve());
    try {
      const head = JSON.parse(unseal(this.#key, key, entry.head)) as AnswerHead;
      for (const [at, hash] of head.pieces.entries())
        if (sha256(entry.parts[at] ?? EMPTY) !== hash) throw new Error(`part ${at} of ${key} is not what was signed`);
      return { head, bytes: entry.parts };
    } catch (error) {
      throw new ProtocolError((error as Error).message, { cause: error });
    }
  }

  /** Nobody needs the files of this job any more. What other jobs share stays until `close`. */
  drop(token: string): void {
    const keys = [manifestKey(this.#run, token), answerKey(this.#run, token)];
    for (const key of keys) this.#stored.delete(key);
    this.later(this.#store.delete(keys));
  }

  /** Something that `settled` waits for. What comes of it is nobody's concern: who comes next tidies up. */
  later(work: Promise<unknown>): void {
    const done: Promise<unknown> = work.catch(() => undefined).finally(() => this.#pending.delete(done));
    this.#pending.add(done);
  }

  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  async close(): Promise<void> {
    await this.settled();
    const lease = await this.#opened?.catch(() => undefined);
    if (this.#stored.size > 0) await this.#store.delete(this.#stored.keys()).catch(() => undefined); // they expire
    await lease?.release().catch(() => undefined);
    if (this.#owned) await this.#store.close();
  }

  async #once(key: string, payload: { readonly head: Uint8Array; readonly parts: readonly Uint8Array[] }) {
    const stored = this.#stored.get(key) ?? trying(() => this.#store.put(key, payload));
    this.#stored.set(key, stored);
    await stored.catch((error: unknown) => {
      this.#stored.delete(key); // the next job tries again
      throw error;
    });
  }

  #open(): Promise<Lease | undefined> {
    this.#opened ??= (async () => {
      await trying(async () => this.#store.open?.());
      const lease = await this.#store.lease?.(aliveKey(this.#run), { ttlMs: LEASE_MS });
      this.later(this.#sweep());
      return lease;
    })();
    this.#opened.catch(() => {
      this.#opened = undefined; // the next job tries again
    });
    return this.#opened;
  }

  /** Removes what runs left that did not come to their end. */
  async #sweep(): Promise<void> {
    const before = Date.now() - this.#expiresMs;
    const old: string[] = [];
    for await (const { key, createdMs } of this.#store.list({ prefix: `${ROOT}/` }))
      if (createdMs < before) old.push(key);
    if (old.length > 0) await this.#store.delete(old);
  }
}

/** Large packets are pieces of their own, so that what many jobs share is stored once; small ones are put together. */
function piecesOf(packets: readonly Uint8Array[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  const join = (): void => {
    if (small.length > 0) pieces.push(Buffer.concat(small));
    small = [];
  };
  for (const bytes of packets) {
    if (bytes.byteLength < PIECE_BYTES) {
      small.push(bytes);
      continue;
    }
    join();
    for (let at = 0; at < bytes.byteLength; at += LARGEST_PIECE) pieces.push(bytes.subarray(at, at + LARGEST_PIECE));
  }
  join();
  return pieces;
}

function folderOf(location: string): string | undefined {
  return location.startsWith('file:') ? fileURLToPath(location.replace(/\?.*$/, '')) : undefined;
}
