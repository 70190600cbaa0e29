import { REDUCE } from '@jobloom/codec';
import type { StoreLocation } from '@jobloom/stores';
import { Core, coreOf, setCore } from './core.ts';
import { define } from './define.ts';
import { UnusableEntry } from './entry.ts';
import type { MemoryEvent } from './events.ts';
import { evict, type Reduction } from './evict.ts';
import { LimitKeeper } from './limit-keeper.ts';
import { type Memoized, makeMemoized } from './memoized.ts';
import { acquire, type OpenedStore, release, travelling } from './opened-store.ts';
import { type CacheOptions, checkMemoryOptions, type Limits, limitsOf, type MemoryOptions } from './options.ts';
import { CODES, ENTRIES } from './prefixes.ts';
import { Shelved, type ShelvedData } from './shelved.ts';
import type { MemoryStats } from './stats.ts';
import { type Verified, verifyEntries } from './verify.ts';

/** Options that came from another thread, process or host. */
const TRAVELLED: unique symbol = Symbol.for('jobloom.memory.travelled') as never;
type Travelled = MemoryOptions & { readonly [TRAVELLED]?: true };

/** Inner halves by what a Memory is as data: one that comes back, or comes again, goes on with what is here. */
const known = new Map<string, Core>();

/**
 * Keeps the results of functions in a store, as joblib.Memory does: in a folder, Redis, S3, or tiers of them.
 * Code and arguments are the key. What goes wrong with the store never fails a call: the value is computed, and
 * `onEvent` hears of it. It travels to tasks with the functions that it memoized, and opens the same store there.
 *
 * @example
 * await using memory = new Memory({ location: './cache' });
 * const slow = memory.cache(async (x: number) => x ** 2);
 * await slow(3); // runs; from now on, and in every program, it is read
 *
 * @throws OptionError for options that don't exist or don't fit; StoreError for a location that is none
 */
export class Memory implements AsyncDisposable {
  /** Where it stores, as other threads, processes and hosts open it: folders are absolute. Null where nothing else can. */
  readonly location: StoreLocation | null;
  readonly #options: MemoryOptions;
  #toldOfThread = false;

