import { type CsrMatrix, isSparse, type Matrix } from '../data/features.ts';

/**
 * What is left of targets after a linear function of columns, all centred by their weighted means, and how it changes
 * when the weight of a column does.
 */
export interface CentredColumns {
  readonly cols: number;
  /** Weighted means of the columns and of the targets; zeros where nothing is centred. */
  readonly means: Float64Array;
  readonly mean: number;
  /** Weighted squares of each centred column. */
  readonly norms: Float64Array;
  /** Weighted squares of the centred targets. */
  readonly targetSquares: number;
  /** The weighted product of a column and what is left. */
  product(column: number): number;
  /** Takes `change` times a column from what is left. */
  take(column: number, change: number): void;
  /** Weighted squares of what is left, and its weighted product with the centred targets. */
  left(): { readonly squares: number; readonly withTargets: number };
}

/** @param isCentred false: nothing is centred */
export function centredColumns(
  X: Matrix,
  y: Float64Array,
  sampleWeight: Float64Array,
  isCentred: boolean,
): CentredColumns {
  const total = sampleWeight.reduce((sum, each) => sum + each, 0);
  let mean = 0;
  if (isCentred) for (const [row, target] of y.entries()) mean += ((sampleWeight[row] as number) * target) / total;
  return isSparse(X)
    ? new SparseColumns(X, y, sampleWeight, isCentred ? total : 0, mean)
    : new WithProducts(new DenseColumns(X, y, sampleWeight, isCentred ? total : 0, mean));
}

/** Products of all columns with each other take no more than this many bytes. */
const MOST = 2 ** 26;

/**
 * Columns that compute all products with each other once they were asked for so much that it pays, and from then on only
 * how the products with what is left change; that itself is brought up to date when it is asked for.
 */
class WithProducts implements CentredColumns {
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

/** Columns that are copied side by side, so that each line of memory that is read is used whole. */
const TILE = 8;

/** Four sums at a time, which wait less for each other. */
function dot(a: Float64Array, b: Float64Array): number {
  const { length } = a;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    s0 += (a[i] as number) * (b[i] as number);
    s1 += (a[i + 1] as number) * (b[i + 1] as number);
    s2 += (a[i + 2] as number) * (b[i + 2] as number);
    s3 += (a[i + 3] as number) * (b[i + 3] as number);
  }
  for (; i < length; i += 1) s0 += (a[i] as number) * (b[i] as number);
  return s0 + s1 + (s2 + s3);
}

/** Columns one after the other, each number times the root of its row's weight. */
class DenseColumns implements CentredColumns {
  readonly cols: number;
  readonly means: Float64Array;
  readonly mean: number;
  readonly norms: Float64Array;
  readonly targetSquares: number;
  readonly #columns: readonly Float64Array[];
  readonly #targets: Float64Array;
  readonly #left: Float64Array;

