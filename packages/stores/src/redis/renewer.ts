import type { KeptLease, Renewal, Renewer } from '../lease/messages.ts';
import { RedisConnection } from './connection.ts';
import { leaseKey } from './names.ts';
import { RENEW } from './scripts.ts';

/** What the helper thread needs for a connection of its own. */
export interface RedisRenewerConfig {
  readonly store: string;
  readonly url: string;
  readonly prefix: string;
  readonly timeoutMs: number;
}

/** Renews leases of a Redis store, in the helper thread. */
export function openRenewer(config: RedisRenewerConfig): Renewer {
  const connection = new RedisConnection(config.store, config.url, undefined, config.timeoutMs);
  return { ...renewerOn(connection, config.prefix), close: () => connection.close() };
}

/** Renews leases over a connection that is there. */
export function renewerOn(connection: RedisConnection, prefix: string): Renewer {
  return {
    async renew({ key, token, ttlMs }: KeptLease): Promise<Renewal> {
      const what = `renewal of the lease of ${key}`;
      const held = await connection.run({ what }, (client) =>
        client.eval(RENEW, 1, leaseKey(prefix, key), token, ttlMs),
      );
      return { held: held === 1 };
    },
    close: () => undefined,
  };
}
