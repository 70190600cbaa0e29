import { setTimeout as sleep } from 'node:timers/promises';
import type { Lease, Store } from '@jobloom/stores';
import type { Flight } from './options.ts';

/** How one may go on with a key. */
export type Turn<T> =
  /** Nobody else computes it. */
  | { readonly lease: Lease }
  /** Somebody else has computed it. */
  | { readonly found: T }
  /** Whoever holds it takes too long. */
  | 'late';

const FIRST_MS = 5;
const LONGEST_MS = 250;

/**
 * Takes the lease of a key, or waits for the entry that its holder stores. A holder that dies frees it within the
 * lease's time; the next one to ask then computes.
 * @param read gives the entry, or undefined while there is none
 * @throws what the store fails with
 */
export async function takeTurn<T>(
  store: Store,
  key: string,
  { ttlMs, waitMs }: Flight,
  read: () => Promise<{ readonly found: T } | undefined>,
  onWait: () => void,
): Promise<Turn<T>> {
  const since = performance.now();
  for (let pause = FIRST_MS; ; pause = Math.min(pause * 1.5, LONGEST_MS)) {
    const lease = await store.lease?.(key, { ttlMs });
    if (lease !== undefined) {
      const found = await readOr(read, lease); // it may have been stored since it was last looked for
      if (found === undefined) return { lease };
      await lease.release();
      return found;
    }
    if (pause === FIRST_MS) onWait();
    if (performance.now() - since >= waitMs) return 'late';
    await sleep(Math.min(pause, Math.max(1, waitMs - (performance.now() - since))));
    const found = await read();
    if (found !== undefined) return found;
  }
}

async function readOr<T>(
  read: () => Promise<{ readonly found: T } | undefined>,
  lease: Lease,
): Promise<{ readonly found: T } | undefined> {
  try {
    return await read();
  } catch (error) {
    await lease.release().catch(() => undefined);
    throw error;
  }
}
