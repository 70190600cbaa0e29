import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasCode } from './disk-errors.ts';

/** Makes a folder and those above it. Node's own way reports a read-only file system as a path that is missing. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return;
    if (!hasCode(error, 'ENOENT') || dirname(path) === path) throw error;
    makeFolder(dirname(path));
    makeFolder(path);
  }
}
