/*
 * <prefix>entries/<key>             an entry; a large one without its parts
 * <prefix>entries/<key>!<sha256>    the parts of a large entry. '!' sorts before all that a key has, so that a listing
 *                                   has them right behind their entry
 * <prefix>leases/<key>  <prefix>probe/<uuid>  <prefix>quarantine/<key>
 */

const PARTS = '!';

export function entryName(prefix: string, key: string): string {
  return `${prefix}entries/${key}`;
}

export function partsName(prefix: string, key: string, hash: string): string {
  return `${entryName(prefix, key)}${PARTS}${hash}`;
}

export function leaseName(prefix: string, key: string): string {
  return `${prefix}leases/${key}`;
}

/** Key, and hash for parts, of an object's name under `entries/`. */
export function parseName(prefix: string, name: string): { readonly key: string; readonly hash: string | undefined } {
  const [key = '', hash] = name.slice(entryName(prefix, '').length).split(PARTS);
  return { key, hash };
}
