/** Bytes that a number takes. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

/** Writes fields of the protobuf wire format into a buffer that is large enough. */
export class WireWriter {
  readonly bytes: Buffer;
  #at = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size);
  }

  varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.bytes[this.#at++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.#at++] = rest;
  }

  /** The beginning of a field of so many bytes. */
  field(number: number, length: number): void {
    this.varint(number * 8 + 2);
    this.varint(length);
  }

  raw(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.#at);
    this.#at += bytes.byteLength;
  }
}

/** A field: nothing where its value is what it has by default. */
export type Field = readonly [number: number, value: number | string | Uint8Array | undefined];

/** A short message of these fields. */
export function message(...fields: readonly Field[]): Buffer {
  const pieces: Uint8Array[] = [];
  for (const [number, value] of fields) {
    if (value === undefined) continue;
    if (typeof value === 'number') {
      const writer = new WireWriter(varintSize(number * 8) + varintSize(value));
      writer.varint(number * 8);
      writer.varint(value);
      pieces.push(writer.bytes);
      continue;
    }
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    const writer = new WireWriter(varintSize(number * 8) + varintSize(bytes.byteLength));
    writer.field(number, bytes.byteLength);
    pieces.push(writer.bytes, bytes);
  }
  return Buffer.concat(pieces);
}
