import { copyOf, type Segment } from './segment.ts';

/** Memory that this process alone reads, to send it elsewhere. */
export class PrivateSegment implements Segment {
  readonly capacity: number;
  readonly #bytes: Buffer<ArrayBuffer>;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
  }

  /** @throws TypeError: nobody else finds it */
  get locator(): never {
    throw new TypeError('memory that only its own process reads was to be read elsewhere');
  }

  write(bytes: Uint8Array): void {
    this.writeAt(bytes, 0);
  }

  writeAt(bytes: Uint8Array, at: number): void {
    this.#bytes.set(bytes, at);
  }

  equals(bytes: Uint8Array): boolean {
    return this.view(bytes.byteLength).equals(bytes);
  }

  read(length: number): Uint8Array<ArrayBuffer> {
    return copyOf(this.view(length));
  }

  view(length: number): Buffer<ArrayBuffer> {
    return this.#bytes.subarray(0, length);
  }

  destroy(): void {
    // the collector's
  }
}
