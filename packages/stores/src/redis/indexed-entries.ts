import type { EntryInfo } from '../store.ts';
import type { RedisConnection } from './connection.ts';
import { entryKey, indexes } from './names.ts';

/** Entries together with the sorted sets that say when each was used and stored, and its size. */
export class IndexedEntries {
  readonly #connection: RedisConnection;
  readonly #prefix: string;
  readonly #indexes: ReturnType<typeof indexes>;

  constructor(connection: RedisConnection, prefix: string) {
    this.#connection = connection;
    this.#prefix = prefix;
    this.#indexes = indexes(prefix);
  }

  /** Removes entries and what the indexes say of them. Gives how many there were. */
  async remove(keys: readonly string[], signal: AbortSignal | undefined): Promise<number> {
    const names = keys.map((key) => entryKey(this.#prefix, key));
    const { access, size, created } = this.#indexes;
    const results = await this.#connection.run({ what: 'delete', signal }, async (client) =>
      answers(
        await client
          .multi()
          .unlink(...names)
          .zrem(access, ...keys)
          .zrem(size, ...keys)
          .zrem(created, ...keys)
          .exec(),
      ),
    );
    return results[0] as number;
  }

  /** What the indexes say of entries that are there; keys without one, which the server evicted say, leave the indexes. */
  async describe(keys: readonly string[], signal: AbortSignal | undefined): Promise<EntryInfo[]> {
    if (keys.length === 0) return [];
    const { access, size, created } = this.#indexes;
    const found = await this.#connection.run({ what: 'list', signal }, async (client) => {
      const pipeline = client.pipeline();
      for (const key of keys)
        pipeline.exists(entryKey(this.#prefix, key)).zscore(size, key).zscore(created, key).zscore(access, key);
      return answers(await pipeline.exec());
    });
    const infos: EntryInfo[] = [];
    const gone: string[] = [];
    for (const [index, key] of keys.entries()) {
      const [exists, bytes, createdMs, accessedMs] = found.slice(4 * index, 4 * index + 4);
      if (exists === 1)
        infos.push({ key, bytes: Number(bytes), createdMs: Number(createdMs), accessedMs: Number(accessedMs) });
      else gone.push(key);
    }
    if (gone.length > 0) await this.remove(gone, signal);
    return infos;
  }

  /** These were used at `now`. */
  async noteUse(keys: readonly string[], now: number): Promise<void> {
    await this.#connection.run({ what: 'touch' }, async (client) => {
      const pipeline = client.pipeline();
      for (const key of keys) pipeline.zadd(this.#indexes.access, 'XX', Math.round(now), key);
      return answers(await pipeline.exec());
    });
  }
}

/** The answers of a pipeline, of which none may be an error. */
export function answers(results: [error: Error | null, result: unknown][] | null): unknown[] {
  return (results ?? []).map(([error, result]) => {
    if (error !== null) throw error;
    return result;
  });
}
