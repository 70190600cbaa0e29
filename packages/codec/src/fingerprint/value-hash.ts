import { hash } from '../hash/hash.ts';

/** Hash of a captured value, for fingerprints with `values`. Functions inside count by their fingerprints without values. */
export function valueHash(value: unknown): string {
  return hash(value);
}
