/** What two ends of a stream tell each other. A message on the stream holds one or more, in order. */
export type Envelope =
  /** The caller begins: 32 random bytes, and the name of the token it has. Fixed lengths; nothing else is read before the proofs. */
  | { readonly type: 'hello'; readonly nonce: Uint8Array; readonly keyId: Uint8Array }
  /** The daemon's answer: its own random bytes, the session's id (16 bytes), and the proof that it has the token. */
  | {
      readonly type: 'challenge';
      readonly nonce: Uint8Array;
      readonly session: Uint8Array;
      readonly proof: Uint8Array;
    }
  /** The caller's proof. */
  | { readonly type: 'proof'; readonly proof: Uint8Array }
  /** Who the other end is; the first after the proofs, both ways. */
  | { readonly type: 'about'; readonly about: Uint8Array }
  /** Start a worker for this link. `settings` is JSON. */
  | { readonly type: 'open'; readonly link: number; readonly settings: string }
  /** A piece of the link's stream of packets; `blobs` fill parts of the packet that ends with it. */
  | {
      readonly type: 'packet';
      readonly link: number;
      readonly data: Uint8Array;
      readonly blobs?: readonly BlobRef[];
    }
  /** End the link's worker at once. */
  | { readonly type: 'stop'; readonly link: number }
  /** The link's worker has ended. `place`: the unit that it was on, and the task; absent where the packets have said it. */
  | {
      readonly type: 'exit';
      readonly link: number;
      readonly code: number | undefined;
      readonly signal: string;
      readonly error: string;
      readonly place: { readonly unit: number; readonly index: number } | undefined;
    }
  /** A piece of a blob: `size` is that of the whole. */
  | { readonly type: 'blob'; readonly hash: Uint8Array; readonly size: number; readonly data: Uint8Array }
  /** Whether the receiver lacks a blob that was named. */
  | { readonly type: 'blobState'; readonly hash: Uint8Array; readonly needed: boolean }
  /** So many slots from now on; 0: it drains and takes nothing more. */
  | { readonly type: 'capacity'; readonly jobs: number };

/** A part of a packet that is a blob. */
export interface BlobRef {
  readonly part: number;
  readonly hash: Uint8Array;
}
