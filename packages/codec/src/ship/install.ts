import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Unpacked } from './archive.ts';
import { HEAD_FILE, isInstalled, linkTarget, type Placed } from './installed.ts';

/** What a process that was killed left behind is removed after so many milliseconds. */
const STALE_MS = 60 * 60 * 1_000;
const PREFIX = 'tmp-';

/**
 * Puts a package in its place, all of it at once: whoever looks sees nothing or everything. Several processes may do
 * so at a time; the first one's stays.
 */
export function install(cache: string, placed: Placed, { text, contents }: Unpacked): void {
  removeStale(cache);
  const work = mkdtempSync(join(cache, PREFIX));
  try {
    const directory = join(work, 'node_modules', placed.name);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const made = new Set([directory]);
    for (const [path, bytes] of contents) {
      const file = join(directory, path);
      const folder = dirname(file);
      if (!made.has(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
      made.add(folder);
      writeFileSync(file, bytes, { mode: 0o600, flag: 'wx' });
    }
    for (const name of placed.links.keys()) {
      const link = join(work, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true, mode: 0o700 });
      symlinkSync(linkTarget(cache, placed, name), link, 'junction');
    }
    writeFileSync(join(work, HEAD_FILE), text, { mode: 0o600 });
    publish(cache, placed, work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function publish(cache: string, placed: Placed, work: string): void {
  const target = join(cache, placed.place);
  for (let tries = 0; ; tries += 1) {
    try {
      renameSync(work, target);
      return;
    } catch (error) {
      if (!/^(?:EEXIST|ENOTEMPTY|EPERM|EACCES)$/.test((error as { code?: string }).code ?? '') || tries === 3)
        throw error;
    }
    if (isInstalled(cache, placed)) return; // another process was quicker
    setAside(cache, target);
  }
}

/** A place whose files are not what they were: it makes room, also while another process still reads from it. */
function setAside(cache: string, target: string): void {
  const aside = mkdtempSync(join(cache, PREFIX));
  try {
    renameSync(target, join(aside, 'damaged'));
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error; // another process set it aside
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function removeStale(cache: string): void {
  for (const name of readdirSync(cache)) {
    if (!name.startsWith(PREFIX)) continue;
    const path = join(cache, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY);
    if (age > STALE_MS) rmSync(path, { recursive: true, force: true });
  }
}
