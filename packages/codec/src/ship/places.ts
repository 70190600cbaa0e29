import { sep } from 'node:path';

const identities = new Map<string, string>();
const directories = new Map<string, string>();

/** Notes where a package lies that came, under its identity. */
export function notePlace(directory: string, id: string): void {
  identities.set(directory, id);
  directories.set(id, directory);
}

/** Folder of a package that came. */
export function placeOf(id: string): string | undefined {
  return directories.get(id);
}

/** What `ModuleRef.shipped` says of a file, when it is one of a package that came. */
export function shippedName(path: string): string | undefined {
  for (const [directory, id] of identities) {
    const prefix = directory + sep;
    if (path.startsWith(prefix)) return `${id}/${path.slice(prefix.length).split(sep).join('/')}`;
  }
  return undefined;
}
