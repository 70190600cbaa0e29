import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isAlive, realm, startOf } from '../process-identity.ts';

/** Files in memory, where the system has them. */
const IN_MEMORY = '/dev/shm';
const PREFIX = 'jobloom-bulk';
/** Part of the free room of a place that one file may take: containers often have 64 MB of it. */
const SHARE = 4;

/** Where files can be, the fastest first. */
export function places(): readonly string[] {
  return process.platform === 'linux' ? [IN_MEMORY, tmpdir()] : [tmpdir()];
}

/** A place has room for so many bytes without being filled up by them. */
export function hasRoom(place: string, bytes: number): boolean {
  try {
    const { bavail, bsize } = statfsSync(place);
    return bytes <= (bavail * bsize) / SHARE;
  } catch {
    return false; // not there
  }
}

let own: string | undefined;

/**
 * A name for a folder of this process: it says whose it is, so that the next program can tell whether its owner is gone.
 * System and process namespace, process id, when the process started, and something that nobody can guess.
 */
export function newFolderName(): string {
  own ??= `${PREFIX}-${realm()}-${process.pid}-${startOf(process.pid) ?? 0}`;
  return `${own}-${randomBytes(9).toString('hex')}`;
}

/** Makes the folder, which nobody else can enter, unless it is there already. @throws when it cannot be made */
export function makeFolder(path: string): void {
  if (made.has(path)) return;
  sweep(dirname(path));
  mkdirSync(path, { mode: 0o700 });
  made.add(path);
  expectFolder(basename(path));
}

/** Folders of this name are removed when this process ends, whoever made them. */
export function expectFolder(name: string): void {
  if (expected.size === 0) process.once('exit', removeAll);
  expected.add(name);
}

/** Bytes of the files in memory in a folder of this name. */
export function bytesInMemory(name: string): number {
  let bytes = 0;
  const folder = join(IN_MEMORY, name);
  for (const file of namesIn(folder)) bytes += statSync(join(folder, file), { throwIfNoEntry: false })?.size ?? 0;
  return bytes;
}

/** Removes folders of one name, wherever they are, and what is in them. */
export function removeFolder(name: string): void {
  for (const place of places()) {
    const path = join(place, name);
    rmSync(path, { recursive: true, force: true });
    made.delete(path);
  }
  expected.delete(name);
  if (expected.size === 0) process.off('exit', removeAll);
}

const made = new Set<string>();
const expected = new Set<string>();

function removeAll(): void {
  for (const name of expected)
    for (const place of places()) rmSync(join(place, name), { recursive: true, force: true });
}

const swept = new Set<string>();

/** Removes what processes left here that had no time to. Once a process and place. */
function sweep(place: string): void {
  if (swept.has(place)) return;
  swept.add(place);
  for (const name of namesIn(place)) {
    const [, of, pid, start] = name.match(/^jobloom-bulk-([0-9a-f]+)-(\d+)-(\d+)-[0-9a-f]+(?:-w\d+)?$/) ?? [];
    if (of !== realm() || isAlive(Number(pid), start as string)) continue;
    const path = join(place, name);
    try {
      if (lstatSync(path).uid === process.getuid?.()) rmSync(path, { recursive: true, force: true });
    } catch {
      // another program swept it
    }
  }
}

function namesIn(place: string): readonly string[] {
  try {
    return readdirSync(place);
  } catch {
    return [];
  }
}
