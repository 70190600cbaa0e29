/** A part of a packet that is a blob. */
export interface BlobRef {
  readonly part: number;
  /** SHA-256, 32 bytes; or the name of a draft. */
  readonly hash: Uint8Array;
}

/** Where a worker was when it ended: on task `index` of `unit`; unit 0 is none. */
export interface Place {
  readonly unit: number;
  readonly index: number;
}

/** What two ends of a stream tell each other; cluster.proto explains each. */
export type Envelope =
  | { readonly type: 'hello'; readonly nonce: Uint8Array; readonly keyId: Uint8Array }
  | { readonly type: 'challenge'; readonly nonce: Uint8Array; readonly session: Uint8Array; readonly proof: Uint8Array }
  | { readonly type: 'proof'; readonly proof: Uint8Array }
  | { readonly type: 'about'; readonly about: string }
  | { readonly type: 'open'; readonly link: number; readonly settings: string }
  | PacketEnvelope
  | { readonly type: 'stop'; readonly link: number }
  | {
      readonly type: 'exit';
      readonly link: number;
      readonly code?: number;
      readonly signal?: string;
      readonly error?: string;
      /** Bytes that it held more than, and was ended for. */
      readonly memoryLimit?: number;
      /** Another worker would end in the same way. */
      readonly hopeless?: boolean;
      readonly place?: Place;
    }
  | BlobEnvelope
  | { readonly type: 'blobState'; readonly hash: Uint8Array; readonly needed: boolean }
  | { readonly type: 'capacity'; readonly jobs: number }
  | { readonly type: 'draft'; readonly name: Uint8Array; readonly size: number; readonly probe: Uint8Array }
  | { readonly type: 'sum'; readonly name: Uint8Array; readonly hash: Uint8Array };

export interface PacketEnvelope {
  readonly type: 'packet';
  readonly link: number;
  readonly data: Uint8Array;
  readonly blobs?: readonly BlobRef[];
}

export interface BlobEnvelope {
  readonly type: 'blob';
  readonly hash: Uint8Array;
  readonly size: number;
  readonly data: Uint8Array;
}

/** Field numbers of `Envelope` in cluster.proto. */
export const FIELDS: {
  readonly hello: 1;
  readonly challenge: 2;
  readonly proof: 3;
  readonly about: 4;
  readonly open: 5;
  readonly packet: 6;
  readonly stop: 7;
  readonly exit: 8;
  readonly blob: 9;
  readonly blobState: 10;
  readonly capacity: 11;
  readonly draft: 12;
  readonly sum: 13;
} = {
  hello: 1,
  challenge: 2,
  proof: 3,
  about: 4,
  open: 5,
  packet: 6,
  stop: 7,
  exit: 8,
  blob: 9,
  blobState: 10,
  capacity: 11,
  draft: 12,
  sum: 13,
};
