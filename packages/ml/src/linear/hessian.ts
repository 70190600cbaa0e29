import type { Design } from './design.ts';

/**
 * A weighted Gram matrix of a design, by which vectors are multiplied: row by row, or, where that costs more than to
 * make the matrix, by the matrix. Whether it will is told by how many products there were before the factors changed.
 */
export class Hessian {
  readonly #design: Design;
  readonly #factors: Float64Array;
  readonly #bias: number;
  /** Products that cost as much as the matrix. */
  readonly #limit: number;
  #matrix: Float64Array | undefined;
  #products = 0;
  #before = 0;

  /** @param factors of rows; they may change before `renew` is called */
  constructor(design: Design, factors: Float64Array, bias: number) {
    this.#design = design;
    this.#factors = factors;
    this.#bias = bias;
    this.#limit = design.gram === undefined ? Number.POSITIVE_INFINITY : design.cols / 4;
  }

  /** The factors changed. */
  renew(): void {
    this.#matrix = undefined;
    this.#before = this.#products;
    this.#products = 0;
  }

  /** Adds to `out` the product with v. */
  addTimes(v: Float64Array, out: Float64Array): void {
    this.#products += 1;
    if (Math.max(this.#before, this.#products) > this.#limit)
      this.#matrix ??= this.#design.gram?.(this.#factors, this.#bias);
    if (this.#matrix === undefined) this.#design.addGram(v, this.#factors, this.#bias, out);
    else addProduct(this.#matrix, v, out);
  }
}

function addProduct(matrix: Float64Array, v: Float64Array, out: Float64Array): void {
  const size = v.length;
  for (let i = 0; i < size; i += 1) {
    const start = i * size;
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    let j = 0;
    for (; j + 4 <= size; j += 4) {
      s0 += (matrix[start + j] as number) * (v[j] as number);
      s1 += (matrix[start + j + 1] as number) * (v[j + 1] as number);
      s2 += (matrix[start + j + 2] as number) * (v[j + 2] as number);
      s3 += (matrix[start + j + 3] as number) * (v[j + 3] as number);
    }
    for (; j < size; j += 1) s0 += (matrix[start + j] as number) * (v[j] as number);
    out[i] = (out[i] as number) + s0 + (s1 + (s2 + s3));
  }
}
