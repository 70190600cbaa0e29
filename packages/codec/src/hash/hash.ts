import { digester } from './digest.ts';
import { Hasher } from './hasher.ts';

export interface HashOptions {
  /** `'sha256'` (the default), or `'xxh128'` for large trusted arrays, once `prepareXxh128()` has loaded it. */
  readonly algorithm?: 'sha256' | 'xxh128';
  /** The order of Maps and Sets counts; by default it does not. That of object keys never does. */
  readonly ordered?: boolean;
  /** How the value is called in errors; `value` where it is left out. */
  readonly name?: string;
}

/**
 * The canonical hash of a value, in lower-case hex: the same on every machine, system and Node version. Equal values
 * have the same: keys, Maps and Sets in any order, shared or copied objects, frozen or not. -0 is not 0, there is one
 * NaN, undefined is not missing, a hole is not undefined; typed arrays count by type and bytes; cycles are followed
 * once; instances count by their registered form, or by the name of their class and their fields; functions by their
 * fingerprint. The format is written down in docs/hash.md.
 *
 * @throws UnhashableError that names the way to what has no hash: a stream, a promise, a getter
 *
 * @example
 * hash({ a: 1, b: [2, 3] }) === hash({ b: [2, 3], a: 1 });
 */
export function hash(value: unknown, options: HashOptions = {}): string {
  const { algorithm = 'sha256', ordered = false, name = 'value' } = options;
  return new Hasher(digester(algorithm), ordered, name).hash(value);
}
