const FIRST = 64 * 1024;
/** Below so many characters a loop is faster than the way into native code. */
const SHORT = 24;
const number = new Float64Array(1);
const numberBytes = new Uint8Array(number.buffer);
const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Bytes that grow at their end. */
export class BytesWriter {
  length = 0;
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST);

  byte(value: number): void {
    if (this.length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.length++] = value;
  }

  /** 32 bits, the lowest byte first. */
  word(value: number): void {
    if (this.length + 4 > this.#bytes.length) this.#grow(4);
    const bytes = this.#bytes;
    bytes[this.length++] = value;
    bytes[this.length++] = value >>> 8;
    bytes[this.length++] = value >>> 16;
    bytes[this.length++] = value >>> 24;
  }

  /** A double as IEEE 754 has it, the lowest byte first; one NaN. */
  double(value: number): void {
    if (this.length + 8 > this.#bytes.length) this.#grow(8);
    number[0] = Number.isNaN(value) ? Number.NaN : value; // the bits of other NaNs are gone
    this.#bytes.set(littleEndian ? numberBytes : numberBytes.toReversed(), this.length);
    this.length += 8;
  }

  /** Length in bytes, then UTF-8. The text must be well formed. */
  utf8(text: string): void {
    const { length } = text;
    if (this.length + 4 + 3 * length > this.#bytes.length) this.#grow(4 + 3 * length);
    const start = this.length;
    if (length < SHORT && this.#ascii(text, start + 4)) {
      this.word(length);
      this.length += length;
      return;
    }
    const written = this.#bytes.write(text, start + 4, 'utf8');
    this.word(written);
    this.length += written;
  }

  /** Length in bytes, then two bytes a unit: for text with lone surrogates. */
  utf16(text: string): void {
    this.word(2 * text.length);
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      this.byte(unit & 0xff);
      this.byte(unit >>> 8);
    }
  }

  append(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** What was written from `start` on: a view, until the next write. */
  since(start: number): Buffer {
    return this.#bytes.subarray(start, this.length);
  }

  /** A copy of what was written from `start` on, which is taken back. */
  take(start: number): Buffer {
    const taken = Buffer.from(this.since(start));
    this.length = start;
    return taken;
  }

  #ascii(text: string, start: number): boolean {
    const bytes = this.#bytes;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      if (unit > 0x7f) return false;
      bytes[start + at] = unit;
    }
    return true;
  }

  #grow(by: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.length + by));
    bytes.set(this.since(0));
    this.#bytes = bytes;
  }
}
