import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Service } from './service.ts';

/** A small file system of its own. */
export interface Tmpfs {
  readonly folder: string;
  makeReadOnly(): void;
  unmount(): void;
}

export const tmpfs: Service = {
  name: 'tmpfs mounts',
  unavailable() {
    try {
      mountTmpfs('1m').unmount();
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  },
};

export function mountTmpfs(size: string): Tmpfs {
  const folder = mkdtempSync(join(tmpdir(), 'jobloom-tmpfs-'));
  try {
    run('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder);
  } catch (error) {
    rmdirSync(folder);
    throw error;
  }
  return {
    folder,
    makeReadOnly: () => run('mount', '-o', 'remount,ro', folder),
    unmount() {
      run('umount', folder);
      rmdirSync(folder);
    },
  };
}

function run(program: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr.trim()}`);
}
