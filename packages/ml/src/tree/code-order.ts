/** Up to so many numbers, insertion is the fastest way to sort. */
const FEW = 24;

/** The codes of a node's rows in one column, and its order by them. */
export class CodeOrder {
  /** After `sort`: codes, ascending, and the row of the node that each is of. Ties are in the order of the rows. */
  codes: Int32Array;
  order: Int32Array;
  #codesNext: Int32Array;
  #orderNext: Int32Array;
  #counts: Int32Array = new Int32Array(1024);

  constructor(rows: number) {
    this.codes = new Int32Array(rows);
    this.order = new Int32Array(rows);
    this.#codesNext = new Int32Array(rows);
    this.#orderNext = new Int32Array(rows);
  }

  /** Sorts the first n of `codes`, which are from `low` up to `high`. */
  sort(n: number, low: number, high: number): void {
    const { codes, order } = this;
    const range = high - low + 1;
    if (n <= FEW && range > n) {
      for (let i = 0; i < n; i += 1) {
        const code = codes[i] as number;
        let at = i;
        while (at > 0 && (codes[at - 1] as number) > code) {
          codes[at] = codes[at - 1] as number;
          order[at] = order[at - 1] as number;
          at -= 1;
        }
        codes[at] = code;
        order[at] = i;
      }
      return;
    }
    for (let i = 0; i < n; i += 1) order[i] = i;
    if (range <= 4 * n) return this.#pass(n, low, 0, range);
    const bits = (33 - Math.clz32(range)) >> 1; // two digits
    this.#pass(n, low, 0, 1 << bits);
    this.#pass(n, low, bits, ((high - low) >> bits) + 1);
  }

  /** One pass of a radix sort, by the digit from bit `shift`, which is below `digits` (a power of two where it is not the last). */
  #pass(n: number, low: number, shift: number, digits: number): void {
    const { codes, order } = this;
    const codesNext = this.#codesNext;
    const orderNext = this.#orderNext;
    if (this.#counts.length < digits) this.#counts = new Int32Array(2 * digits);
    const counts = this.#counts;
    const mask = shift === 0 && (digits & (digits - 1)) === 0 ? digits - 1 : 0x7fffffff;
    counts.fill(0, 0, digits);
    for (let i = 0; i < n; i += 1) {
      const digit = (((codes[i] as number) - low) >> shift) & mask;
      counts[digit] = (counts[digit] as number) + 1;
    }
    let sum = 0;
    for (let digit = 0; digit < digits; digit += 1) {
      const count = counts[digit] as number;
      counts[digit] = sum;
      sum += count;
    }
    for (let i = 0; i < n; i += 1) {
      const code = codes[i] as number;
      const digit = ((code - low) >> shift) & mask;
      const at = counts[digit] as number;
      counts[digit] = at + 1;
      codesNext[at] = code;
      orderNext[at] = order[i] as number;
    }
    this.codes = codesNext;
    this.order = orderNext;
    this.#codesNext = codes;
    this.#orderNext = order;
  }
}
