import { createHash } from 'node:crypto';

/** SHA-256 in hexadecimal digits: safe in file names of any system. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Whether a text can be such a hash. */
export function isSha256(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9a-f]{64}$/.test(text);
}
