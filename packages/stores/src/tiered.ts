import { StoreError } from './errors.ts';
import { Listeners, type StoreEvent } from './events.ts';
import { closedError } from './memory-store.ts';
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

/**
 * Several stores as one, the fastest first. Reads go down until a tier has the entry, and bring it to the tiers above.
 * Writes go to all tiers; the last one decides. A tier for which an entry is too large is passed over. Leases come from
 * the lowest tier that has them. What fails in a tier above the last is a `fault` event, and the tiers below serve.
 * Closing it closes all tiers.
 *
 * @example
 * const store = tiered([memoryStore({ maxBytes: 2 ** 28 }), diskStore('./cache'), s3Store({ bucket: 'results' })]);
 */
export function tiered(tiers: readonly Store[]): Store {
  const [first] = tiers;
  if (first === undefined)
    throw new StoreError('ERR_STORE_LOCATION', 'tiered', 'a list of tiers needs one store at least.');
  const store = new TieredStore(tiers);
  if (!store.capabilities.sync) Object.assign(store, { getSync: undefined, putSync: undefined });
  return store;
}

class TieredStore implements Store {
  readonly name: string;
  readonly #tiers: readonly Store[];
  readonly #last: Store;
  readonly #listeners = new Listeners();
  readonly #background = new Set<Promise<void>>();
  readonly #unsubscribe: readonly (() => void)[];
  #closed = false;

  constructor(tiers: readonly Store[]) {
    this.#tiers = tiers;
    this.#last = tiers[tiers.length - 1] as Store;
    this.name = `tiered(${tiers.map((tier) => tier.name).join(', ')})`;
    this.#unsubscribe = tiers.flatMap((tier) => tier.onEvent?.((event) => this.#listeners.tell(event)) ?? []);
  }

  get capabilities(): StoreCapabilities {
    const all = this.#tiers.map((tier) => tier.capabilities);
    const { sharedBy, createIfAbsent } = this.#last.capabilities;
    return {
      sharedBy,
      createIfAbsent,
      sync: all.every((each) => each.sync),
      leases: all.some((each) => each.leases),
      accessTimes: this.#last.capabilities.accessTimes,
      maxValueBytes: Math.max(...all.map((each) => each.maxValueBytes)),
    };
  }

