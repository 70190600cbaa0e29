import { randomUUID } from 'node:crypto';
import { StoreError } from './errors.ts';
import { Listeners, type StoreEvent } from './events.ts';
import { checkKey } from './key.ts';
import type {
  Entry,
  EntryInfo,
  GetOptions,
  Lease,
  LeaseOptions,
  ListOptions,
  OperationOptions,
  Payload,
  PutOptions,
  PutResult,
  ReadOptions,
  Store,
  StoreCapabilities,
} from './store.ts';

export interface MemoryStoreOptions {
  /** Entries that were not used for longest are dropped when all take more than this. Default: no limit. */
  readonly maxBytes?: number;
}

/**
 * A store in the memory of one thread: the reference for all others, and the upper tier of slower ones.
 * It copies what it is given and what it gives, so that entries stay as they were stored.
 */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  return new MemoryStore(options.maxBytes ?? Number.POSITIVE_INFINITY);
}

interface Kept extends Payload {
  readonly bytes: number;
  readonly createdMs: number;
  accessedMs: number;
}

class MemoryStore implements Store {
  readonly name = 'memory';
  readonly capabilities: StoreCapabilities;
  readonly #entries = new Map<string, Kept>(); // least recently used first
  readonly #leases = new Map<string, string>();
  readonly #listeners = new Listeners();
  #bytes = 0;
  #closed = false;

  constructor(maxBytes: number) {
    this.capabilities = {
      sharedBy: 'thread',
      sync: true,
      createIfAbsent: true,
      leases: true,
      accessTimes: true,
      maxValueBytes: maxBytes,
    };
  }

  async get(key: string, options: GetOptions = {}): Promise<Entry | undefined> {
    options.signal?.throwIfAborted();
    return this.getSync(key, options);
  }

  getSync(key: string, options: ReadOptions = {}): Entry | undefined {
    this.#check(key);
    const kept = this.#entries.get(key);
    if (kept === undefined) return undefined;
    const { bytes, createdMs, accessedMs } = kept;
    const parts = options.headOnly === true ? [] : copyParts(kept.parts, options.into);
    return { key, bytes, createdMs, accessedMs, head: new Uint8Array(kept.head), parts };
  }

  async put(key: string, payload: Payload, options: PutOptions = {}): Promise<PutResult> {
    options.signal?.throwIfAborted();
    return this.putSync(key, payload, options);
  }

  putSync(key: string, payload: Payload, options: { readonly ifAbsent?: boolean } = {}): PutResult {
    this.#check(key);
    if (options.ifAbsent === true && this.#entries.has(key)) return 'exists';
    const { maxValueBytes } = this.capabilities;
    const bytes = payload.parts.reduce((sum, part) => sum + part.byteLength, payload.head.byteLength);
    if (bytes > maxValueBytes) {
      throw new StoreError(
        'ERR_STORE_TOO_LARGE',
        this.name,
        `the entry ${key} has ${bytes} bytes, maxBytes is ${maxValueBytes}.`,
      );
    }
    this.#drop(key);
    const now = Date.now();
    const parts = copyParts(payload.parts, undefined);
    this.#entries.set(key, { head: new Uint8Array(payload.head), parts, bytes, createdMs: now, accessedMs: now });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= maxValueBytes) break;
      this.#drop(oldest);
    }
    return 'stored';
  }

  async delete(keys: Iterable<string>, options: OperationOptions = {}): Promise<number> {
    options.signal?.throwIfAborted();
    let count = 0;
    for (const key of keys) {
      this.#check(key);
      if (this.#drop(key)) count += 1;
    }
    return count;
  }

  async *list(options: ListOptions = {}): AsyncGenerator<EntryInfo> {
    this.#check();
    options.signal?.throwIfAborted();
    for (const [key, { bytes, createdMs, accessedMs }] of this.#entries) {
      options.signal?.throwIfAborted();
      if (key.startsWith(options.prefix ?? '')) yield { key, bytes, createdMs, accessedMs };
    }
  }

  touch(key: string): void {
    const kept = this.#entries.get(key);
    if (kept === undefined) return;
    kept.accessedMs = Date.now();
    this.#entries.delete(key);
    this.#entries.set(key, kept);
  }

  /** Its holder is this thread: no time runs out. */
  async lease(key: string, options: LeaseOptions): Promise<Lease | undefined> {
    options.signal?.throwIfAborted();
    this.#check(key);
    if (this.#leases.has(key)) return undefined;
    const token = randomUUID();
    this.#leases.set(key, token);
    const held = (): boolean => this.#leases.get(key) === token;
    const release = async (): Promise<void> => {
      if (held()) this.#leases.delete(key);
    };
    return { token, isHeld: async () => held(), release, [Symbol.asyncDispose]: release };
  }

  onEvent(listener: (event: StoreEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#entries.clear();
    this.#leases.clear();
    this.#bytes = 0;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #drop(key: string): boolean {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    return this.#entries.delete(key);
  }

  #check(key?: string): void {
    if (this.#closed) throw closedError(this.name);
    if (key !== undefined) checkKey(key, this.name);
  }
}

/** The error of a store that was used after `close`. */
export function closedError(store: string): StoreError {
  return new StoreError('ERR_STORE_CLOSED', store, 'it is closed. Open the store again.');
}

const ALIGN = 64;

/** Copies of the parts, in `into` where they fit, each at a multiple of 64. */
function copyParts(parts: readonly Uint8Array[], into: Uint8Array | undefined): Uint8Array[] {
  if (into === undefined) return parts.map((part) => new Uint8Array(part));
  let end = 0;
  const starts = parts.map((part) => {
    const start = Math.ceil(end / ALIGN) * ALIGN;
    end = start + part.byteLength;
    return start;
  });
  if (end > into.byteLength) return parts.map((part) => new Uint8Array(part));
  return parts.map((part, index) => {
    const start = starts[index] ?? 0;
    into.set(part, start);
    return into.subarray(start, start + part.byteLength);
  });
}
