import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder for what tasks write, which ends with the daemon. */
export interface Scratch {
  readonly folder: string;
  /** Bytes in it when it was last looked at. */
  readonly bytes: number;
  /** Looks now. */
  measure(): Promise<number>;
  /** Removes it with all that is in it. */
  close(): void;
}

/** What a scratch folder is held to. */
export interface ScratchOptions {
  /** Bytes on disk that all tasks may use together. */
  readonly quota: number;
  /** Called when a look finds more; until a look finds less, once. */
  readonly onFull: (bytes: number) => void;
  /** Milliseconds between two looks. */
  readonly everyMs?: number;
}

const PREFIX = 'jobloom-';

/** Makes a folder in `parent` that only this user can use, and looks at its size. Folders of daemons that are no more are removed. */
export function makeScratch(parent: string, { quota, onFull, everyMs = 1000 }: ScratchOptions): Scratch {
  mkdirSync(parent, { recursive: true });
  removeDead(parent);
  const folder = mkdtempSync(join(parent, `${PREFIX}${process.pid}-`));
  let bytes = 0;
  let full = false;
  let looking: Promise<number> | undefined;
  const look = async () => {
    bytes = await sizeOf(folder);
    const now = bytes > quota;
    if (now && !full) onFull(bytes);
    full = now;
    return bytes;
  };
  const measure = () => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const timer = setInterval(measure, everyMs).unref();
  return {
    folder,
    get bytes() {
      return bytes;
    },
    measure,
    close: () => {
      clearInterval(timer);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Bytes on disk; what disappears meanwhile does not count, links are not followed. */
async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  try {
    for await (const entry of await opendir(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) bytes += await sizeOf(path);
      else bytes += (await lstat(path)).blocks * 512;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return bytes;
}

function removeDead(parent: string): void {
  for (const name of readdirSync(parent)) {
    const [, pid] = new RegExp(`^${PREFIX}(\\d+)-`).exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
