import { type Dirent, readdirSync, statSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import type { EntryInfo } from '../store.ts';
import { hasCode } from './disk-errors.ts';
import { isFan, type Layout, segmentOf } from './layout.ts';

/** So many files are looked at before other work gets its turn: about a millisecond. */
const SLICE = 256;

/** All entries whose keys begin with `prefix`. Folders that cannot have any are not entered. */
export async function* listEntries(
  layout: Layout,
  prefix: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<EntryInfo> {
  let looked = 0;
  for (const [folder, base] of fans(layout.entries, '', prefix)) {
    for (const name of names(folder)) {
      looked += 1;
      if (looked % SLICE === 0) {
        signal?.throwIfAborted();
        await turn();
      }
      const segment = segmentOf(name);
      if (segment === undefined) continue;
      const key = base + segment;
      if (!key.startsWith(prefix)) continue;
      const stat = statSync(`${folder}/${name}`, { throwIfNoEntry: false });
      if (stat === undefined) continue; // deleted meanwhile
      yield { key, bytes: stat.size, createdMs: stat.mtimeMs, accessedMs: Math.max(stat.atimeMs, stat.mtimeMs) };
    }
  }
}

/** Folders of entries, each with what its keys begin with. */
function* fans(folder: string, base: string, prefix: string): Generator<[folder: string, base: string]> {
  for (const entry of entriesOf(folder)) {
    if (!entry.isDirectory()) continue;
    const path = `${folder}/${entry.name}`;
    if (isFan(entry.name)) {
      yield [path, base];
      continue;
    }
    const deeper = `${base}${entry.name}/`;
    if (deeper.startsWith(prefix) || prefix.startsWith(deeper)) yield* fans(path, deeper, prefix);
  }
}

function entriesOf(folder: string): Dirent[] {
  return orNone(() => readdirSync(folder, { withFileTypes: true }));
}

function names(folder: string): string[] {
  return orNone(() => readdirSync(folder));
}

function orNone<T>(read: () => T[]): T[] {
  try {
    return read();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
