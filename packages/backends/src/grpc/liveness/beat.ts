import { createHmac, timingSafeEqual } from 'node:crypto';

/** Who sends a beat: each direction has proofs of its own, so that none can be sent back as an answer. */
export type BeatFrom = 'client' | 'daemon';

export interface Beat {
  /** 16 bytes. */
  readonly session: Buffer;
  /** Rises with each beat of a session; an answer has the number of what it answers. */
  readonly number: number;
  readonly proof: Buffer;
}

const SESSION_BYTES = 16;
const PROOF_BYTES = 16;
/** `Beat` of cluster.proto, all fields present: { bytes session = 1; fixed64 number = 2; bytes proof = 3 }. */
const SESSION_AT = 2;
const NUMBER_AT = SESSION_AT + SESSION_BYTES + 1;
const PROOF_AT = NUMBER_AT + 8 + 2;
const LENGTH = PROOF_AT + PROOF_BYTES;

/** A beat as bytes. `key` is the session's own. */
export function writeBeat(key: Uint8Array, from: BeatFrom, session: Uint8Array, number: number): Buffer {
  const bytes = Buffer.alloc(LENGTH);
  bytes[0] = 0x0a;
  bytes[1] = SESSION_BYTES;
  bytes.set(session, SESSION_AT);
  bytes[NUMBER_AT - 1] = 0x11;
  bytes.writeBigUInt64LE(BigInt(number), NUMBER_AT);
  bytes[PROOF_AT - 2] = 0x1a;
  bytes[PROOF_AT - 1] = PROOF_BYTES;
  bytes.set(prove(key, from, session, number), PROOF_AT);
  return bytes;
}

/** What the bytes say, not yet believed; undefined when they are no beat. */
export function readBeat(bytes: Uint8Array): Beat | undefined {
  const { length } = bytes;
  const tags = [bytes[0], bytes[1], bytes[NUMBER_AT - 1], bytes[PROOF_AT - 2], bytes[PROOF_AT - 1]];
  if (length !== LENGTH || !Buffer.from(TAGS).equals(Buffer.from(tags as number[]))) return undefined;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, length);
  const number = Number(buffer.readBigUInt64LE(NUMBER_AT));
  if (!Number.isSafeInteger(number)) return undefined;
  return {
    session: buffer.subarray(SESSION_AT, SESSION_AT + SESSION_BYTES),
    number,
    proof: buffer.subarray(PROOF_AT),
  };
}

const TAGS = [0x0a, SESSION_BYTES, 0x11, 0x1a, PROOF_BYTES];

/** Whether whoever has the session's key sent this. */
export function isGenuine(key: Uint8Array, from: BeatFrom, { session, number, proof }: Beat): boolean {
  return timingSafeEqual(prove(key, from, session, number), proof);
}

function prove(key: Uint8Array, from: BeatFrom, session: Uint8Array, number: number): Buffer {
  const message = Buffer.alloc(8);
  message.writeBigUInt64LE(BigInt(number));
  const mac = createHmac('sha256', key).update(`jobloom beat of the ${from}`).update(session).update(message);
  return mac.digest().subarray(0, PROOF_BYTES);
}
