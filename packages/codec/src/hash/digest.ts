import * as crypto from 'node:crypto';
import { createRequire } from 'node:module';

/** Bytes to a digest, alone or behind a few others. */
export interface Digester {
  /** In hex. */
  hex(bytes: Uint8Array): string;
  bytes(head: Uint8Array, body?: Uint8Array): Uint8Array;
}

type OneShot = (algorithm: string, data: Uint8Array, encoding: 'hex' | 'buffer') => string | Buffer;
/** Since Node 20.12. */
const { hash: oneShot } = crypto as unknown as { readonly hash?: OneShot };

export const sha256: Digester = {
  hex: (bytes) =>
    oneShot === undefined
      ? crypto.createHash('sha256').update(bytes).digest('hex')
      : (oneShot('sha256', bytes, 'hex') as string),
  bytes(head, body) {
    const hash = crypto.createHash('sha256').update(head);
    return (body === undefined ? hash : hash.update(body)).digest();
  },
};

interface Xxh128 {
  init(): Xxh128;
  update(bytes: Uint8Array): Xxh128;
  digest(): string;
}

let xxh128: Digester | undefined;

/**
 * Loads xxh128, from the package hash-wasm. After that, `hash(value, { algorithm: 'xxh128' })` works in this thread.
 * xxh128 is for trusted values only: who wants to can make two values with one hash.
 * @throws Error that names the command to install it
 */
export async function prepareXxh128(): Promise<void> {
  if (xxh128 !== undefined) return;
  let library: { createXXHash128(): Promise<Xxh128> };
  try {
    library = createRequire(import.meta.url)('hash-wasm') as typeof library;
  } catch (cause) {
    throw new Error('xxh128 comes from the package hash-wasm, which is not installed. Run: npm install hash-wasm', {
      cause,
    });
  }
  const hasher = await library.createXXHash128();
  xxh128 = {
    hex: (bytes) => hasher.init().update(bytes).digest(),
    bytes: (head, body) => {
      const begun = hasher.init().update(head);
      return Buffer.from((body === undefined ? begun : begun.update(body)).digest(), 'hex');
    },
  };
}

/** @throws TypeError for xxh128 before it was prepared */
export function digester(algorithm: 'sha256' | 'xxh128'): Digester {
  if (algorithm === 'sha256') return sha256;
  if (algorithm !== 'xxh128')
    throw new TypeError(`the algorithm of hash must be 'sha256' or 'xxh128'. Got ${String(algorithm)}`);
  if (xxh128 === undefined)
    throw new TypeError('xxh128 is not loaded in this thread yet. Call `await prepareXxh128()` once before hash()');
  return xxh128;
}
