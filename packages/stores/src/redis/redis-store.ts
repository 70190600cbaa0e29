import type { Redis } from 'ioredis';
import { StoreError } from '../errors.ts';
import { Listeners, type StoreEvent } from '../events.ts';
import { encodeFrame, FrameError } from '../frame.ts';
import { checkKey } from '../key.ts';
import { Keeper, type KeeperEvents } from '../lease/keeper.ts';
import { LocalKeeper } from '../lease/local-keeper.ts';
import { NetworkLeases } from '../lease/network-leases.ts';
import { closedError } from '../memory-store.ts';
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
  Store,
  StoreCapabilities,
} from '../store.ts';
import { TouchBatch } from '../touch-batch.ts';
import { RedisConnection } from './connection.ts';
import { answers, IndexedEntries } from './indexed-entries.ts';
import { entryKey, indexes, leaseKey } from './names.ts';
import { readValue } from './read-value.ts';
import { type RedisRenewerConfig, renewerOn } from './renewer.ts';
import { NOTE_ENTRY, RELEASE } from './scripts.ts';

/** A `Redis` or `Cluster` of ioredis that is connected or connects by itself. */
export interface RedisClient {
  readonly status: string;
  disconnect(): void;
}

export interface RedisStoreOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://` for TLS. Default: this host. */
  readonly url?: string;
  /** A client of yours instead: it stays yours to close, and its leases are renewed by this thread. */
  readonly client?: RedisClient;
  /** Names the store within the database. Default `'jobloom'`. In a cluster all of a store is in one slot. */
  readonly prefix?: string;
  /** For each operation, in ms; a value that is sent gets another ms a kilobyte, one that comes has time while it comes. Default 5,000. */
  readonly timeoutMs?: number;
  /** Larger entries are refused. Default 64 MiB, at most 512 MB, which is where Redis breaks the connection. */
  readonly maxValueBytes?: number;
}

const PAGE = 500;
const HARD_LIMIT = 512 * 1000 * 1000;

/** A store in a Redis database, version 5 or later, through the package ioredis, which is loaded on first use. */
export function redisStore(options: RedisStoreOptions = {}): Store {
  const {
    url = 'redis://127.0.0.1:6379',
    client,
    prefix = 'jobloom',
    timeoutMs = 5_000,
    maxValueBytes = 64 * 2 ** 20,
  } = options;
  const refuse = (problem: string): never => {
    throw new StoreError('ERR_STORE_LOCATION', 'redis', problem);
  };
  if (!/^[^{}\s]+$/.test(prefix)) refuse(`prefix is ${JSON.stringify(prefix)}. It must have no braces and no spaces.`);
  if (!(timeoutMs > 0)) refuse(`timeoutMs is ${timeoutMs}. It must be above 0.`);
  if (!(maxValueBytes > 0 && maxValueBytes <= HARD_LIMIT))
    refuse(`maxValueBytes is ${maxValueBytes}. It must be 1 to ${HARD_LIMIT}.`);
  if (!URL.canParse(url)) refuse(`url is not a URL. Its form is redis://user:password@host:6379/0.`);
  return new RedisStore({ url, prefix, timeoutMs, maxValueBytes }, client);
}

type Settings = Required<Omit<RedisStoreOptions, 'client'>>;

class RedisStore implements Store {
  readonly name: string;
  readonly location?: string;
  readonly capabilities: StoreCapabilities;
  readonly #connection: RedisConnection;
  readonly #prefix: string;
  readonly #indexes: ReturnType<typeof indexes>;
  readonly #entries: IndexedEntries;
  readonly #listeners = new Listeners();
  readonly #touches: TouchBatch;
  readonly #leases: NetworkLeases;
  /** The server's clock less this process's monotonic one. */
  #offset: number | undefined;
  #local: boolean;
  #closed = false;

