/** Marsaglia's xorshift of 32 bits, of which the low 31 are given: the small generator of scikit-learn's inner loops. */
export class Xorshift {
  #state: number;

  /** @param seed 0 counts as 1, for zero would stay zero */
  constructor(seed: number) {
    this.#state = seed | 0 || 1;
  }

  /** The next 31 bits. */
  next(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return state & 0x7fffffff;
  }

  /** An integer from [low, high). */
  between(low: number, high: number): number {
    return low + (this.next() % (high - low));
  }
}
