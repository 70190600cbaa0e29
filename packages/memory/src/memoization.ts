import { UnserializableError } from '@jobloom/codec';
import type { Entry, Lease, Store } from '@jobloom/stores';
import { callId } from './call-key.ts';
import { type Compressor, compressorOf } from './compression.ts';
import { type Core, coreOf } from './core.ts';
import { settleCode } from './define.ts';
import type { Definition } from './definition.ts';
import { describeCode } from './described-code.ts';
import { factsOf, UnusableEntry, whyUnusable, writeEntry } from './entry.ts';
import { type Explanation, explainCall } from './explain.ts';
import type { OpenedStore, Outcome } from './opened-store.ts';
import { type EntryMeta, type Flight, flightOf } from './options.ts';
import { milliseconds } from './quantities.ts';
import { Shelved } from './shelved.ts';
import { takeTurn } from './single-flight.ts';

/** There is no entry that counts. */
const MISS: unique symbol = Symbol('miss');
/** The store could not be asked. */
const FAULT: unique symbol = Symbol('fault');

/** Calls that all took less are not guarded across processes: a lease costs more than computing twice. */
const QUICK_MS = 1;
/** Entries up to this size are read without a turn of the event loop. */
const SMALL = 64 * 1024;

const memoizations = new WeakMap<Definition, Memoization>();

export function memoizationOf(definition: Definition): Memoization {
  let found = memoizations.get(definition);
  if (found === undefined) {
    found = new Memoization(definition);
    memoizations.set(definition, found);
  }
  return found;
}

/** A call of a memoized function. */
export function callMemoized(definition: Definition, self: unknown, args: unknown[]): Promise<unknown> {
  return memoizationOf(definition).call(self, args);
}

/** What a memoized function does in this thread. */
export class Memoization {
  readonly #definition: Definition;
  readonly #core: Core;
  readonly #flight: Flight | undefined;
  readonly #compressor: Compressor | undefined;
  readonly #expiresMs: number;
  readonly #into: { readonly into?: Uint8Array };
  /** The longest that a call took; undefined before the first. */
  #longestMs: number | undefined;
  /** The last entry that was read was a large one. */
  #isLarge = false;

  constructor(definition: Definition) {
    const { options } = definition;
    this.#definition = definition;
    this.#core = coreOf(definition.memory);
    this.#flight = flightOf(options.singleFlight);
    this.#compressor = compressorOf(options.compress ?? false);
    this.#expiresMs =
      options.expiresAfter === undefined
        ? Number.POSITIVE_INFINITY
        : milliseconds('expiresAfter', options.expiresAfter);
    this.#into = options.into === undefined ? {} : { into: options.into };
  }

