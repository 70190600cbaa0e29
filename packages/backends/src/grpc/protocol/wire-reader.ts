import { ProtocolError } from '../../errors.ts';

/** Reads fields of the protobuf wire format from one buffer. What it gives are views. */
export class WireReader {
  readonly #bytes: Uint8Array;
  #at: number;
  readonly #end: number;
  /** Number of the field that `next` came to. */
  field = 0;
  #type = 0;

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.byteLength) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  /** Goes to the next field. @throws ProtocolError when the bytes are no fields */
  next(): boolean {
    if (this.#at === this.#end) return false;
    const tag = this.#varint();
    this.field = Math.floor(tag / 8);
    this.#type = tag & 7;
    if (this.field === 0) throw broken('a field without a number');
    return true;
  }

  number(): number {
    if (this.#type !== 0) throw broken(`field ${this.field} is no number`);
    return this.#varint();
  }

  bytes(): Uint8Array {
    const [from, to] = this.#range();
    return this.#bytes.subarray(from, to);
  }

  text(): string {
    const bytes = this.bytes();
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  }

  /** A message in this one. */
  inner(): WireReader {
    const [from, to] = this.#range();
    return new WireReader(this.#bytes, from, to);
  }

  /** A field that this version does not know. */
  skip(): void {
    if (this.#type === 0) this.#varint();
    else if (this.#type === 2) this.#range();
    else if (this.#type === 1 || this.#type === 5) this.#move(this.#type === 1 ? 8 : 4);
    else throw broken(`wire type ${this.#type}`);
  }

  #range(): readonly [number, number] {
    if (this.#type !== 2) throw broken(`field ${this.field} has no length`);
    const length = this.#varint();
    const from = this.#at;
    this.#move(length);
    return [from, this.#at];
  }

  #move(bytes: number): void {
    if (bytes > this.#end - this.#at) throw broken('a message that ends early');
    this.#at += bytes;
  }

  #varint(): number {
    let value = 0;
    for (let scale = 1; scale <= LARGEST_SCALE; scale *= 128) {
      if (this.#at >= this.#end) throw broken('a number that ends early');
      const byte = this.#bytes[this.#at++] as number;
      value += (byte & 127) * scale;
      if (byte < 128) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
    }
    throw broken('a number that is too large');
  }
}

const LARGEST_SCALE = 2 ** 49;

function broken(what: string): ProtocolError {
  return new ProtocolError(`a message of the cluster that cannot be read: ${what}`);
}
