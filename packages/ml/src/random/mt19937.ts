const N = 624;
const M = 397;

/** The Mersenne Twister with 32-bit seeds, as numpy's RandomState has it. Source: Matsumoto and Nishimura, 1998. */
export class Mt19937 {
  readonly key: Uint32Array = new Uint32Array(N);
  position: number = N;

  constructor(seed: number) {
    let state = seed >>> 0;
    for (let i = 0; i < N; i += 1) {
      this.key[i] = state;
      state = (Math.imul(1812433253, state ^ (state >>> 30)) + i + 1) >>> 0;
    }
  }

  /** The next 32 bits. */
  next(): number {
    if (this.position === N) this.refill();
    let y = this.key[this.position] as number;
    this.position += 1;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  private refill(): void {
    const { key } = this;
    for (let i = 0; i < N; i += 1) {
      const y = ((key[i] as number) & 0x80000000) | ((key[(i + 1) % N] as number) & 0x7fffffff);
      key[i] = (key[(i + M) % N] as number) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.position = 0;
  }
}
