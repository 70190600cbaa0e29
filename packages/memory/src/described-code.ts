import type { FingerprintPart } from '@jobloom/codec';
import type { Store } from '@jobloom/stores';
import type { Definition } from './definition.ts';
import type { OpenedStore } from './opened-store.ts';
import { CODES, ENTRIES } from './prefixes.ts';

/** What a code in keys stands for. */
export interface DescribedCode {
  readonly segment: string;
  readonly createdMs: number;
  readonly parts: readonly FingerprintPart[];
  readonly counting: Readonly<Record<string, string>>;
}

function folderOf({ prefix }: Definition): string {
  return CODES + prefix.slice(ENTRIES.length);
}

/** Stores, once a store and code, what the code is made of, so that `explain` can say later what has changed. @throws StoreError */
export async function describeCode({ store, described }: OpenedStore, definition: Definition): Promise<void> {
  const { segment, parts, counting } = definition.code;
  const key = folderOf(definition) + segment;
  if (described.has(key)) return;
  const head = new TextEncoder().encode(JSON.stringify({ parts, counting }));
  await store.put(key, { head, parts: [] }, { ifAbsent: true });
  described.add(key);
}

/** Codes that the function had, the latest first. @throws StoreError */
export async function describedCodes(store: Store, definition: Definition): Promise<DescribedCode[]> {
  const folder = folderOf(definition);
  const found: DescribedCode[] = [];
  for await (const { key, createdMs } of store.list({ prefix: folder })) {
    const entry = await store.get(key);
    const code = entry && read(entry.head);
    if (code !== undefined) found.push({ ...code, segment: key.slice(folder.length), createdMs });
  }
  return found.sort((a, b) => b.createdMs - a.createdMs);
}

function read(head: Uint8Array): Pick<DescribedCode, 'parts' | 'counting'> | undefined {
  try {
    const { parts, counting } = JSON.parse(new TextDecoder().decode(head)) as Partial<DescribedCode>;
    return Array.isArray(parts) && typeof counting === 'object' ? { parts, counting } : undefined;
  } catch {
    return undefined; // of another version
  }
}
