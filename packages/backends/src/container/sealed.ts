import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

const HEX = /^[0-9a-f]{64}$/;

/** A text with a signature, as bytes. `about` is signed too: what was signed for one thing does not pass for another. */
export function seal(key: string, about: string, body: string): Uint8Array {
  return Buffer.from(JSON.stringify({ body, mac: sign(key, about, body) }));
}

/** @throws Error when it was not signed with this key, for this */
export function unseal(key: string, about: string, bytes: Uint8Array): string {
  let read: { readonly body?: unknown; readonly mac?: unknown };
  try {
    read = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    read = {};
  }
  const { body, mac } = read;
  const signed = typeof body === 'string' && typeof mac === 'string' && HEX.test(mac);
  if (!signed || !timingSafeEqual(Buffer.from(mac, 'hex'), Buffer.from(sign(key, about, body), 'hex')))
    throw new Error(`${about} was not signed with the key of this run`);
  return body;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function sign(key: string, about: string, body: string): string {
  return createHmac('sha256', Buffer.from(key, 'hex')).update(`${about}\n${body}`).digest('hex');
}
