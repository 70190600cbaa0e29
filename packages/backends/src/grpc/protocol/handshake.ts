import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Token } from '../security/tokens.ts';

/** Bytes of nonces, of session ids and of proofs. */
export const NONCE_BYTES = 32;
export const SESSION_BYTES = 16;

/** What both ends have heard when they prove that they have the token. */
export interface Transcript {
  readonly callerNonce: Uint8Array;
  readonly daemonNonce: Uint8Array;
  readonly session: Uint8Array;
}

export type Role = 'caller' | 'daemon';

/** HMAC-SHA256 over who proves it and all that is new in this session: of no use in another one, or to the other end. */
export function proofOf(role: Role, token: Token, transcript: Transcript): Buffer {
  return mac(token, `jobloom cluster v1 ${role} proof`, transcript);
}

/** The proof is right. Takes the same time whatever is wrong with it. */
export function isProof(proof: Uint8Array, role: Role, token: Token, transcript: Transcript): boolean {
  const right = proofOf(role, token, transcript);
  return proof.byteLength === right.byteLength && timingSafeEqual(proof, right);
}

/** A key of this session alone, for what goes beside its stream: `beat`. */
export function derivedKey(purpose: string, token: Token, transcript: Transcript): Buffer {
  return mac(token, `jobloom cluster v1 key ${purpose}`, transcript);
}

function mac(token: Token, words: string, { callerNonce, daemonNonce, session }: Transcript): Buffer {
  return createHmac('sha256', token.key)
    .update(`${words}\0`)
    .update(callerNonce)
    .update(daemonNonce)
    .update(session)
    .digest();
}
