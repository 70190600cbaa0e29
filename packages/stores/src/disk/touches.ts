import { stat as statCallback, utimes as utimesCallback } from 'node:fs';
import { promisify } from 'node:util';
import type { FileClock } from './clock.ts';
import { hasCode } from './disk-errors.ts';
import type { Layout } from './layout.ts';

const utimes = promisify(utimesCallback);
const stat = promisify(statCallback);

/** Access times as the files' own, set by us: whatever the mount's options are, they mean use. */
export async function setAccessTimes(layout: Layout, clock: FileClock, keys: readonly string[]): Promise<void> {
  const now = clock.now() / 1000;
  for (const key of keys) {
    const path = layout.entry(key);
    try {
      await utimes(path, now, (await stat(path)).mtimeMs / 1000);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
}
