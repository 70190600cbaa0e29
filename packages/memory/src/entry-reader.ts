import type { Entry, Store } from '@jobloom/stores';
import { type Core, coreOf } from './core.ts';
import type { Definition } from './definition.ts';
import { factsOf, UnusableEntry, whyUnusable } from './entry.ts';
import type { MemoryEvent } from './events.ts';
import type { OpenedStore } from './opened-store.ts';
import type { EntryMeta } from './options.ts';
import { milliseconds } from './quantities.ts';

/** There is no entry that counts. */
export const MISS: unique symbol = Symbol('miss');
/** The store could not be asked. */
export const FAULT: unique symbol = Symbol('fault');

/** Entries up to this size are read without a turn of the event loop. */
const SMALL = 64 * 1024;

/** Reads the entries of one memoized function, and says which count. */
export class EntryReader {
  readonly #definition: Definition;
  readonly #core: Core;
  readonly #expiresMs: number;
  readonly #into: { readonly into?: Uint8Array };
  /** The last entry that was read was a large one. */
  #isLarge = false;

  constructor(definition: Definition) {
    const { expiresAfter, into } = definition.options;
    this.#definition = definition;
    this.#core = coreOf(definition.memory);
    this.#expiresMs =
      expiresAfter === undefined ? Number.POSITIVE_INFINITY : milliseconds('expiresAfter', expiresAfter);
    this.#into = into === undefined ? {} : { into };
  }

  /**
   * The value of the entry of a key, MISS or FAULT; a promise only where it takes time.
   * @param again it was looked for a moment ago: nobody is told once more that there is one that doesn't count
   */
  lookup({ store }: OpenedStore, key: string, args: unknown[], again = false): unknown {
    if (store.getSync === undefined || this.#isLarge) return this.#later(store, key, args, again);
    let entry: Entry | undefined;
    try {
      entry = store.getSync(key, this.#into);
    } catch (error) {
      this.#core.fault('get', key, error);
      return FAULT;
    }
    return entry === undefined ? MISS : this.#take(store, entry, args, again);
  }

  async #later(store: Store, key: string, args: unknown[], again: boolean): Promise<unknown> {
    let entry: Entry | undefined;
    try {
      entry = await store.get(key, this.#into);
    } catch (error) {
      this.#core.fault('get', key, error);
      return FAULT;
    }
    return entry === undefined ? MISS : this.#take(store, entry, args, again);
  }

  /** The value of an entry, if it counts. */
  #take(store: Store, entry: Entry, args: unknown[], again: boolean): unknown {
    this.#isLarge = entry.bytes > SMALL;
    const { label: name } = this.#definition;
    const { key } = entry;
    if (this.#isOld(entry)) return this.#ignore({ type: 'expired', function: name, key }, again);
    const validity = this.#validity(entry, args);
    const judge = (isValid: boolean): unknown =>
      isValid ? this.#open(store, entry, again) : this.#ignore({ type: 'invalid', function: name, key }, again);
    return typeof validity === 'boolean' ? judge(validity) : validity.then(judge);
  }

  #open(store: Store, entry: Entry, again: boolean): unknown {
    const value = this.#core.open(entry, this.#into.into !== undefined);
    if (value instanceof Promise) return value.then((later: unknown) => this.#opened(store, entry, later, again));
    return this.#opened(store, entry, value, again);
  }

  #opened(store: Store, entry: Entry, value: unknown, again: boolean): unknown {
    const { key } = entry;
    const { label } = this.#definition;
    if (value instanceof UnusableEntry)
      return this.#ignore({ type: value.type, function: label, key, detail: value.detail }, again);
    const core = this.#core;
    core.counts.hits += 1;
    core.counts.savedMs += factsOf(entry)?.durationMs ?? 0;
    store.touch?.(key);
    if (core.hearsHits) core.tell({ type: 'hit', function: label, key });
    return value;
  }

  #ignore(event: MemoryEvent, again: boolean): typeof MISS {
    if (!again) {
      this.#core.counts.ignored += 1;
      this.#core.tell(event);
    }
    return MISS;
  }

  #isOld({ createdMs }: Entry): boolean {
    return Date.now() - createdMs > this.#expiresMs;
  }

  #validity(entry: Entry, args: unknown[]): boolean | Promise<boolean> {
    const { validate } = this.#definition.options;
    return validate === undefined || validate(this.#metaOf(entry), args);
  }

  #metaOf(entry: Entry): EntryMeta {
    const { key, bytes, createdMs } = entry;
    const ageMs = Math.max(0, Date.now() - createdMs);
    const durationMs = factsOf(entry)?.durationMs ?? 0;
    return { function: this.#definition.label, key, bytes, durationMs, createdMs, ageMs };
  }

  /** Why an entry would not answer a call; undefined when it would. */
  async judge(entry: Entry, args: unknown[]): Promise<'expired' | 'invalid' | UnusableEntry | undefined> {
    if (this.#isOld(entry)) return 'expired';
    if (!(await this.#validity(entry, args))) return 'invalid';
    const value = await this.#core.open(entry, false);
    return value instanceof UnusableEntry ? value : undefined;
  }

  /** Whether there is an entry that counts, without its value. */
  async has({ store }: OpenedStore, key: string, args: unknown[]): Promise<boolean> {
    let entry: Entry | undefined;
    try {
      entry = await store.get(key, this.#core.secret === undefined ? { headOnly: true } : {});
    } catch (error) {
      this.#core.fault('get', key, error);
    }
    if (entry === undefined || this.#isOld(entry)) return false;
    return whyUnusable(entry, this.#core.secret) === undefined && (await this.#validity(entry, args));
  }
}
