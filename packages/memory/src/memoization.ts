import { UnserializableError } from '@jobloom/codec';
import type { Lease } from '@jobloom/stores';
import { callId } from './call-key.ts';
import { type Compressor, compressorHere } from './compression.ts';
import { type Core, coreOf } from './core.ts';
import { settleCode } from './define.ts';
import type { Definition } from './definition.ts';
import { describeCode } from './described-code.ts';
import { writeEntry } from './entry.ts';
import { EntryReader, FAULT, MISS } from './entry-reader.ts';
import { type Explanation, explainCall } from './explain.ts';
import type { OpenedStore, Outcome } from './opened-store.ts';
import { type Flight, flightOf } from './options.ts';
import { Shelved } from './shelved.ts';
import { takeTurn } from './single-flight.ts';

/** Calls that all took less are not guarded across processes: a lease costs more than computing twice. */
const QUICK_MS = 1;

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
  readonly #reader: EntryReader;
  /** The longest that a call took; undefined before the first. */
  #longestMs: number | undefined;

  constructor(definition: Definition) {
    const { options } = definition;
    this.#definition = definition;
    this.#core = coreOf(definition.memory);
    this.#flight = flightOf(options.singleFlight);
    this.#compressor = compressorHere(options.compress ?? false);
    this.#reader = new EntryReader(definition);
  }

  async call(given: unknown, args: unknown[]): Promise<unknown> {
    const self = this.#self(given);
    const opened = this.#core.ready;
    if (opened === undefined) return (await this.#run(self, args, '')).value;
    const key = this.#keyOf(self, args);
    if (!opened.flights.has(key)) {
      let found = this.#reader.lookup(opened, key, args);
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
    return opened !== undefined && (await this.#reader.has(opened, this.#keyOf(this.#self(given), args), args));
  }

  async callAndShelve(given: unknown, args: unknown[]): Promise<Shelved<unknown>> {
    const self = this.#self(given);
    const { memory, label } = this.#definition;
    const opened = this.#core.ready;
    const key = opened === undefined ? '' : this.#keyOf(self, args);
    if (opened !== undefined && (await this.#reader.has(opened, key, args))) {
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
    return explainCall(this.#definition, id, (entry) => this.#reader.judge(entry, args));
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

  /** Computes a key, or waits for who does. */
  async #once(opened: OpenedStore, key: string, self: unknown, args: unknown[]): Promise<Outcome> {
    const { flights } = opened;
    for (let flight = flights.get(key); flight !== undefined; flight = flights.get(key)) {
      this.#core.counts.waits += 1;
      const outcome = await flight;
      if (!outcome.stored || !isObject(outcome.value)) return outcome;
      const found = await this.#reader.lookup(opened, key, args); // a copy of one's own
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
    const found = await this.#reader.lookup(opened, key, args, true);
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
      await describeCode(opened, this.#definition);
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
