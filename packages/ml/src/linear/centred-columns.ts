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
    : new DenseColumns(X, y, sampleWeight, isCentred ? total : 0, mean);
}

/** Columns one after the other, each number times the root of its row's weight. */
class DenseColumns implements CentredColumns {
  readonly cols: number;
  readonly means: Float64Array;
  readonly mean: number;
  readonly norms: Float64Array;
  readonly targetSquares: number;
  readonly #data: Float64Array;
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
    this.#data = new Float64Array(rows * cols);
    this.norms = new Float64Array(cols);
    for (let j = 0; j < cols; j += 1) {
      const centre = this.means[j] as number;
      let squares = 0;
      for (let row = 0; row < rows; row += 1) {
        const value = (roots[row] as number) * ((X.data[row * cols + j] as number) - centre);
        this.#data[j * rows + row] = value;
        squares += value * value;
      }
      this.norms[j] = squares;
    }
    this.#targets = y.map((each, row) => (roots[row] as number) * (each - mean));
    this.#left = this.#targets.slice();
    this.targetSquares = this.#targets.reduce((sum, each) => sum + each * each, 0);
  }

  product(column: number): number {
    const data = this.#data;
    const left = this.#left;
    const rows = left.length;
    const start = column * rows;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let i = 0;
    for (; i + 4 <= rows; i += 4) {
      const at = start + i;
      s0 += (data[at] as number) * (left[i] as number);
      s1 += (data[at + 1] as number) * (left[i + 1] as number);
      s2 += (data[at + 2] as number) * (left[i + 2] as number);
      s3 += (data[at + 3] as number) * (left[i + 3] as number);
    }
    for (; i < rows; i += 1) s0 += (data[start + i] as number) * (left[i] as number);
    return s0 + s1 + (s2 + s3);
  }

  take(column: number, change: number): void {
    const data = this.#data;
    const left = this.#left;
    const rows = left.length;
    const start = column * rows;
    for (let i = 0; i < rows; i += 1) left[i] = (left[i] as number) - change * (data[start + i] as number);
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
