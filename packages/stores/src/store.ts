import type { StoreEvent } from './events.ts';

/**
 * Bytes under keys. Each entry is immutable: readers see all of what one `put` stored, or nothing.
 * Five methods are required; what only some stores can do is an optional method, and `capabilities` says
 * as data what callers may count on.
 *
 * A key has 1 to 512 characters: segments of letters, digits and `. _ ~ @ = -`, split by `/`, none longer than 200
 * and none beginning with a dot. `checkKey` is the test.
 *
 * Operations reject with `StoreError` when the store fails them, with the reason of `signal` when that aborts.
 * A store connects on first use. Times are those of the store's own clock, which need not be this host's.
 */
export interface Store extends AsyncDisposable {
  /** For people: kind and place, without secrets. */
  readonly name: string;
  /** What `openStore` opens the same store from, in another process or on another host; absent where nothing does. */
  readonly location?: string;
  readonly capabilities: StoreCapabilities;
  /** The entry, or undefined when there is none. One that is damaged is set aside, told as an event, and is none. */
  get(key: string, options?: GetOptions): Promise<Entry | undefined>;
  /** `'stored'`: readers see this payload from now on. `'exists'`: `ifAbsent` was asked for and there was an entry, which stays. */
  put(key: string, payload: Payload, options?: PutOptions): Promise<PutResult>;
  /** Removes entries; keys without one are passed over. Gives how many there were. */
  delete(keys: Iterable<string>, options?: OperationOptions): Promise<number>;
  /** Sizes and times of entries, as they are found: in no order, without a snapshot. */
  list(options?: ListOptions): AsyncIterable<EntryInfo>;
  /** Gives back leases, ends connections and background work. Closing again is fine; anything else then fails. */
  close(): Promise<void>;

  /** Connects and finds out what the server can do; `capabilities` is exact afterwards. Otherwise this happens on first use. */
  open?(options?: OperationOptions): Promise<void>;
  /** `get` and `put` without a turn of the event loop, where `capabilities.sync`. */
  getSync?(key: string, options?: ReadOptions): Entry | undefined;
  putSync?(key: string, payload: Payload, options?: { readonly ifAbsent?: boolean }): PutResult;
  /** Notes that an entry was used, for `accessedMs`. Costs nothing now: notes are written in batches, at most one a minute and key. */
  touch?(key: string): void;
  /**
   * The right to be the only one to compute a key, or undefined while another holds it. It holds until released: a helper
   * thread renews it, so that a busy event loop does not lose it. When its process dies or freezes it is free again
   * after `ttlMs` or little more. It saves work and does not guard entries: those are published whole, whoever holds what.
   */
  lease?(key: string, options: LeaseOptions): Promise<Lease | undefined>;
  /** Calls back for what happens besides answers. Gives what ends it. */
  onEvent?(listener: (event: StoreEvent) => void): () => void;
}

/** What a store can do, as data. */
export interface StoreCapabilities {
  /** Who sees its entries: this thread only, all processes of this host, or any host. */
  readonly sharedBy: 'thread' | 'host' | 'network';
  /** `getSync` and `putSync` are there. */
  readonly sync: boolean;
  /** Of racing `put`s with `ifAbsent`, exactly one gives `'stored'`. */
  readonly createIfAbsent: boolean;
  /** `lease` is there and excludes others. */
  readonly leases: boolean;
  /** `touch` is there: `accessedMs` follows use. Elsewhere it is when the entry was stored. */
  readonly accessTimes: boolean;
  /** Larger entries are refused with `ERR_STORE_TOO_LARGE`. */
  readonly maxValueBytes: number;
}

/** What is stored: a small head that can be read alone, and bulk parts. Each part of an entry that was read is aligned for any typed array. */
export interface Payload {
  readonly head: Uint8Array;
  readonly parts: readonly Uint8Array[];
}

/** An entry that was read. Its bytes belong to the reader; those in `into` until the next read into that. */
export interface Entry extends Payload, EntryInfo {}

export interface EntryInfo {
  readonly key: string;
  /** What it takes in the store, in bytes, with its header. */
  readonly bytes: number;
  /** When it was stored, in ms since 1970. */
  readonly createdMs: number;
  /** When it was last used, where `capabilities.accessTimes`, or else stored. As `list` gives it; `get` may give an older time. */
  readonly accessedMs: number;
}

export interface OperationOptions {
  readonly signal?: AbortSignal;
}

export interface ReadOptions {
  /** Read the parts into this memory where they fit, instead of fresh memory, which costs several times more for large ones. Aligned to 64 bytes at best. */
  readonly into?: Uint8Array;
  /** Read the head and no parts. */
  readonly headOnly?: boolean;
}

export interface GetOptions extends OperationOptions, ReadOptions {}

export interface PutOptions extends OperationOptions {
  /** Leave an entry that is there as it is. */
  readonly ifAbsent?: boolean;
}

export interface ListOptions extends OperationOptions {
  /** Keys that begin with this, whole segments or not. */
  readonly prefix?: string;
}

export interface LeaseOptions extends OperationOptions {
  /** How long a holder that died or froze keeps others out. 1,000 at least. */
  readonly ttlMs: number;
}

export type PutResult = 'stored' | 'exists';

/** A key that nobody else computes now. */
export interface Lease extends AsyncDisposable {
  /** Differs from lease to lease. */
  readonly token: string;
  /** Whether it is still held: not, when its renewal failed for longer than its time and somebody else has it. */
  isHeld(options?: OperationOptions): Promise<boolean>;
  /** Others may take the key. Releasing again is fine. */
  release(): Promise<void>;
}