  constructor({ url, prefix, timeoutMs, maxValueBytes }: Settings, given: RedisClient | undefined) {
    this.name = given === undefined ? `redis ${withoutSecrets(url)} ${prefix}` : `redis ${prefix}`;
    if (given === undefined) this.location = locationOf({ url, prefix, timeoutMs, maxValueBytes });
    this.capabilities = {
      sharedBy: 'network',
      sync: false,
      createIfAbsent: true,
      leases: true,
      accessTimes: true,
      maxValueBytes,
    };
    this.#prefix = prefix;
    this.#indexes = indexes(prefix);
    this.#connection = new RedisConnection(this.name, url, given as Redis | undefined, timeoutMs);
    this.#entries = new IndexedEntries(this.#connection, prefix);
    this.#touches = new TouchBatch(
      async (keys) => this.#entries.noteUse(keys, await this.#now(undefined)),
      (error) => this.#fault('touch', error),
    );
    this.#local = given !== undefined;
    const events: KeeperEvents = {
      onLost: (key) => this.#listeners.tell({ type: 'leaseLost', store: this.name, key }),
      onFault: (message) => this.#fault('renewal of leases', new Error(message)),
    };
    const config: RedisRenewerConfig = { store: this.name, url, prefix, timeoutMs };
    const keeper = this.#local
      ? new LocalKeeper(renewerOn(this.#connection, prefix), events)
      : new Keeper(new URL('./renewer.js', import.meta.url), config, events);
    this.#leases = new NetworkLeases(
      {
        create: (key, token, ttlMs, signal) => this.#takeLease(key, token, ttlMs, signal),
        isHeld: async (key, token, signal) => {
          const holder = await this.#connection.run({ what: `lease of ${key}`, signal }, (c) =>
            c.get(leaseKey(prefix, key)),
          );
          return holder === token;
        },
        release: async (key, token) => {
          await this.#connection.run({ what: `release of ${key}` }, (c) =>
            c.eval(RELEASE, 1, leaseKey(prefix, key), token),
          );
        },
      },
      keeper,
    );
  }

  async open(options: OperationOptions = {}): Promise<void> {
    this.#check();
    await this.#connection.run({ what: 'connecting', signal: options.signal }, (client) => client.ping());
  }

  async get(key: string, options: GetOptions = {}): Promise<Entry | undefined> {
    this.#check(key);
    const name = entryKey(this.#prefix, key);
    const { signal } = options;
    const value = await this.#connection.run({ what: `get of ${key}`, signal }, (client) => client.getBuffer(name));
    if (value === null) return undefined;
    try {
      return readValue(key, value, options);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      await this.#dropDamaged(key, error.message, signal);
      return undefined;
    }
  }

  async put(key: string, payload: Payload, options: PutOptions = {}): Promise<PutResult> {
    this.#check(key);
    const { signal } = options;
    const frame = encodeFrame(key, payload, await this.#now(signal));
    const bytes = frame.byteLength;
    const { maxValueBytes } = this.capabilities;
    if (bytes > maxValueBytes) {
      const advice = 'Raise maxValueBytes, or use tiers with a store for large values: tiered([redis, s3]).';
      throw new StoreError(
        'ERR_STORE_TOO_LARGE',
        this.name,
        `the entry ${key} has ${bytes} bytes, maxValueBytes is ${maxValueBytes}. ${advice}`,
      );
    }
    const value = Buffer.concat([frame.front, ...frame.region], bytes);
    const name = entryKey(this.#prefix, key);
    const { access, size, created } = this.#indexes;
    const now = Math.round(await this.#now(signal));
    const nx = options.ifAbsent === true;
    const results = await this.#connection.run({ what: `put of ${key}`, bytes, signal }, async (client) => {
      const transaction = client.multi();
      if (nx) transaction.set(name, value, 'NX');
      else transaction.set(name, value);
      return answers(
        await transaction.eval(NOTE_ENTRY, 4, name, access, size, created, key, now, nx ? 'NX' : '').exec(),
      );
    });
    return results[0] === 'OK' ? 'stored' : 'exists';
  }

  async delete(keys: Iterable<string>, options: OperationOptions = {}): Promise<number> {
    this.#check();
    const all = [...keys];
    for (const key of all) checkKey(key, this.name);
    let count = 0;
    for (let at = 0; at < all.length; at += PAGE)
      count += await this.#entries.remove(all.slice(at, at + PAGE), options.signal);
    return count;
  }

  async *list(options: ListOptions = {}): AsyncGenerator<EntryInfo> {
    this.#check();
    await this.#touches.flush();
    const match = `${(options.prefix ?? '').replace(/[[\]*?\\^-]/g, '\\$&')}*`;
    const seen = new Set<string>(); // a scan may give a key twice
    let cursor = '0';
    do {
      const scan = { what: 'list', signal: options.signal };
      const [next, pairs] = await this.#connection.run(scan, (client) =>
        client.zscan(this.#indexes.access, cursor, 'MATCH', match, 'COUNT', PAGE),
      );
      cursor = next;
      const fresh = pairs.filter((key, index) => index % 2 === 0 && !seen.has(key));
      for (const key of fresh) seen.add(key);
      yield* await this.#entries.describe(fresh, options.signal);
    } while (cursor !== '0');
  }

  touch(key: string): void {
    if (!this.#closed) this.#touches.add(key);
  }

  async lease(key: string, options: LeaseOptions): Promise<Lease | undefined> {
    this.#check(key);
    return this.#leases.take(key, Math.max(options.ttlMs, 1_000), options.signal);
  }

  onEvent(listener: (event: StoreEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#touches.flush();
    await this.#leases.close();
    await this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #takeLease(
    key: string,
    token: string,
    ttlMs: number,
    signal: AbortSignal | undefined,
  ): Promise<object | undefined> {
    if (this.#local) {
      this.#local = false;
      const detail =
        'the client was given ready-made: leases are renewed by this thread, and lost while it is busy for longer than their time';
      this.#listeners.tell({ type: 'degraded', store: this.name, capability: 'leases', detail });
    }
    const name = leaseKey(this.#prefix, key);
    const answer = await this.#connection.run({ what: `lease of ${key}`, signal }, (c) =>
      c.set(name, token, 'PX', ttlMs, 'NX'),
    );
    return answer === 'OK' ? {} : undefined;
  }

  async #dropDamaged(key: string, detail: string, signal: AbortSignal | undefined): Promise<void> {
    await this.#entries.remove([key], signal).catch((error: Error) => this.#fault(`removing ${key}`, error));
    this.#listeners.tell({ type: 'corrupt', store: this.name, key, detail });
  }

  /** The server's time. */
  async #now(signal: AbortSignal | undefined): Promise<number> {
    if (this.#offset === undefined) {
      const [seconds, micros] = await this.#connection.run({ what: 'asking the time', signal }, (client) =>
        client.time(),
      );
      this.#offset = Number(seconds) * 1000 + Number(micros) / 1000 - performance.now();
    }
    return performance.now() + this.#offset;
  }

  #fault(operation: string, error: Error): void {
    this.#listeners.tell({ type: 'fault', store: this.name, operation, error });
  }

  #check(key?: string): void {
    if (this.#closed) throw closedError(this.name);
    if (key !== undefined) checkKey(key, this.name);
  }
}

function withoutSecrets(url: string): string {
  const { host, pathname } = new URL(url);
  return host + pathname;
}

function locationOf({ url, prefix, timeoutMs, maxValueBytes }: Settings): string {
  const location = new URL(url);
  location.search = new URLSearchParams({
    prefix,
    timeoutMs: `${timeoutMs}`,
    maxValueBytes: `${maxValueBytes}`,
  }).toString();
  return location.href;
}
