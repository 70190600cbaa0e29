import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createScratch } from '../consumer/scratch.ts';
import { missing, NOT_ALLOWED, type Service } from './service.ts';

export const rootfs: Service = {
  name: 'a root file system of its own',
  unavailable() {
    const absent = missing(['chroot', 'unshare', 'ldd', 'setpriv'], 'util-linux libc-bin');
    if (absent !== undefined) return absent;
    try {
      execFileSync('unshare', ['--mount', 'true'], { stdio: 'pipe' });
      return process.getuid?.() === 0 ? undefined : 'chroot needs root';
    } catch (error) {
      return `${NOT_ALLOWED}${(error as Error).message.split('\n')[1] ?? error}`;
    }
  },
};

/** A place where nothing is but Node, its libraries, and our packages as their tarballs have them. */
export interface Rootfs {
  /** The folder, from outside. */
  readonly folder: string;
  /** Puts a file there; `path` is absolute, from inside. */
  write(path: string, text: string, mode?: number): void;
  /** What a command starts with to run in there. */
  readonly prefix: readonly string[];
  remove(): void;
}

/** Where the packages are, from inside. */
export const APP = '/app';

/** @param packages what is installed beside ours */
export async function createRootfs(...packages: string[]): Promise<Rootfs> {
  const folder = mkdtempSync(join(tmpdir(), 'jobloom-rootfs-'));
  for (const name of ['usr/bin', 'tmp', 'etc', 'proc', 'dev', 'root'])
    mkdirSync(join(folder, name), { recursive: true });
  const put = (from: string, to = from): void => {
    mkdirSync(dirname(join(folder, to)), { recursive: true });
    cpSync(realpathSync(from), join(folder, to));
  };
  const node = realpathSync(process.execPath);
  put(node, '/usr/bin/node');
  for (const [library] of `${execFileSync('ldd', [node])}`.matchAll(/\/\S+/g)) put(library);
  writeFileSync(join(folder, 'etc/passwd'), 'root:x:0:0:root:/root:/usr/bin/node\n');
  for (const [device, minor] of [
    ['null', 3],
    ['urandom', 9],
  ])
    execFileSync('mknod', ['-m', '666', join(folder, `dev/${device}`), 'c', '1', `${minor}`]);
  const scratch = await createScratch();
  try {
    await scratch.run('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', ...packages);
    cpSync(scratch.folder, join(folder, APP), { recursive: true });
  } finally {
    scratch.remove();
  }
  return {
    folder,
    write: (path, text, mode = 0o644) => writeFileSync(join(folder, path), text, { mode }),
    prefix: ['unshare', '--mount', 'sh', '-c', 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"', folder],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