  constructor(X: Matrix, y: Float64Array, sampleWeight: Float64Array, total: number, mean: number) {
    const { rows, cols } = X;
    const roots = sampleWeight.map(Math.sqrt);
    this.cols = cols;
    this.mean = mean;
    this.means = new Float64Array(cols);
    if (total > 0) {
      for (let row = 0; row < rows; row += 1) {
        const share = (sampleWeight[row] as number) / total;
        for (let j = 0; j < cols; j += 1)
          this.means[j] = (this.means[j] as number) + share * (X.data[row * cols + j] as number);
      }
    }
    const data = new Float64Array(rows * cols);
    this.#columns = Array.from({ length: cols }, (_, j) => data.subarray(j * rows, (j + 1) * rows));
    for (let first = 0; first < cols; first += TILE) {
      const end = Math.min(first + TILE, cols);
      for (let row = 0; row < rows; row += 1) {
        const root = roots[row] as number;
        for (let j = first; j < end; j += 1)
          data[j * rows + row] = root * ((X.data[row * cols + j] as number) - (this.means[j] as number));
      }
    }
    this.norms = Float64Array.from(this.#columns, (column) => dot(column, column));
    this.#targets = y.map((each, row) => (roots[row] as number) * (each - mean));
    this.#left = this.#targets.slice();
    this.targetSquares = this.#targets.reduce((sum, each) => sum + each * each, 0);
  }

  product(column: number): number {
    return dot(this.#columns[column] as Float64Array, this.#left);
  }

  take(column: number, change: number): void {
    const own = this.#columns[column] as Float64Array;
    const left = this.#left;
    const rows = left.length;
    let i = 0;
    for (; i + 4 <= rows; i += 4) {
      const l0 = (left[i] as number) - change * (own[i] as number);
      const l1 = (left[i + 1] as number) - change * (own[i + 1] as number);
      const l2 = (left[i + 2] as number) - change * (own[i + 2] as number);
      const l3 = (left[i + 3] as number) - change * (own[i + 3] as number);
      left[i] = l0;
      left[i + 1] = l1;
      left[i + 2] = l2;
      left[i + 3] = l3;
    }
    for (; i < rows; i += 1) left[i] = (left[i] as number) - change * (own[i] as number);
  }

  /** The products of all columns with each other: columns x columns. */
  products(): Float64Array {
    const { cols } = this;
    const all = new Float64Array(cols * cols);
    for (let j = 0; j < cols; j += 1) {
      const own = this.#columns[j] as Float64Array;
      for (let k = 0; k <= j; k += 1) {
        const product = dot(own, this.#columns[k] as Float64Array);
        all[j * cols + k] = product;
        all[k * cols + j] = product;
      }
    }
    return all;
  }

  left(): { squares: number; withTargets: number } {
    let squares = 0;
    let withTargets = 0;
    for (const [i, each] of this.#left.entries()) {
      squares += each * each;
      withTargets += each * (this.#targets[i] as number);
    }
    return { squares, withTargets };
  }
}

/** Stored values by column. Centring is done in thought: what is left of row i is `left[i] + shift`. */
class SparseColumns implements CentredColumns {
  readonly cols: number;
  readonly means: Float64Array;
  readonly mean: number;
  readonly norms: Float64Array;
  readonly targetSquares: number;
  readonly #starts: Int32Array;
  readonly #rows: Int32Array;
  readonly #values: Float64Array;
  readonly #weights: Float64Array;
  readonly #targets: Float64Array;
  readonly #left: Float64Array;
  /** All weight where columns are centred, else 0. */
  readonly #total: number;
  #shift = 0;

  constructor(X: CsrMatrix, y: Float64Array, sampleWeight: Float64Array, total: number, mean: number) {
    const { data, indices, indptr, rows, cols } = X;
    this.cols = cols;
    this.mean = mean;
    this.#total = total;
    this.#weights = sampleWeight;
    this.#starts = new Int32Array(cols + 1);
    for (const column of indices) this.#starts[column + 1] = (this.#starts[column + 1] as number) + 1;
    for (let j = 0; j < cols; j += 1)
      this.#starts[j + 1] = (this.#starts[j + 1] as number) + (this.#starts[j] as number);
    const next = this.#starts.slice();
    this.#rows = new Int32Array(indices.length);
    this.#values = new Float64Array(indices.length);
    for (let row = 0; row < rows; row += 1) {
      for (let k = indptr[row] as number; k < (indptr[row + 1] as number); k += 1) {
        const at = next[indices[k] as number] as number;
        next[indices[k] as number] = at + 1;
        this.#rows[at] = row;
        this.#values[at] = data[k] as number;
      }
    }
    this.means = new Float64Array(cols);
    this.norms = new Float64Array(cols);
    for (let j = 0; j < cols; j += 1) {
      let sum = 0;
      let squares = 0;
      for (let k = this.#starts[j] as number; k < (this.#starts[j + 1] as number); k += 1) {
        const weighted = (sampleWeight[this.#rows[k] as number] as number) * (this.#values[k] as number);
        sum += weighted;
        squares += weighted * (this.#values[k] as number);
      }
      const centre = total > 0 ? sum / total : 0;
      this.means[j] = centre;
      this.norms[j] = Math.max(squares - total * centre * centre, 0);
    }
    this.#targets = y.map((each) => each - mean);
    this.#left = this.#targets.slice();
    this.targetSquares = this.#targets.reduce((sum, each, i) => sum + (sampleWeight[i] as number) * each * each, 0);
  }

  product(column: number): number {
    const rows = this.#rows;
    const end = this.#starts[column + 1] as number;
    let sum = 0;
    for (let k = this.#starts[column] as number; k < end; k += 1) {
      const row = rows[k] as number;
      sum += (this.#values[k] as number) * (this.#weights[row] as number) * (this.#left[row] as number);
    }
    // What is left has the weighted mean zero, so that the column's own centring does not show.
    return sum + this.#shift * this.#total * (this.means[column] as number);
  }

  take(column: number, change: number): void {
    const left = this.#left;
    const end = this.#starts[column + 1] as number;
    for (let k = this.#starts[column] as number; k < end; k += 1) {
      const row = this.#rows[k] as number;
      left[row] = (left[row] as number) - change * (this.#values[k] as number);
    }
    this.#shift += change * (this.means[column] as number);
  }

  left(): { squares: number; withTargets: number } {
    let squares = 0;
    let withTargets = 0;
    for (const [row, each] of this.#left.entries()) {
      const left = each + this.#shift;
      const weighted = (this.#weights[row] as number) * left;
      squares += weighted * left;
      withTargets += weighted * (this.#targets[row] as number);
    }
    return { squares, withTargets };
  }
}
