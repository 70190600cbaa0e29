import type { Core } from './core.ts';
import { UnusableEntry } from './entry.ts';
import { ENTRIES } from './prefixes.ts';

/** What `verify` found. */
export interface Verified {
  /** Entries that can be read. */
  readonly ok: number;
  /** Keys of entries that were damaged, and were set aside. */
  readonly corrupt: readonly string[];
  /** Entries that are whole but can't be used here: of another format, a compression that this Node lacks, no signature of ours. */
  readonly unusable: readonly { readonly key: string; readonly detail: string }[];
}

/** Reads every entry. @throws StoreError */
export async function verifyEntries(core: Core): Promise<Verified> {
  const { store } = core.opened ?? {};
  const corrupt: string[] = [];
  const unusable: { key: string; detail: string }[] = [];
  let ok = 0;
  if (store === undefined) return { ok, corrupt, unusable };
  const stop = store.onEvent?.((event) => {
    if (event.type === 'corrupt') corrupt.push(event.key);
  });
  try {
    for await (const { key } of store.list({ prefix: ENTRIES })) {
      const entry = await store.get(key);
      if (entry === undefined) continue; // damaged, or gone meanwhile
      const value = await core.open(entry, false);
      if (value instanceof UnusableEntry) unusable.push({ key, detail: value.detail });
      else ok += 1;
    }
  } finally {
    stop?.();
  }
  return { ok, corrupt, unusable };
}
