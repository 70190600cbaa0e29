import { isSparse, type Matrix } from '../data/features.ts';

/** A kernel with its numbers: `(gamma x.z + coef0)^degree`, `tanh(gamma x.z + coef0)`, `exp(-gamma |x - z|^2)`, `x.z`. */
export interface Kernel {
  readonly kind: 'linear' | 'poly' | 'rbf' | 'sigmoid';
  readonly gamma: number;
  readonly degree: number;
  readonly coef0: number;
}

/** Kernels of rows of one matrix with runs of rows of another. */
export class KernelRows {
  readonly #kernel: Kernel;
  readonly #left: Matrix;
  readonly #right: Matrix;
  readonly #leftSquares: Float64Array;
  readonly #rightSquares: Float64Array;
  /** Sparse: the row that was asked for last, spread out. */
  readonly #spread: Float64Array;
  readonly #isSparse: boolean;

  constructor(kernel: Kernel, left: Matrix, right: Matrix) {
    this.#kernel = kernel;
    this.#left = asDoubles(left);
    this.#right = left === right ? this.#left : asDoubles(right);
    this.#isSparse = isSparse(left) || isSparse(right);
    this.#spread = new Float64Array(this.#isSparse ? left.cols : 0);
    this.#leftSquares = kernel.kind === 'rbf' ? squaresOf(left) : new Float64Array(0);
    this.#rightSquares = left === right || kernel.kind !== 'rbf' ? this.#leftSquares : squaresOf(right);
  }

  /** Writes the kernels of a row of the left matrix with rows `from` to `to` of the right one, from `out[at]` on. */
  write(row: number, from: number, to: number, out: Float64Array, at: number): void {
    if (this.#isSparse) this.#sparseProducts(row, from, to, out, at);
    else this.#denseProducts(row, from, to, out, at);
    const { kind, gamma, degree, coef0 } = this.#kernel;
    const end = at + to - from;
    if (kind === 'rbf') {
      const square = this.#leftSquares[row] as number;
      const shift = from - at;
      for (let i = at; i < end; i += 1) {
        const distance = square + (this.#rightSquares[i + shift] as number) - 2 * (out[i] as number);
        out[i] = Math.exp(-gamma * distance);
      }
    } else if (kind === 'poly') {
      for (let i = at; i < end; i += 1) out[i] = (gamma * (out[i] as number) + coef0) ** degree;
    } else if (kind === 'sigmoid') {
      for (let i = at; i < end; i += 1) out[i] = Math.tanh(gamma * (out[i] as number) + coef0);
    }
  }

  /** The kernel of a row of the left matrix with itself. */
  own(row: number, scratch: Float64Array): number {
    this.write(row, row, row + 1, scratch, 0);
    return scratch[0] as number;
  }

  /** Four rows at a time, which share what is read of the one. */
  #denseProducts(row: number, from: number, to: number, out: Float64Array, at: number): void {
    const { data: x, cols } = this.#left;
    const { data: z } = this.#right;
    const start = row * cols;
    let k = from;
    for (; k + 4 <= to; k += 4) {
      const [z0, z1, z2, z3] = [k * cols, (k + 1) * cols, (k + 2) * cols, (k + 3) * cols];
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let j = 0; j < cols; j += 1) {
        const value = x[start + j] as number;
        s0 += value * (z[z0 + j] as number);
        s1 += value * (z[z1 + j] as number);
        s2 += value * (z[z2 + j] as number);
        s3 += value * (z[z3 + j] as number);
      }
      const to0 = at + k - from;
      out[to0] = s0;
      out[to0 + 1] = s1;
      out[to0 + 2] = s2;
      out[to0 + 3] = s3;
    }
    for (; k < to; k += 1) {
      let sum = 0;
      for (let j = 0; j < cols; j += 1) sum += (x[start + j] as number) * (z[k * cols + j] as number);
      out[at + k - from] = sum;
    }
  }

  #sparseProducts(row: number, from: number, to: number, out: Float64Array, at: number): void {
    const spread = this.#spread;
    forEachOf(this.#left, row, (column, value) => {
      spread[column] = value;
    });
    const right = this.#right;
    for (let k = from; k < to; k += 1) {
      let sum = 0;
      if (isSparse(right)) {
        const { data, indices, indptr } = right;
        const end = indptr[k + 1] as number;
        for (let i = indptr[k] as number; i < end; i += 1)
          sum += (data[i] as number) * (spread[indices[i] as number] as number);
      } else {
        for (let j = 0; j < right.cols; j += 1)
          sum += (right.data[k * right.cols + j] as number) * (spread[j] as number);
      }
      out[at + k - from] = sum;
    }
    forEachOf(this.#left, row, (column) => {
      spread[column] = 0;
    });
  }
}

function forEachOf(X: Matrix, row: number, take: (column: number, value: number) => void): void {
  if (isSparse(X)) {
    const end = X.indptr[row + 1] as number;
    for (let i = X.indptr[row] as number; i < end; i += 1) take(X.indices[i] as number, X.data[i] as number);
  } else for (let j = 0; j < X.cols; j += 1) take(j, X.data[row * X.cols + j] as number);
}

function squaresOf(X: Matrix): Float64Array {
  return Float64Array.from({ length: X.rows }, (_, row) => {
    let sum = 0;
    forEachOf(X, row, (_column, value) => {
      sum += value * value;
    });
    return sum;
  });
}

function asDoubles<M extends Matrix>(X: M): M {
  return X.data instanceof Float64Array ? X : { ...X, data: Float64Array.from(X.data) };
}
