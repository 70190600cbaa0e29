import type { Redis } from 'ioredis';
import { loadPeer } from '../load-peer.ts';

/** Names of a cluster's entries in Redis; `id` is of its token, and tells nothing about it. */
export function registryNames(id: string): { readonly index: string; entry(address: string): string } {
  return { index: `jobloom:v1:${id}:daemons`, entry: (address) => `jobloom:v1:${id}:daemon:${address}` };
}

/** The address of a registry without its password, for messages. */
export function shownUrl(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//***@');
}

/** Way to a registry: connects when it is used, and anew when the connection broke. */
export class RegistryLine {
  readonly #url: string;
  readonly #timeoutMs: number;
  #client: Redis | undefined;

  constructor(url: string, timeoutMs = 2_000) {
    this.#url = url;
    this.#timeoutMs = timeoutMs;
  }

  /** Rejects with an error that names the registry. */
  async run<T>(commands: (client: Redis) => Promise<T>): Promise<T> {
    let said: Error | undefined;
    try {
      this.#client ??= await this.#open((error) => {
        said = error;
      });
      return await commands(this.#client);
    } catch (error) {
      this.close();
      const why = said?.message ?? (error as Error).message;
      throw new Error(`the registry ${shownUrl(this.#url)} cannot be used: ${why}`, { cause: error });
    }
  }

  close(): void {
    this.#client?.disconnect();
    this.#client = undefined;
  }

  async #open(onError: (error: Error) => void): Promise<Redis> {
    const { Redis } = await loadPeer('ioredis', 'a registry of worker daemons', () => import('ioredis'));
    const client = new Redis(this.#url, {
      lazyConnect: true,
      connectTimeout: this.#timeoutMs,
      commandTimeout: this.#timeoutMs,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
      reconnectOnError: () => false,
    });
    client.on('error', onError);
    try {
      await client.connect();
      client.stream.unref();
      return client;
    } catch (error) {
      client.disconnect();
      throw error;
    }
  }
}
