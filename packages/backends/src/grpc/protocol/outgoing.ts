import type { Encoded } from './encode.ts';

/** From this size on, messages are put together in the same memory one after the other: fresh memory costs more than the copy. */
const LARGE = 64 * 1024;

/** Memory of one stream, in which one large message after the other is put together. */
export interface Bench {
  memory: Buffer | undefined;
}

/** A message that is put together when its turn comes: grpc-js copies it before it asks for the next one. */
export class Outgoing {
  readonly #pieces: readonly Encoded[];
  readonly #bytes: number;
  readonly #bench: Bench;
  readonly #taken: (() => void) | undefined;

  /** @param taken hears that the pieces are not read any more */
  constructor(pieces: readonly Encoded[], bytes: number, bench: Bench, taken?: () => void) {
    this.#pieces = pieces;
    this.#bytes = bytes;
    this.#bench = bench;
    this.#taken = taken;
  }

  /** The message. It is there until the next one of its stream. */
  toBytes(): Buffer {
    const message = this.#bytes < LARGE ? Buffer.allocUnsafe(this.#bytes) : this.#large();
    let at = 0;
    for (const { head, body } of this.#pieces) {
      message.set(head, at);
      at += head.byteLength;
      if (body === undefined) continue;
      message.set(body, at);
      at += body.byteLength;
    }
    this.#taken?.();
    return message;
  }

  #large(): Buffer {
    const { memory } = this.#bench;
    if (memory !== undefined && memory.byteLength >= this.#bytes) return memory.subarray(0, this.#bytes);
    this.#bench.memory = Buffer.allocUnsafeSlow(this.#bytes);
    return this.#bench.memory;
  }
}
