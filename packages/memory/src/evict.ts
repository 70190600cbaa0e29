import type { EntryInfo, Store } from '@jobloom/stores';
import type { ExactLimits } from './options.ts';

/** What was removed. */
export interface Reduction {
  readonly entries: number;
  readonly bytes: number;
}

/** What is left and what must go: the entries that were not used for longest, until every limit holds. Pure. */
export function chooseVictims(
  entries: readonly EntryInfo[],
  { bytes, items, ageMs }: ExactLimits,
  nowMs: number,
): { readonly victims: readonly EntryInfo[]; readonly bytes: number } {
  let left = entries.length;
  let size = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  const oldest = nowMs - ageMs;
  const victims: EntryInfo[] = [];
  if (left > items || size > bytes || ageMs < Number.POSITIVE_INFINITY) {
    for (const entry of [...entries].sort((a, b) => a.accessedMs - b.accessedMs)) {
      if (left <= items && size <= bytes && entry.accessedMs >= oldest) break;
      victims.push(entry);
      left -= 1;
      size -= entry.bytes;
    }
  }
  return { victims, bytes: size };
}

/**
 * Removes what is beyond the limits.
 * @param share once something must go, it goes down to this share of the limits
 * @throws what the store fails with
 */
export async function evict(
  store: Store,
  prefix: string,
  limits: ExactLimits,
  share = 1,
): Promise<Reduction & { readonly left: Reduction }> {
  const entries: EntryInfo[] = [];
  for await (const entry of store.list({ prefix })) entries.push(entry);
  let chosen = chooseVictims(entries, limits, Date.now());
  if (share < 1 && chosen.victims.length > 0) {
    const { items, bytes, ageMs } = limits;
    const lower = { items: Math.floor(items * share), bytes: Math.floor(bytes * share), ageMs };
    chosen = chooseVictims(entries, lower, Date.now());
  }
  const { victims, bytes: left } = chosen;
  if (victims.length > 0) await store.delete(victims.map(({ key }) => key));
  const bytes = victims.reduce((sum, victim) => sum + victim.bytes, 0);
  return { entries: victims.length, bytes, left: { entries: entries.length - victims.length, bytes: left } };
}
