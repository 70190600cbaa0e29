import type { Redis } from 'ioredis';
import { within } from '../deadline.ts';
import { StoreError } from '../errors.ts';
import { loadPeer } from '../load-peer.ts';
import { redisError } from './redis-errors.ts';

type Ioredis = Pick<typeof import('ioredis'), 'Redis'>;

/** A value gets this long on the way beyond the time-out of an operation. */
const MS_A_BYTE = 1 / 1000;

export interface Operation {
  /** For messages: `get of a/b`. */
  readonly what: string;
  /** Bytes that are sent. */
  readonly bytes?: number;
  readonly signal?: AbortSignal | undefined;
}

/** One connection, made when it is needed. When it breaks, what was under way fails, and the next operation makes a new one: nothing reconnects by itself. */
export class RedisConnection {
  readonly #store: string;
  readonly #url: string;
  readonly #given: Redis | undefined;
  readonly #timeoutMs: number;
  #client: Promise<Redis> | undefined;
  #current: Redis | undefined;
  #loading: Promise<Ioredis> | undefined;
  #told: Error | undefined;

  constructor(store: string, url: string, given: Redis | undefined, timeoutMs: number) {
    this.#store = store;
    this.#url = url;
    this.#given = given;
    this.#timeoutMs = timeoutMs;
  }

  /** Runs commands within their time. Rejects with `StoreError` or the signal's reason. */
  async run<T>(operation: Operation, commands: (client: Redis) => Promise<T>): Promise<T> {
    const { what, bytes = 0, signal } = operation;
    const timeoutMs = this.#timeoutMs + bytes * MS_A_BYTE;
    try {
      const progress = (): number =>
        (this.#current as { stream?: { bytesRead?: number } } | undefined)?.stream?.bytesRead ?? 0;
      signal?.throwIfAborted();
      if (this.#given === undefined) await this.#load(); // takes as long as it takes
      return await within({ store: this.#store, what, timeoutMs, signal, progress }, async () =>
        commands(await this.#connect()),
      );
    } catch (error) {
      if (signal?.aborted === true) throw error;
      if (error instanceof StoreError && error.code === 'ERR_STORE_TIMEOUT') this.#drop();
      throw redisError(error, this.#store, what, this.#told);
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined || this.#given !== undefined) return;
    const opened = await client.catch(() => undefined);
    if (opened === undefined || opened.status === 'end') return;
    const ended = new Promise<void>((resolve) => opened.once('end', resolve));
    opened.disconnect();
    (opened as { stream?: { destroy(): void } }).stream?.destroy(); // a server that does not answer does not hang up either
    await ended;
  }

  /** An answer did not come: whatever waits on this connection would wait as well. */
  #drop(): void {
    if (this.#given === undefined) void this.close();
  }

  #connect(): Promise<Redis> {
    this.#client ??= this.#given === undefined ? this.#open() : Promise.resolve(this.#given);
    return this.#client;
  }

  #load(): Promise<Ioredis> {
    this.#loading ??= loadPeer<Ioredis>('ioredis', this.#store, () => import('ioredis'));
    return this.#loading;
  }

  async #open(): Promise<Redis> {
    const { Redis } = await this.#load();
    this.#told = undefined;
    const client = new Redis(this.#url, {
      lazyConnect: true,
      connectTimeout: this.#timeoutMs,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
      reconnectOnError: () => false,
    });
    const opened = this.#client;
    client.on('error', (error: Error) => {
      this.#told = error;
    });
    client.once('end', () => {
      if (this.#client === opened || opened === undefined) this.#client = undefined;
    });
    try {
      await client.connect();
      if (client.options.db) await client.select(client.options.db); // ioredis goes on with database 0 when its own selection fails
      this.#current = client;
      return client;
    } catch (error) {
      client.disconnect();
      this.#client = undefined;
      throw error;
    }
  }
}
