import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readHead } from './package-head.ts';
import { sha256 } from './sha256.ts';

/** Where a link leads: to a folder, or to the package of another place. */
export type LinkTo = string | { readonly place: string; readonly name: string };

/** A package as it is to lie on disk: in a place of its own, with links to those that it depends on. */
export interface Placed {
  readonly name: string;
  /** Its identity where it comes from. */
  readonly id: string;
  readonly content: string;
  /** Name of its place in the folder for packages: the hash of it with all that it depends on here. */
  readonly place: string;
  /** Folders of the packages that it depends on, by the names it imports them under. */
  readonly links: ReadonlyMap<string, LinkTo>;
}

/** File that says what a place consists of. */
export const HEAD_FILE = 'files.json';

/** Folder of a package in its place. */
export function directoryOf(cache: string, { place, name }: { readonly place: string; readonly name: string }): string {
  return join(cache, place, 'node_modules', name);
}

/** What the link to a dependency holds. Places refer to each other relatively, where the system can: the folder may be moved. */
export function linkTarget(cache: string, from: Placed, name: string): string {
  const to = from.links.get(name) as LinkTo;
  if (typeof to === 'string') return to;
  const target = directoryOf(cache, to);
  if (process.platform === 'win32') return target;
  return relative(join(cache, from.place, 'node_modules', name, '..'), target);
}

/** Whether a package is in its place, every file and link as it should be. */
export function isInstalled(cache: string, placed: Placed): boolean {
  try {
    const { files } = readHead(readFileSync(join(cache, placed.place, HEAD_FILE), 'utf8'), placed.content);
    const directory = directoryOf(cache, placed);
    for (const [path, , hash] of files) {
      const file = join(directory, path);
      if (!lstatSync(file).isFile() || sha256(readFileSync(file)) !== hash) return false;
    }
    for (const name of placed.links.keys()) {
      if (readlinkSync(join(cache, placed.place, 'node_modules', name)) !== linkTarget(cache, placed, name))
        return false;
    }
    return true;
  } catch {
    return false; // something of it is missing
  }
}
