import type { Matrix } from '../data/features.ts';
import type { CentredColumns } from './centred-columns.ts';

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
export class DenseColumns implements CentredColumns {
  readonly cols: number;
  readonly means: Float64Array;
  readonly mean: number;
  readonly norms: Float64Array;
  readonly targetSquares: number;
  readonly #columns: readonly Float64Array[];
  readonly #targets: Float64Array;
  readonly #left: Float64Array;

  /** @param total all weight; 0 where nothing is centred */
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