  async call(given: unknown, args: unknown[]): Promise<unknown> {
    const self = this.#self(given);
    const opened = this.#core.ready;
    if (opened === undefined) return (await this.#run(self, args, '')).value;
    const key = this.#keyOf(self, args);
    if (!opened.flights.has(key)) {
      let found = this.#lookup(opened, key, args);
      if (found instanceof Promise) found = await found;
      if (found === FAULT) return (await this.#run(self, args, key)).value;
      if (found !== MISS) return found;
    }
    return (await this.#once(opened, key, self, args)).value;
  }

  async refresh(given: unknown, args: unknown[]): Promise<unknown> {
    const self = this.#self(given);
    const opened = this.#core.ready;
    const key = opened === undefined ? '' : this.#keyOf(self, args);
    return (await this.#run(self, args, key, opened)).value;
  }

  async check(given: unknown, args: unknown[]): Promise<boolean> {
    const opened = this.#core.ready;
    return opened !== undefined && (await this.#hasEntry(opened, this.#keyOf(this.#self(given), args), args));
  }

  async callAndShelve(given: unknown, args: unknown[]): Promise<Shelved<unknown>> {
    const self = this.#self(given);
    const { memory, label } = this.#definition;
    const opened = this.#core.ready;
    const key = opened === undefined ? '' : this.#keyOf(self, args);
    if (opened !== undefined && (await this.#hasEntry(opened, key, args))) {
      this.#core.counts.hits += 1;
      return new Shelved(memory, key, label);
    }
    const ready = this.#core.ready;
    const outcome = ready === undefined ? await this.#run(self, args, key) : await this.#once(ready, key, self, args);
    return new Shelved(memory, key, label, outcome.stored ? undefined : [outcome.value]);
  }

  async clearItem(given: unknown, args: unknown[]): Promise<boolean> {
    if (this.#core.opened === undefined) return false;
    return (await this.#definition.memory.deleteKeys([this.#keyOf(this.#self(given), args)])) > 0;
  }

  clear(): Promise<number> {
    return this.#definition.memory.deleteUnder(this.#definition.prefix);
  }

  explain(given: unknown, args: unknown[]): Promise<Explanation> {
    settleCode(this.#definition);
    const id = this.#core.opened === undefined ? '' : callId(this.#definition, this.#self(given), args);
    return explainCall(this.#definition, id, (entry) => this.#judge(entry, args));
  }

  #self(given: unknown): unknown {
    const { self } = this.#definition;
    return self === undefined ? given : self[0];
  }

  /** @throws UnhashableError */
  #keyOf(self: unknown, args: unknown[]): string {
    const definition = this.#definition;
    if (definition.isEarly) settleCode(definition);
    return `${definition.prefix}${definition.code.segment}/${callId(definition, self, args)}`;
  }

  /** The value of the entry of a key, MISS or FAULT; a promise only where it takes time. */
  #lookup(opened: OpenedStore, key: string, args: unknown[]): unknown {
    const { store } = opened;
    try {
      if (store.getSync === undefined || this.#isLarge) return this.#lookupLater(opened, key, args);
      const entry = store.getSync(key, this.#into);
      return entry === undefined ? MISS : this.#take(store, entry, args);
    } catch (error) {
      this.#core.fault('get', key, error);
      return FAULT;
    }
  }

  async #lookupLater({ store }: OpenedStore, key: string, args: unknown[]): Promise<unknown> {
    let entry: Entry | undefined;
    try {
      entry = await store.get(key, this.#into);
    } catch (error) {
      this.#core.fault('get', key, error);
      return FAULT;
    }
    return entry === undefined ? MISS : this.#take(store, entry, args);
  }

  /** The value of an entry, if it counts. */
  #take(store: Store, entry: Entry, args: unknown[]): unknown {
    this.#isLarge = entry.bytes > SMALL;
    const state = this.#isOld(entry) ? 'expired' : this.#definition.options.validate && this.#validity(entry, args);
    if (state instanceof Promise)
      return state.then((valid) => this.#value(store, entry, valid ? undefined : 'invalid'));
    return this.#value(store, entry, state === false ? 'invalid' : state === true ? undefined : state);
  }

  #value(store: Store, entry: Entry, problem: 'expired' | 'invalid' | undefined): unknown {
    const { key } = entry;
    if (problem !== undefined) {
      this.#ignored({ type: problem, function: this.#definition.label, key });
      return MISS;
    }
    const finish = (value: unknown): unknown => {
      if (value instanceof UnusableEntry) {
        this.#ignored({ type: value.type, function: this.#definition.label, key, detail: value.detail });
        return MISS;
      }
      const core = this.#core;
      core.counts.hits += 1;
      core.counts.savedMs += factsOf(entry)?.durationMs ?? 0;
      store.touch?.(key);
      if (core.hearsHits) core.tell({ type: 'hit', function: this.#definition.label, key });
      return value;
    };
    const value = this.#core.open(entry, this.#definition.options.into !== undefined);
    return value instanceof Promise ? value.then(finish) : finish(value);
  }

  #ignored(event: Parameters<Core['tell']>[0]): void {
    this.#core.counts.ignored += 1;
    this.#core.tell(event);
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
  async #judge(entry: Entry, args: unknown[]): Promise<'expired' | 'invalid' | UnusableEntry | undefined> {
    if (this.#isOld(entry)) return 'expired';
    if (!(await this.#validity(entry, args))) return 'invalid';
    const value = await this.#core.open(entry, false);
    return value instanceof UnusableEntry ? value : undefined;
  }

  async #hasEntry({ store }: OpenedStore, key: string, args: unknown[]): Promise<boolean> {
    try {
      const entry = await store.get(key, this.#core.secret === undefined ? { headOnly: true } : {});
      if (entry === undefined || this.#isOld(entry)) return false;
      return whyUnusable(entry, this.#core.secret) === undefined && (await this.#validity(entry, args));
    } catch (error) {
      this.#core.fault('get', key, error);
      return false;
    }
  }

  /** Computes a key, or waits for who does. */
  async #once(opened: OpenedStore, key: string, self: unknown, args: unknown[]): Promise<Outcome> {
    const { flights } = opened;
    for (let flight = flights.get(key); flight !== undefined; flight = flights.get(key)) {
      this.#core.counts.waits += 1;
      const outcome = await flight;
      if (!outcome.stored || !isObject(outcome.value)) return outcome;
      const found = await this.#lookup(opened, key, args); // a copy of one's own
      if (found !== MISS && found !== FAULT) return { value: found, stored: true };
    }
    const flight = this.#compute(opened, key, self, args);
    flights.set(key, flight);
    try {
      return await flight;
    } finally {
      flights.delete(key);
    }
  }

  /** Computes a key under its lease, unless it comes from elsewhere meanwhile. */
  async #compute(opened: OpenedStore, key: string, self: unknown, args: unknown[]): Promise<Outcome> {
    const { store } = opened;
    const flight = this.#guard(opened);
    if (flight === undefined) return this.#run(self, args, key, opened);
    let lease: Lease | undefined;
    try {
      const turn = await takeTurn(
        store,
        key,
        flight,
        () => this.#stored(opened, key, args),
        () => this.#waiting(key),
      );
      if (typeof turn === 'object' && 'found' in turn) return { value: turn.found, stored: true };
      if (typeof turn === 'object') lease = turn.lease;
    } catch (error) {
      this.#core.fault('lease', key, error);
      return this.#run(self, args, key, opened.hasLeases ? undefined : opened);
    }
    try {
      return await this.#run(self, args, key, opened);
    } finally {
      await lease?.release().catch((error: unknown) => this.#core.fault('release', key, error));
    }
  }

  #guard(opened: OpenedStore): Flight | undefined {
    const flight = this.#flight;
    if (flight === undefined || !opened.hasLeases) return undefined;
    const isQuick = this.#longestMs !== undefined && this.#longestMs < QUICK_MS;
    return isQuick && !flight.always ? undefined : flight;
  }

  #waiting(key: string): void {
    this.#core.counts.waits += 1;
    this.#core.tell({ type: 'waiting', function: this.#definition.label, key });
  }

  async #stored(opened: OpenedStore, key: string, args: unknown[]): Promise<{ found: unknown } | undefined> {
    const found = await this.#lookup(opened, key, args);
    return found === MISS || found === FAULT ? undefined : { found };
  }

  /** Runs the function, and stores what it gives where there is a store. */
  async #run(self: unknown, args: unknown[], key: string, opened?: OpenedStore): Promise<Outcome> {
    const core = this.#core;
    const start = performance.now();
    const result: unknown = Reflect.apply(this.#definition.fn, self, args);
    const value = isThenable(result) ? await result : result;
    const durationMs = performance.now() - start;
    this.#longestMs = Math.max(durationMs, this.#longestMs ?? 0);
    const stored = opened !== undefined && (await this.#store(opened, key, value, durationMs, args));
    core.counts.misses += 1;
    core.counts.computedMs += durationMs;
    if (core.opened !== undefined)
      core.tell({ type: 'computed', function: this.#definition.label, key, durationMs, stored });
    return { value, stored };
  }

  async #store(
    opened: OpenedStore,
    key: string,
    value: unknown,
    durationMs: number,
    args: unknown[],
  ): Promise<boolean> {
    const core = this.#core;
    const { cacheIf } = this.#definition.options;
    if (cacheIf !== undefined && !cacheIf(value, args)) return false;
    try {
      const payload = await writeEntry(value, { key, durationMs, compressor: this.#compressor, secret: core.secret });
      await describeCode(core, opened, this.#definition);
      await opened.store.put(key, payload);
      core.counts.stored += 1;
      const bytes = payload.parts.reduce((sum, part) => sum + part.byteLength, payload.head.byteLength);
      const removed = await core.limiter?.stored(opened.store, bytes);
      if (removed !== undefined && removed.entries > 0) {
        core.counts.evicted += removed.entries;
        core.tell({ type: 'evicted', ...removed });
      }
      return true;
    } catch (error) {
      if (error instanceof UnserializableError) {
        core.counts.unserializable += 1;
        core.tell({ type: 'unserializable', function: this.#definition.label, key, error });
      } else core.fault('put', key, error);
      return false;
    }
  }
}

function isObject(value: unknown): boolean {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && typeof (value as { then?: unknown }).then === 'function';
}
