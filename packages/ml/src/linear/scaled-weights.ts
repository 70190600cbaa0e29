import { isSparse, type Matrix } from '../data/features.ts';

/** Below it the scale is multiplied out, before it loses digits. */
const SMALLEST = 1e-9;

/**
 * Weights that are scaled, and averaged over steps, without touching those that a sparse row has no value for: they are
 * `scale` times `raw`, and their mean is `(rest + share * raw) / divisor`. Source: Bottou, 2012.
 */
export class ScaledWeights {
  readonly #raw: Float64Array;
  readonly #rest: Float64Array | undefined;
  readonly #X: Matrix;
  readonly #indptr: Int32Array | undefined;
  readonly #indices: Int32Array;
  #scale = 1;
  #share = 0;
  #divisor = 1;

  /** @param weights changed where they are; right after `settle` @param mean likewise; undefined for none */
  constructor(X: Matrix, weights: Float64Array, mean: Float64Array | undefined) {
    this.#X = X;
    this.#raw = weights;
    this.#rest = mean;
    this.#indptr = isSparse(X) ? X.indptr : undefined;
    this.#indices = isSparse(X) ? X.indices : new Int32Array(0);
  }

  /** The product with a row. */
  product(row: number): number {
    const { data, cols } = this.#X;
    const raw = this.#raw;
    let sum = 0;
    if (this.#indptr === undefined) {
      const start = row * cols;
      for (let j = 0; j < cols; j += 1) sum += (data[start + j] as number) * (raw[j] as number);
    } else {
      const end = this.#indptr[row + 1] as number;
      for (let k = this.#indptr[row] as number; k < end; k += 1)
        sum += (data[k] as number) * (raw[this.#indices[k] as number] as number);
    }
    return sum * this.#scale;
  }

  /** Adds a row, times a factor. */
  add(row: number, factor: number): void {
    const { data, cols } = this.#X;
    const raw = this.#raw;
    const rest = this.#rest;
    const change = factor / this.#scale;
    const share = this.#share;
    const indptr = this.#indptr;
    const [from, to] =
      indptr === undefined ? [row * cols, (row + 1) * cols] : [indptr[row] as number, indptr[row + 1] as number];
    for (let k = from; k < to; k += 1) {
      const j = indptr === undefined ? k - from : (this.#indices[k] as number);
      const step = change * (data[k] as number);
      raw[j] = (raw[j] as number) + step;
      if (rest !== undefined) rest[j] = (rest[j] as number) - share * step; // the mean stays as it is
    }
  }

  /** Scales the weights. */
  scale(factor: number): void {
    this.#scale *= factor;
    if (this.#scale < SMALLEST) this.settle();
  }

  /** Takes the weights as they are into their mean, as the n-th. */
  average(n: number): void {
    if (n > 1) this.#divisor /= 1 - 1 / n;
    this.#share += (1 / n) * this.#divisor * this.#scale;
  }

  /**
   * Moves the weights of a row's columns towards zero by what is due: `all` is what a weight would have been moved by so
   * far, and `had` how much each was. Source: Tsuruoka, Tsujii and Ananiadou, 2009 (cumulative penalty).
   */
  shrink(row: number, all: number, had: Float64Array): void {
    const raw = this.#raw;
    const scale = this.#scale;
    const indptr = this.#indptr;
    const [from, to] = indptr === undefined ? [0, this.#X.cols] : [indptr[row] as number, indptr[row + 1] as number];
    for (let k = from; k < to; k += 1) {
      const j = indptr === undefined ? k : (this.#indices[k] as number);
      const before = raw[j] as number;
      if (scale * before > 0) raw[j] = Math.max(0, before - (all + (had[j] as number)) / scale);
      else if (scale * before < 0) raw[j] = Math.min(0, before + (all - (had[j] as number)) / scale);
      had[j] = (had[j] as number) + scale * ((raw[j] as number) - before);
    }
  }

  areFinite(): boolean {
    return this.#raw.every(Number.isFinite);
  }

  /** Multiplies everything out: the arrays are the weights and their mean. */
  settle(): void {
    const raw = this.#raw;
    const rest = this.#rest;
    for (let j = 0; j < raw.length; j += 1) {
      if (rest !== undefined) rest[j] = ((rest[j] as number) + this.#share * (raw[j] as number)) / this.#divisor;
      raw[j] = (raw[j] as number) * this.#scale;
    }
    this.#scale = 1;
    this.#share = 0;
    this.#divisor = 1;
  }
}
