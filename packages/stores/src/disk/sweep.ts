import { readdir, stat, unlink } from 'node:fs/promises';
import type { FileClock } from './clock.ts';
import type { Layout } from './layout.ts';

const ABANDONED_MS = 3_600_000;

/** Removes files that processes left behind half-written an hour ago or longer, and heartbeats that ended as long ago. */
export async function sweep(layout: Layout, clock: FileClock): Promise<void> {
  for (const folder of [layout.tmp, layout.holders]) {
    for (const name of await readdir(folder).catch(() => [])) {
      const path = `${folder}/${name}`;
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined && clock.now() - found.mtimeMs > ABANDONED_MS) await unlink(path).catch(() => undefined);
    }
  }
}