  constructor(options: MemoryOptions) {
    const { location = null, store = location, verbose = 0, hmacKey, limits, onEvent } = options;
    const isTravelled = (options as Travelled)[TRAVELLED] === true;
    if (!isTravelled) checkMemoryOptions(options);
    this.#options = options;
    this.location = store === null ? null : travelling(store);
    const here = isTravelled ? known.get(this.#name()) : undefined;
    if (here !== undefined) {
      setCore(this, here);
      return;
    }
    const exact = limits === undefined ? undefined : limitsOf('limits', limits);
    const opening = store === null ? {} : opened(store, isTravelled);
    const core = new Core({
      opened: opening.opened,
      verbose,
      secret: typeof hmacKey === 'string' ? Buffer.from(hmacKey) : hmacKey,
      limiter: exact && new LimitKeeper(exact, ENTRIES),
    });
    setCore(this, core);
    if (onEvent !== undefined) core.listeners.add(onEvent);
    if ('error' in opening) core.fault('open', undefined, opening.error);
    if (!known.has(this.#name())) known.set(this.#name(), core);
  }

  /** Who sees what it stores: this thread only, all processes of this host, any host; undefined where nothing is stored. */
  get sharedBy(): 'thread' | 'host' | 'network' | undefined {
    return coreOf(this).opened?.store.capabilities.sharedBy;
  }

  /**
   * The function with its results kept. Its code is looked at now, with everything that it uses, and is part of every
   * key: see `fingerprint`. Arguments are bound to its parameters and hashed: see `hash`. Errors that it throws are not kept.
   *
   * @throws OptionError
   * @example
   * const score = memory.cache(train, { ignore: ['verbose'], expiresAfter: '1d' });
   */
  cache<F extends (...args: never[]) => unknown>(
    fn: F,
    options: CacheOptions<Parameters<F>, ReturnType<F>> = {},
  ): Memoized<Parameters<F>, ReturnType<F>, ThisParameterType<F>> {
    const { compress, code, singleFlight } = this.#options;
    const defaults = {
      ...(compress !== undefined && { compress }),
      ...(code !== undefined && { code }),
      ...(singleFlight !== undefined && { singleFlight }),
    };
    const definition = define(this, fn, { ...defaults, ...options } as CacheOptions);
    return makeMemoized(definition) as unknown as ReturnType<typeof this.cache<F>>;
  }

  /** A reference that was `JSON.stringify(reference)` in another program. */
  reference<T = unknown>({ key, function: label }: ShelvedData): Shelved<T> {
    return new Shelved<T>(this, key, label);
  }

  /** Removes entries, those that were not used for longest first, until all limits hold. @throws OptionError, StoreError */
  async reduceSize(limits: Limits): Promise<Reduction> {
    const exact = limitsOf('reduceSize', limits);
    const store = coreOf(this).opened?.store;
    if (store === undefined) return { entries: 0, bytes: 0 };
    const { entries, bytes } = await evict(store, ENTRIES, exact);
    return { entries, bytes };
  }

  /** Removes all entries of all functions. Gives how many there were. @throws StoreError */
  async clear(): Promise<number> {
    const count = await this.deleteUnder(ENTRIES);
    await this.deleteUnder(CODES);
    coreOf(this).opened?.described.clear();
    return count;
  }

  /** What happened in this process so far. */
  stats(): MemoryStats {
    return { ...coreOf(this).counts };
  }

  /** Reads every entry. Those that are damaged are set aside by the store. @throws StoreError */
  async verify(): Promise<Verified> {
    return verifyEntries(coreOf(this));
  }

  /** Calls back for what happens besides answers. Gives what ends it. */
  onEvent(listener: (event: MemoryEvent) => void): () => void {
    const own = (event: MemoryEvent): void => listener(event);
    coreOf(this).listeners.add(own);
    return () => void coreOf(this).listeners.delete(own);
  }

  /** Ends connections and background work of the store, once nobody here uses it any more. A store that was given stays open. Calls go on, without a store. */
  async close(): Promise<void> {
    const core = coreOf(this);
    if (core.closed) return;
    core.close();
    if (known.get(this.#name()) === core) known.delete(this.#name());
    if (core.opened !== undefined) await release(core.opened);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal How it travels: what it hears of stays here. */
  reduce(): unknown[] {
    const { location, store = location } = this.#options;
    if (store !== null && store !== undefined && this.sharedBy === 'thread' && !this.#toldOfThread) {
      this.#toldOfThread = true;
      const detail = `${coreOf(this).opened?.store.name} lives in one thread: workers that a function is sent to ${this.location === null ? 'compute without it' : 'have one of their own'}`;
      coreOf(this).tell({ type: 'degraded', capability: 'sharedBy', detail });
    }
    return [Memory, this.#data()];
  }

  /** @internal The value of an entry, whatever function it is of. @throws StoreError */
  async readEntry(key: string, label: string, into?: Uint8Array): Promise<{ readonly value: unknown } | undefined> {
    const { opened } = coreOf(this);
    const entry = await opened?.store.get(key, into === undefined ? {} : { into });
    if (entry === undefined) return undefined;
    const value = await coreOf(this).open(entry, into !== undefined);
    if (!(value instanceof UnusableEntry)) return { value };
    coreOf(this).tell({ type: value.type, function: label, key, detail: value.detail });
    return undefined;
  }

  /** @internal @throws StoreError */
  async deleteKeys(keys: readonly string[]): Promise<number> {
    return (await coreOf(this).opened?.store.delete(keys)) ?? 0;
  }

  /** @internal @throws StoreError */
  async deleteUnder(prefix: string): Promise<number> {
    const store = coreOf(this).opened?.store;
    if (store === undefined) return 0;
    const keys: string[] = [];
    for await (const { key } of store.list({ prefix })) keys.push(key);
    return keys.length === 0 ? 0 : store.delete(keys);
  }

  #data(): Travelled {
    const { store: _store, location: _location, onEvent: _onEvent, ...others } = this.#options;
    return { ...others, location: this.location, [TRAVELLED]: true };
  }

  #name(): string {
    const { hmacKey, ...others } = this.#data();
    return JSON.stringify([others, hmacKey === undefined ? null : Buffer.from(hmacKey).toString('hex')]);
  }
}

Object.defineProperty(Memory.prototype, REDUCE, {
  value(this: Memory) {
    return this.reduce();
  },
});

/** A location of another host need not be one here: a scheme that nobody registered, say. */
function opened(store: StoreLocation, isTravelled: boolean): { opened?: OpenedStore; error?: unknown } {
  try {
    return { opened: acquire(store) };
  } catch (error) {
    if (!isTravelled) throw error;
    return { error };
  }
}
