import { setImmediate as turn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { checkRegion, type Frame, FrameError, type Prelude, regionMemory } from '../frame.ts';
import type { GetOptions } from '../store.ts';
import type { S3Connection } from './connection.ts';
import { entryName, partsName } from './names.ts';
import { BEGINNING, objects, readObject, removeObjects, sizeOf } from './objects.ts';
import { hashOf, upload } from './upload.ts';

const LEFT_OVER_MS = 3_600_000;

/** Parts of large entries, as objects named by key and hash: whoever uploads the same bytes writes the same object. */
export class ExternalParts {
  readonly #connection: S3Connection;

  constructor(connection: S3Connection) {
    this.#connection = connection;
  }

  /** Parts are there afterwards, under their hash. */
  async put(key: string, frame: Frame, signal: AbortSignal | undefined): Promise<string> {
    const what = `put of ${key}`;
    await turn();
    const hash = await hashOf(frame.region, signal);
    const name = partsName(this.#connection.settings.prefix, key, hash);
    if ((await sizeOf(this.#connection, name, what, signal)) !== frame.regionLength)
      await upload(this.#connection, name, frame.region, what, signal);
    return hash;
  }

  /** Undefined when the entry was deleted meanwhile. */
  async read(
    key: string,
    prelude: Prelude,
    hash: string,
    etag: string,
    options: GetOptions,
  ): Promise<Uint8Array | undefined> {
    const memory = regionMemory(prelude.regionLength, options.into);
    let crc = 0;
    const onChunk = (chunk: Uint8Array): void => {
      crc = crc32(chunk, crc);
    };
    const what = `get of ${key}`;
    const { signal } = options;
    const found = await readObject(this.#connection, partsName(this.#connection.settings.prefix, key, hash), what, {
      memory,
      onChunk,
      signal,
    });
    if (found === undefined) {
      const now = await readObject(this.#connection, entryName(this.#connection.settings.prefix, key), what, {
        signal,
        first: BEGINNING,
      });
      if (now?.etag === etag) throw new FrameError('its parts are gone');
      return undefined;
    }
    if (found.size !== prelude.regionLength)
      throw new FrameError(`its parts have ${found.size} bytes and should have ${prelude.regionLength}`);
    checkRegion(prelude, crc);
    return memory;
  }

  /** Another entry was first. These parts go, unless it is theirs as well. */
  async withdraw(key: string, hash: string, signal: AbortSignal | undefined): Promise<void> {
    const what = `put of ${key}`;
    const winner = await readObject(this.#connection, entryName(this.#connection.settings.prefix, key), what, {
      signal,
    });
    if (winner !== undefined && Buffer.from(winner.bytes).toString('latin1').endsWith(hash)) return;
    await removeObjects(this.#connection, [partsName(this.#connection.settings.prefix, key, hash)], what, signal);
  }

  /** Parts of earlier entries of the key, once they are old enough not to be another writer's that is not done. */
  async removeLeftOver(key: string, hash: string | undefined, signal: AbortSignal | undefined): Promise<void> {
    const own = hash === undefined ? undefined : partsName(this.#connection.settings.prefix, key, hash);
    const old: string[] = [];
    for await (const { Key = '', LastModified } of objects(
      this.#connection,
      partsName(this.#connection.settings.prefix, key, ''),
      `put of ${key}`,
      signal,
    )) {
      const age = this.#connection.now() - (LastModified?.getTime() ?? Number.POSITIVE_INFINITY);
      if (Key !== own && age > LEFT_OVER_MS) old.push(Key);
    }
    await removeObjects(this.#connection, old, `put of ${key}`, signal);
  }
}