  async open(options: OperationOptions = {}): Promise<void> {
    this.#check();
    for (const tier of this.#tiers) {
      if (tier === this.#last) await tier.open?.(options);
      else await this.#above(tier, 'open', options.signal, async () => tier.open?.(options));
    }
  }

  async get(key: string, options: GetOptions = {}): Promise<Entry | undefined> {
    this.#check();
    for (const [depth, tier] of this.#tiers.entries()) {
      const read = (): Promise<Entry | undefined> => tier.get(key, options);
      const entry = tier === this.#last ? await read() : await this.#above(tier, `get of ${key}`, options.signal, read);
      if (entry === undefined) continue;
      if (options.headOnly !== true) await this.#backfill(depth, entry);
      return entry;
    }
    return undefined;
  }

  getSync(key: string, options: ReadOptions = {}): Entry | undefined {
    this.#check();
    for (const [depth, tier] of this.#tiers.entries()) {
      const entry = this.#try(tier, `get of ${key}`, () => tier.getSync?.(key, options));
      if (entry === undefined) continue;
      if (options.headOnly !== true) {
        for (const above of this.#tiers.slice(0, depth))
          if (fits(above, entry)) this.#try(above, `backfill of ${key}`, () => above.putSync?.(key, entry));
      }
      return entry;
    }
    return undefined;
  }

  async put(key: string, payload: Payload, options: PutOptions = {}): Promise<PutResult> {
    this.#check();
    const [failed, result] = await attempt(() => this.#putLast(key, payload, options));
    if (result === 'exists') return result; // the tiers above take over what is there when it is read
    for (const tier of this.#tiers.slice(0, -1)) {
      if (!fits(tier, payload)) continue;
      const { signal } = options;
      await this.#above(tier, `put of ${key}`, signal, () =>
        tier.put(key, payload, signal === undefined ? {} : { signal }),
      );
    }
    if (failed !== undefined) throw failed.error;
    return 'stored';
  }

  putSync(key: string, payload: Payload, options: { readonly ifAbsent?: boolean } = {}): PutResult {
    this.#check();
    if (this.#last.putSync?.(key, payload, options) === 'exists') return 'exists';
    for (const tier of this.#tiers.slice(0, -1))
      if (fits(tier, payload)) this.#try(tier, `put of ${key}`, () => tier.putSync?.(key, payload));
    return 'stored';
  }

  async delete(keys: Iterable<string>, options: OperationOptions = {}): Promise<number> {
    this.#check();
    const all = [...keys];
    const counts: number[] = [];
    for (const tier of this.#tiers) {
      const remove = (): Promise<number> => tier.delete(all, options);
      counts.push((await (tier === this.#last ? remove() : this.#above(tier, 'delete', options.signal, remove))) ?? 0);
    }
    return Math.max(...counts);
  }

  /** Entries of all tiers, each once; the lowest that has one describes it. */
  async *list(options: ListOptions = {}): AsyncGenerator<EntryInfo> {
    this.#check();
    const seen = new Set<string>();
    for (const tier of [...this.#tiers].reverse()) {
      try {
        for await (const info of tier.list(options)) {
          if (seen.has(info.key)) continue;
          seen.add(info.key);
          yield info;
        }
      } catch (error) {
        if (tier === this.#last || options.signal?.aborted === true) throw error;
        this.#fault(tier, 'list', error);
      }
    }
  }

  touch(key: string): void {
    for (const tier of this.#tiers) tier.touch?.(key);
  }

  async lease(key: string, options: LeaseOptions): Promise<Lease | undefined> {
    this.#check();
    const tier = this.#tiers.findLast((each) => each.lease !== undefined && each.capabilities.leases);
    if (tier?.lease === undefined)
      throw new StoreError('ERR_STORE_UNSUPPORTED', this.name, 'none of its tiers has leases.');
    return tier.lease(key, options);
  }

  onEvent(listener: (event: StoreEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#background);
    await Promise.all(this.#tiers.map((tier) => tier.close()));
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The last tier's word; with an entry that it cannot take, the lowest tier that can. */
  async #putLast(key: string, payload: Payload, options: PutOptions): Promise<PutResult> {
    const lowest = this.#tiers.findLast((tier) => fits(tier, payload)) ?? this.#last;
    return lowest.put(key, payload, options);
  }

  /** In time for the caller to be free to do with the entry's memory what it likes: a store's `put` may read it until it settles. */
  async #backfill(depth: number, entry: Entry): Promise<void> {
    for (const tier of this.#tiers.slice(0, depth)) {
      if (!fits(tier, entry)) continue;
      const work = this.#above(tier, `backfill of ${entry.key}`, undefined, () => tier.put(entry.key, entry));
      const tracked = work.then(() => undefined);
      this.#background.add(tracked);
      await tracked;
      this.#background.delete(tracked);
    }
  }

  /** Work in a tier above the last: it may fail, with an event. An abort is the caller's. */
  async #above<T>(
    tier: Store,
    what: string,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (signal?.aborted === true) throw error;
      if (error instanceof StoreError && error.code === 'ERR_STORE_KEY') throw error;
      this.#fault(tier, what, error);
      return undefined;
    }
  }

  #try<T>(tier: Store, what: string, work: () => T): T | undefined {
    if (tier === this.#last) return work();
    try {
      return work();
    } catch (error) {
      if (error instanceof StoreError && error.code === 'ERR_STORE_KEY') throw error;
      this.#fault(tier, what, error);
      return undefined;
    }
  }

  #fault(tier: Store, operation: string, error: unknown): void {
    this.#listeners.tell({ type: 'fault', store: tier.name, operation, error: error as Error });
  }

  #check(): void {
    if (this.#closed) throw closedError(this.name);
  }
}

function fits(tier: Store, { head, parts }: Payload): boolean {
  const bytes = parts.reduce((sum, part) => sum + part.byteLength, head.byteLength);
  return bytes <= tier.capabilities.maxValueBytes;
}

async function attempt<T>(
  work: () => Promise<T>,
): Promise<[failed: { error: unknown } | undefined, value: T | undefined]> {
  try {
    return [undefined, await work()];
  } catch (error) {
    return [{ error }, undefined];
  }
}
