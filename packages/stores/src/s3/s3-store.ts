import type { S3Client } from '@aws-sdk/client-s3';
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
import { S3Connection, type S3Settings } from './connection.ts';
import { ExternalParts } from './external-parts.ts';
import { leaseServer, renewerOn } from './lease-object.ts';
import { entryName, parseName, partsName } from './names.ts';
import { BEGINNING, type Found, objects, readObject, removeObjects, sizeOf } from './objects.ts';
import { type Conditions, probe } from './probe.ts';
import { putObject } from './put-object.ts';
import { readEntry } from './read-entry.ts';

export interface S3StoreOptions {
  readonly bucket: string;
  /** Names the store within the bucket. Default: none. */
  readonly prefix?: string;
  /** Default: the usual chain; `us-east-1` where the endpoint is not Amazon's. */
  readonly region?: string;
  /** Default: `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, or Amazon's. */
  readonly endpoint?: string;
  /** Default: the usual chain of environment, profile and instance. */
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** The bucket in the path instead of the host name. Default: where the endpoint is not Amazon's. */
  readonly forcePathStyle?: boolean;
  /** For each request, in ms; what is sent gets another ms a kilobyte, what comes has time while it comes. Default 10,000. */
  readonly timeoutMs?: number;
  /** Parts of an entry that are larger together are an object of their own, uploaded in pieces. Default 16 MiB. */
  readonly multipartBytes?: number;
  /** An `S3Client` of yours instead: it stays yours to destroy, and its leases are renewed by this thread. */
  readonly client?: object;
}

const AT_ONCE = 16;
const MOST_BYTES = 5 * 2 ** 40;

/**
 * A store in a bucket, through the package @aws-sdk/client-s3, which is loaded on first use. An entry is one object; parts
 * above `multipartBytes` are a second one, named by their hash, which is there before the entry is.
 * Whether the server keeps to conditional writes is found out before the first one; where it does not, `capabilities`
 * lacks `createIfAbsent` and `leases`, and an event says so.
 */
export function s3Store(options: S3StoreOptions): Store {
  const {
    bucket,
    prefix = '',
    timeoutMs = 10_000,
    multipartBytes = 16 * 2 ** 20,
    client,
    region,
    endpoint,
    credentials,
    forcePathStyle,
  } = options;
  const refuse = (problem: string): never => {
    throw new StoreError('ERR_STORE_LOCATION', 's3', problem);
  };
  if (typeof bucket !== 'string' || !/^[A-Za-z0-9._-]{1,255}$/.test(bucket))
    refuse(`bucket is ${JSON.stringify(bucket)}. It must be the name of a bucket: s3://bucket/prefix.`);
  if (!(timeoutMs > 0)) refuse(`timeoutMs is ${timeoutMs}. It must be above 0.`);
  if (!(multipartBytes > 0)) refuse(`multipartBytes is ${multipartBytes}. It must be above 0.`);
  if (endpoint !== undefined && !URL.canParse(endpoint))
    refuse(`endpoint is ${JSON.stringify(endpoint)}. It must be a URL: http://localhost:7480.`);
  if (Buffer.byteLength(prefix) > 300) refuse('prefix is longer than 300 bytes.');
  const path = prefix.replace(/^\/+|\/+$/g, '');
  const settings: S3Settings = {
    store: `s3 ${bucket}${path === '' ? '' : `/${path}`}`,
    bucket,
    prefix: path === '' ? '' : `${path}/`,
    timeoutMs,
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials !== undefined && { credentials }),
    ...(forcePathStyle !== undefined && { forcePathStyle }),
  };
  return new S3Store(settings, multipartBytes, client as S3Client | undefined);
}

class S3Store implements Store {
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
    const entries: string[] = [];
    const parts: string[] = [];
    const queue = all[Symbol.iterator]();
    const look = async (): Promise<void> => {
      for (let next = queue.next(); next.done !== true; next = queue.next()) {
        const name = entryName(this.#prefix, next.value);
        const page = await this.#firstObjects(name, options.signal);
        if (page.includes(name)) entries.push(name);
        parts.push(...page.filter((each) => each.startsWith(partsName(this.#prefix, next.value ?? '', ''))));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, look));
    await removeObjects(this.#connection, entries, 'delete', options.signal); // entries first: none is without its parts
    await removeObjects(this.#connection, parts, 'delete', options.signal);
    return entries.length;
  }

  async *list(options: ListOptions = {}): AsyncGenerator<EntryInfo> {
    this.#check();
    let current: { -readonly [name in keyof EntryInfo]: EntryInfo[name] } | undefined;
    for await (const object of objects(
      this.#connection,
      entryName(this.#prefix, options.prefix ?? ''),
      'list',
      options.signal,
    )) {
      const { key, hash } = parseName(this.#prefix, object.Key ?? '');
      const bytes = object.Size ?? 0;
      if (hash !== undefined) {
        if (current?.key === key) current.bytes += bytes;
        continue;
      }
      if (current !== undefined) yield current;
      const createdMs = object.LastModified?.getTime() ?? 0;
      current = { key, bytes, createdMs, accessedMs: createdMs };
    }
    if (current !== undefined) yield current;
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

  /** The entry of this name and its parts, which sort next to it. */
  async #firstObjects(name: string, signal: AbortSignal | undefined): Promise<string[]> {
    const names: string[] = [];
    for await (const { Key = '' } of objects(this.#connection, name, 'delete', signal)) {
      if (Key !== name && !Key.startsWith(`${name}!`)) break;
      names.push(Key);
    }
    return names;
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
