import { randomUUID } from 'node:crypto';
import type { Lease, OperationOptions } from '../store.ts';
import type { LeaseKeeper } from './keeper.ts';

/** How a server keeps one lease. */
export interface LeaseServer {
  /** What renewals begin with, or undefined when somebody else holds it. */
  create(
    key: string,
    token: string,
    ttlMs: number,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly state?: string } | undefined>;
  isHeld(key: string, token: string, signal: AbortSignal | undefined): Promise<boolean>;
  /** Frees it if it is still this token's. */
  release(key: string, token: string): Promise<void>;
}

/** Leases at a server, renewed by a keeper. */
export class NetworkLeases {
  readonly #server: LeaseServer;
  readonly #keeper: LeaseKeeper;
  readonly #held = new Map<string, { readonly key: string; readonly id: number }>();

  constructor(server: LeaseServer, keeper: LeaseKeeper) {
    this.#server = server;
    this.#keeper = keeper;
  }

  async take(key: string, ttlMs: number, signal: AbortSignal | undefined): Promise<Lease | undefined> {
    const token = randomUUID();
    const created = await this.#server.create(key, token, ttlMs, signal);
    if (created === undefined) return undefined;
    this.#held.set(token, { key, id: this.#keeper.keep({ key, token, ttlMs, ...created }) });
    const release = (): Promise<void> => this.#release(token);
    const isHeld = async (options: OperationOptions = {}): Promise<boolean> =>
      this.#held.has(token) && this.#server.isHeld(key, token, options.signal);
    return { token, isHeld, release, [Symbol.asyncDispose]: release };
  }

  /** Gives all of them back. One that the server cannot be told of ends by its time. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#held.keys()].map((token) => this.#release(token)));
    await this.#keeper.close();
  }

  async #release(token: string): Promise<void> {
    const lease = this.#held.get(token);
    if (lease === undefined) return;
    this.#held.delete(token);
    await this.#keeper.drop(lease.id);
    await this.#server.release(lease.key, token);
  }
}
