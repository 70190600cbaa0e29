import type { CentredColumns } from './centred-columns.ts';
import type { DenseColumns } from './dense-columns.ts';

/** Products of all columns with each other take no more than this many bytes. */
const MOST = 2 ** 26;

/**
 * Columns that compute all products with each other once they were asked for so much that it pays, and from then on only
 * how the products with what is left change; that itself is brought up to date when it is asked for.
 */
export class ProductColumns implements CentredColumns {
  readonly cols: number;
  readonly means: Float64Array;
  readonly mean: number;
  readonly norms: Float64Array;
  readonly targetSquares: number;
  readonly #inner: DenseColumns;
  #patience: number;
  #products: Float64Array | undefined;
  readonly #withLeft: Float64Array;
  readonly #due: Float64Array;

  constructor(inner: DenseColumns) {
    const { cols, means, mean, norms, targetSquares } = inner;
    this.cols = cols;
    this.means = means;
    this.mean = mean;
    this.norms = norms;
    this.targetSquares = targetSquares;
    this.#inner = inner;
    this.#patience = 8 * cols * cols > MOST ? Number.POSITIVE_INFINITY : (cols * cols) / 4;
    this.#withLeft = new Float64Array(cols);
    this.#due = new Float64Array(cols);
  }

  product(column: number): number {
    if (this.#products !== undefined) return this.#withLeft[column] as number;
    this.#patience -= 1;
    return this.#inner.product(column);
  }

  take(column: number, change: number): void {
    const products = this.#products;
    if (products === undefined) {
      this.#inner.take(column, change);
      this.#patience -= 1;
      if (this.#patience < 0) {
        this.#products = this.#inner.products();
        this.#refresh();
      }
      return;
    }
    const withLeft = this.#withLeft;
    const start = column * this.cols;
    for (let j = 0; j < withLeft.length; j += 1)
      withLeft[j] = (withLeft[j] as number) - change * (products[start + j] as number);
    this.#due[column] = (this.#due[column] as number) + change;
  }

  left(): { squares: number; withTargets: number } {
    if (this.#products !== undefined) {
      for (const [j, change] of this.#due.entries()) if (change !== 0) this.#inner.take(j, change);
      this.#due.fill(0);
      this.#refresh();
    }
    return this.#inner.left();
  }

  #refresh(): void {
    for (let j = 0; j < this.cols; j += 1) this.#withLeft[j] = this.#inner.product(j);
  }
}
