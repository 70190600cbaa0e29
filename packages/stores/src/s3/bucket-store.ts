import type { S3Client } from '@aws-sdk/client-s3';
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
import { S3Connection, type S3Settings } from './connection.ts';
import { ExternalParts } from './external-parts.ts';
import { leaseServer, renewerOn } from './lease-object.ts';
import { listEntries } from './list-entries.ts';
import { entryName } from './names.ts';
import { BEGINNING, type Found, readObject, sizeOf } from './objects.ts';
import { type Conditions, probe } from './probe.ts';
import { putObject } from './put-object.ts';
import { readEntry } from './read-entry.ts';
import { removeEntries } from './remove-entries.ts';

const MOST_BYTES = 5 * 2 ** 40;

/** What `s3Store` makes. */
export class BucketStore implements Store {
  readonly name: string;
  readonly location?: string;
  readonly #connection: S3Connection;
  readonly #parts: ExternalParts;
  readonly #prefix: string;
  readonly #multipartBytes: number;
  readonly #listeners = new Listeners();
  readonly #leases: NetworkLeases;
  #capabilities: StoreCapabilities = {
    sharedBy: 'network',
    sync: false,
    createIfAbsent: true,
    leases: true,
    accessTimes: false,
    maxValueBytes: MOST_BYTES,
  };
  #probing: Promise<Conditions> | undefined;
  #local: boolean;
  #closed = false;

  constructor(settings: S3Settings, multipartBytes: number, given: S3Client | undefined) {
    this.name = settings.store;
    if (given === undefined && settings.credentials === undefined) this.location = locationOf(settings);
    this.#prefix = settings.prefix;
    this.#multipartBytes = multipartBytes;
    this.#connection = new S3Connection(settings, given);
    this.#parts = new ExternalParts(this.#connection);
    this.#local = given !== undefined;
    const events: KeeperEvents = {
      onLost: (key) => this.#listeners.tell({ type: 'leaseLost', store: this.name, key }),
      onFault: (message) => this.#fault('renewal of leases', new Error(message)),
    };
    const keeper = this.#local
      ? new LocalKeeper(renewerOn(this.#connection), events)
      : new Keeper(new URL('./lease-object.js', import.meta.url), settings, events);
    const server = leaseServer(this.#connection, (signal) => this.#conditions(signal));
    this.#leases = new NetworkLeases(server, keeper);
  }

  get capabilities(): StoreCapabilities {
    return this.#capabilities;
  }

  async open(options: OperationOptions = {}): Promise<void> {
    this.#check();
    await this.#conditions(options.signal);
  }

  async get(key: string, options: GetOptions = {}): Promise<Entry | undefined> {
    this.#check(key);
    const what = `get of ${key}`;
    const { signal } = options;
    const name = entryName(this.#prefix, key);
    const first = options.headOnly === true ? { first: BEGINNING } : {};
    const found = await readObject(this.#connection, name, what, { signal, ...first });
    if (found === undefined) return undefined;
    try {
      return await readEntry(this.#connection, this.#parts, key, found, options);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      await this.#setAside(key, found, error.message, signal);
      return undefined;
    }
  }

  async put(key: string, payload: Payload, options: PutOptions = {}): Promise<PutResult> {
    this.#check(key);
    const { signal, ifAbsent = false } = options;
    const bytes = payload.parts.reduce((sum, part) => sum + part.byteLength, 0);
    const external = bytes > this.#multipartBytes;
    const frame = encodeFrame(key, payload, Date.now(), external);
    const name = entryName(this.#prefix, key);
    const what = `put of ${key}`;
    const exclusive = ifAbsent && (await this.#conditions(signal)).create;
    if (ifAbsent && (external || !exclusive) && (await sizeOf(this.#connection, name, what, signal)) !== undefined)
      return 'exists';
    const hash = external ? await this.#parts.put(key, frame, signal) : undefined;
    const chunks = hash === undefined ? [frame.front, ...frame.region] : [frame.front, Buffer.from(hash, 'latin1')];
    const body = Buffer.concat(chunks);
    const condition = exclusive ? ({ condition: { IfNoneMatch: '*' } } as const) : {};
    const etag = await putObject(this.#connection, name, body, what, { ...condition, signal });
    if (etag === undefined) {
      if (hash !== undefined) await this.#parts.withdraw(key, hash, signal);
      return 'exists';
    }
    if (!ifAbsent) await this.#parts.removeLeftOver(key, hash, signal);
    return 'stored';
  }

  async delete(keys: Iterable<string>, options: OperationOptions = {}): Promise<number> {
    this.#check();
    const all = [...new Set(keys)];
    for (const key of all) checkKey(key, this.name);
    return removeEntries(this.#connection, this.#prefix, all, options.signal);
  }

  async *list(options: ListOptions = {}): AsyncGenerator<EntryInfo> {
    this.#check();
    yield* listEntries(this.#connection, this.#prefix, options);
  }

  async lease(key: string, options: LeaseOptions): Promise<Lease | undefined> {
    this.#check(key);
    if (this.#local) {
      this.#local = false;
      const detail =
        'the client was given ready-made: leases are renewed by this thread, and lost while it is busy for longer than their time';
      this.#listeners.tell({ type: 'degraded', store: this.name, capability: 'leases', detail });
    }
    return this.#leases.take(key, Math.max(options.ttlMs, 1_000), options.signal);
  }

  onEvent(listener: (event: StoreEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#leases.close();
    await this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #setAside(key: string, found: Found, detail: string, signal: AbortSignal | undefined): Promise<void> {
    const aside = `${this.#prefix}quarantine/${key}`;
    let moved = false;
    try {
      await putObject(this.#connection, aside, found.bytes, `setting ${key} aside`, { signal });
      await this.delete([key], signal === undefined ? {} : { signal });
      moved = true;
    } catch (error) {
      this.#fault(`setting ${key} aside`, error as Error); // it is no entry either way
    }
    this.#listeners.tell({ type: 'corrupt', store: this.name, key, detail, ...(moved && { movedTo: aside }) });
  }

  #conditions(signal: AbortSignal | undefined): Promise<Conditions> {
    this.#probing ??= this.#probe(signal).catch((error: unknown) => {
      this.#probing = undefined;
      throw error;
    });
    return this.#probing;
  }

  async #probe(signal: AbortSignal | undefined): Promise<Conditions> {
    const conditions = await probe(this.#connection, signal);
    if (conditions.create) return conditions;
    this.#capabilities = { ...this.#capabilities, createIfAbsent: false, leases: false };
    const detail =
      'the server ignores or refuses If-None-Match: of several who create an entry at once the last one counts, and there are no leases';
    this.#listeners.tell({ type: 'degraded', store: this.name, capability: 'createIfAbsent', detail });
    return conditions;
  }

  #fault(operation: string, error: Error): void {
    this.#listeners.tell({ type: 'fault', store: this.name, operation, error });
  }

  #check(key?: string): void {
    if (this.#closed) throw closedError(this.name);
    if (key !== undefined) checkKey(key, this.name);
  }
}

function locationOf({ bucket, prefix, region, endpoint, forcePathStyle, timeoutMs }: S3Settings): string {
  const parameters = new URLSearchParams({ timeoutMs: `${timeoutMs}` });
  if (region !== undefined) parameters.set('region', region);
  if (endpoint !== undefined) parameters.set('endpoint', endpoint);
  if (forcePathStyle !== undefined) parameters.set('forcePathStyle', `${forcePathStyle}`);
  return `s3://${bucket}/${prefix}?${parameters}`;
}
