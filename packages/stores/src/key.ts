import { StoreError } from './errors.ts';

const LONGEST = 512;
const SEGMENT = /^[A-Za-z0-9_~@=-][A-Za-z0-9._~@=-]{0,199}$/;
const SIMPLE = /^[A-Za-z0-9_~@=-]{1,200}$/;

/** The folder of the last right key: keys come by the folder. */
let folder = '';

/**
 * Throws `ERR_STORE_KEY` unless `key` is one that every store takes: 1 to 512 characters, segments split by `/`,
 * each 1 to 200 letters, digits or `. _ ~ @ = -`, not beginning with a dot.
 */
export function checkKey(key: string, store: string): void {
  if (SIMPLE.test(key)) return;
  if (typeof key === 'string' && key.length <= LONGEST) {
    const end = key.lastIndexOf('/') + 1;
    if (end > 0 && end === folder.length && key.startsWith(folder) && SIMPLE.test(key.slice(end))) return;
    if (key.split('/').every((segment) => SEGMENT.test(segment))) {
      folder = key.slice(0, end);
      return;
    }
  }
  throw new StoreError(
    'ERR_STORE_KEY',
    store,
    `${JSON.stringify(key)} is not a key. A key has up to 512 characters: segments of 1 to 200 letters, digits or . _ ~ @ = -, not beginning with a dot, split by '/'.`,
  );
}
