import { bare, type FrameRef, type HeldRef, type HostMessage, type Packet, type Part } from '../../pool/messages.ts';
import type { BlobRef } from '../protocol/envelope.ts';
import type { Blob } from './blobs.ts';
import type { IncomingBlobs } from './incoming-blobs.ts';

/** The blobs that one worker's packets name: parts are filled in, large buffers become files or shared memory of this machine. */
export class BlobParts {
  readonly #blobs: IncomingBlobs;
  /** Large buffers, by call and name. */
  readonly #memories = new Map<string, Blob>();

  constructor(blobs: IncomingBlobs) {
    this.#blobs = blobs;
  }

  /** A packet names these: what is here, or comes, stays until it has gone on. */
  expect(refs: readonly BlobRef[]): void {
    for (const { hash } of refs) this.#blobs.pin(hex(hash));
  }

  /** The packet has gone on, or never will. */
  release(refs: readonly BlobRef[]): void {
    for (const { hash } of refs) this.#blobs.unpin(hex(hash));
  }

  /** Hashes of those that are not here. */
  missing(refs: readonly BlobRef[]): string[] {
    return refs.map(({ hash }) => hex(hash)).filter((hash) => this.#blobs.get(hash) === undefined);
  }

  /** What the worker is to be told; nothing where this end remembers it. */
  localize(packet: Packet<HostMessage>, refs: readonly BlobRef[] | undefined): Packet<HostMessage> | undefined {
    const { message } = packet;
    if (message.type === 'memory' && refs?.[0] !== undefined) return this.#remember(packet, message, refs[0]);
    if (refs !== undefined) for (const { part, hash } of refs) this.#fill(packet.parts as Part[], part, hash);
    if (message.type === 'code' && refs !== undefined)
      return bare({ ...message, text: new TextDecoder().decode(packet.parts[0]) });
    if (message.type === 'end') this.#forget(`${message.scope} `);
    if (message.type === 'run' && message.args.kind === 'values' && message.args.frame.held !== undefined) {
      const { args, scope } = message;
      const shared = [...packet.shared];
      return {
        ...packet,
        shared,
        message: { ...message, args: { ...args, frame: this.#found(args.frame, scope, shared) } },
      };
    }
    if (message.type === 'define' && message.frame.held !== undefined) {
      const shared = [...packet.shared];
      return { ...packet, shared, message: { ...message, frame: this.#found(message.frame, message.scope, shared) } };
    }
    return packet;
  }

  /** The worker is gone. */
  clear(): void {
    this.#forget('');
  }

  #remember(
    packet: Packet<HostMessage>,
    message: HostMessage & { type: 'memory' },
    { hash }: BlobRef,
  ): Packet<HostMessage> | undefined {
    const blob = this.#blobs.get(hex(hash)) as Blob;
    const { locator } = blob.segment;
    if ('memory' in locator && !this.#blobs.sharesMemory) return { ...packet, parts: [blob.segment.read(blob.size)] }; // no file had room for it
    blob.users += 1;
    this.#memories.set(`${message.scope} ${message.name}`, blob);
    return undefined;
  }

  #fill(parts: Part[], part: number, hash: Uint8Array): void {
    const blob = this.#blobs.get(hex(hash)) as Blob;
    if (part >= parts.length) throw new TypeError(`the packet has no part ${part}`);
    parts[part] = blob.segment.read(blob.size);
  }

  #found(frame: FrameRef, scope: number, shared: SharedArrayBuffer[]): FrameRef {
    return { ...frame, held: frame.held?.map((ref) => this.#place(ref, scope, shared)) ?? [] };
  }

  #place(ref: HeldRef, scope: number, shared: SharedArrayBuffer[]): HeldRef {
    const { at, name, bytes, own } = ref;
    const blob = this.#memories.get(`${scope} ${name}`);
    if (blob === undefined) return { at, name, bytes, ...(own && { own }), part: true };
    const { locator } = blob.segment;
    const plain = { at, name, bytes, ...(own && { own }) };
    return 'path' in locator ? { ...plain, path: locator.path } : { ...plain, shared: shared.push(locator.memory) - 1 };
  }

  #forget(prefix: string): void {
    for (const [key, blob] of this.#memories) {
      if (!key.startsWith(prefix)) continue;
      this.#memories.delete(key);
      blob.users -= 1;
    }
  }
}

function hex(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString('hex');
}
