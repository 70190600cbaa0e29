import { createHash } from 'node:crypto';

const SAMPLES = 64;
const SAMPLE_BYTES = 32;

/**
 * What tells contents apart without a look at all of them: those with different probes differ, those with the same
 * one may be the same. Takes a content piece by piece.
 */
export class Probe {
  readonly #size: number;
  readonly #samples: Buffer;
  readonly #bytes: number;
  readonly #step: number;
  #at = 0;

  constructor(size: number) {
    this.#size = size;
    this.#bytes = Math.min(SAMPLE_BYTES, size);
    this.#step = (size - this.#bytes) / (SAMPLES - 1);
    this.#samples = Buffer.alloc(SAMPLES * this.#bytes);
  }

  add(piece: Uint8Array): void {
    const from = this.#at;
    const to = from + piece.byteLength;
    this.#at = to;
    const before = this.#step === 0 ? 0 : Math.floor((from - this.#bytes) / this.#step);
    for (let sample = Math.max(0, before); sample < SAMPLES; sample += 1) {
      const start = Math.floor(sample * this.#step);
      if (start >= to) return;
      const first = Math.max(start, from);
      const last = Math.min(start + this.#bytes, to);
      if (first < last)
        this.#samples.set(piece.subarray(first - from, last - from), sample * this.#bytes + first - start);
    }
  }

  /** 32 bytes. */
  digest(): Buffer {
    return createHash('sha256').update(`${this.#size} `).update(this.#samples).digest();
  }
}

/** The probe of a content that is there. */
export function probeOf(bytes: Uint8Array): Buffer {
  const probe = new Probe(bytes.byteLength);
  probe.add(bytes);
  return probe.digest();
}
