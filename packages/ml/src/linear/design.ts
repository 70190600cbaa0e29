import { type CsrMatrix, type DenseMatrix, isSparse, type Matrix } from '../data/features.ts';

/** X as linear models use it: products with several weight vectors at once, `weights[k * stride + column]`. */
export interface Design {
  readonly rows: number;
  readonly cols: number;
  /** `out[row * count + k]` becomes the product of row and weights k. */
  times(weights: Float64Array, count: number, stride: number, out: Float64Array): void;
  /** Adds to `out[k * stride + column]` the product of column and `factors[row * count + k]`. */
  addTransposed(factors: Float64Array, count: number, stride: number, out: Float64Array): void;
  /** Adds to `out` the rows, each times its factor times its product with v (and the bias times v's last). One pass. */
  addGram(v: Float64Array, factors: Float64Array, bias: number, out: Float64Array): void;
}

/** The products of a matrix. */
export function designOf(X: Matrix): Design {
  return isSparse(X) ? new SparseDesign(X) : new DenseDesign(X);
}

class DenseDesign implements Design {
  readonly rows: number;
  readonly cols: number;
  private readonly data: Float64Array;

  constructor(X: DenseMatrix) {
    this.rows = X.rows;
    this.cols = X.cols;
    this.data = X.data instanceof Float64Array ? X.data : Float64Array.from(X.data);
  }

  times(weights: Float64Array, count: number, stride: number, out: Float64Array): void {
    const { rows, cols, data } = this;
    let k = 0;
    for (; k + 4 <= count; k += 4) {
      const [w0, w1, w2, w3] = [k * stride, (k + 1) * stride, (k + 2) * stride, (k + 3) * stride];
      for (let row = 0; row < rows; row += 1) {
        const start = row * cols;
        let s0 = 0;
        let s1 = 0;
        let s2 = 0;
        let s3 = 0;
        for (let j = 0; j < cols; j += 1) {
          const x = data[start + j] as number;
          s0 += x * (weights[w0 + j] as number);
          s1 += x * (weights[w1 + j] as number);
          s2 += x * (weights[w2 + j] as number);
          s3 += x * (weights[w3 + j] as number);
        }
        const at = row * count + k;
        out[at] = s0;
        out[at + 1] = s1;
        out[at + 2] = s2;
        out[at + 3] = s3;
      }
    }
    for (; k < count; k += 1) {
      for (let row = 0; row < rows; row += 1) {
        const start = row * cols;
        let sum = 0;
        for (let j = 0; j < cols; j += 1) sum += (data[start + j] as number) * (weights[k * stride + j] as number);
        out[row * count + k] = sum;
      }
    }
  }

  addTransposed(factors: Float64Array, count: number, stride: number, out: Float64Array): void {
    const { rows, cols, data } = this;
    let row = 0;
    for (; row + 4 <= rows; row += 4) {
      const [x0, x1, x2, x3] = [row * cols, (row + 1) * cols, (row + 2) * cols, (row + 3) * cols];
      for (let k = 0; k < count; k += 1) {
        const at = row * count + k;
        const f0 = factors[at] as number;
        const f1 = factors[at + count] as number;
        const f2 = factors[at + 2 * count] as number;
        const f3 = factors[at + 3 * count] as number;
        const to = k * stride;
        for (let j = 0; j < cols; j += 1) {
          out[to + j] =
            (out[to + j] as number) +
            f0 * (data[x0 + j] as number) +
            f1 * (data[x1 + j] as number) +
            f2 * (data[x2 + j] as number) +
            f3 * (data[x3 + j] as number);
        }
      }
    }
    for (; row < rows; row += 1) {
      for (let k = 0; k < count; k += 1) {
        const factor = factors[row * count + k] as number;
        for (let j = 0; j < cols; j += 1) {
          out[k * stride + j] = (out[k * stride + j] as number) + factor * (data[row * cols + j] as number);
        }
      }
    }
  }

  addGram(v: Float64Array, factors: Float64Array, bias: number, out: Float64Array): void {
    const { rows, cols, data } = this;
    const hasBias = bias !== 0;
    for (let row = 0; row < rows; row += 1) {
      const start = row * cols;
      let sum = hasBias ? bias * (v[cols] as number) : 0;
      for (let j = 0; j < cols; j += 1) sum += (data[start + j] as number) * (v[j] as number);
      const factor = sum * (factors[row] as number);
      for (let j = 0; j < cols; j += 1) out[j] = (out[j] as number) + factor * (data[start + j] as number);
      if (hasBias) out[cols] = (out[cols] as number) + factor * bias;
    }
  }
}

class SparseDesign implements Design {
  readonly rows: number;
  readonly cols: number;
  private readonly X: CsrMatrix;

  constructor(X: CsrMatrix) {
    this.rows = X.rows;
    this.cols = X.cols;
    this.X = X;
  }

  times(weights: Float64Array, count: number, stride: number, out: Float64Array): void {
    const { data, indices, indptr } = this.X;
    for (let row = 0; row < this.rows; row += 1) {
      const [from, to] = [indptr[row] as number, indptr[row + 1] as number];
      for (let k = 0; k < count; k += 1) {
        const offset = k * stride;
        let sum = 0;
        for (let i = from; i < to; i += 1)
          sum += (data[i] as number) * (weights[offset + (indices[i] as number)] as number);
        out[row * count + k] = sum;
      }
    }
  }

  addTransposed(factors: Float64Array, count: number, stride: number, out: Float64Array): void {
    const { data, indices, indptr } = this.X;
    for (let row = 0; row < this.rows; row += 1) {
      const [from, to] = [indptr[row] as number, indptr[row + 1] as number];
      for (let k = 0; k < count; k += 1) {
        const offset = k * stride;
        const factor = factors[row * count + k] as number;
        for (let i = from; i < to; i += 1) {
          const at = offset + (indices[i] as number);
          out[at] = (out[at] as number) + factor * (data[i] as number);
        }
      }
    }
  }

  addGram(v: Float64Array, factors: Float64Array, bias: number, out: Float64Array): void {
    const { data, indices, indptr } = this.X;
    const { rows, cols } = this;
    const hasBias = bias !== 0;
    for (let row = 0; row < rows; row += 1) {
      const [from, to] = [indptr[row] as number, indptr[row + 1] as number];
      let sum = hasBias ? bias * (v[cols] as number) : 0;
      for (let i = from; i < to; i += 1) sum += (data[i] as number) * (v[indices[i] as number] as number);
      const factor = sum * (factors[row] as number);
      for (let i = from; i < to; i += 1) {
        const at = indices[i] as number;
        out[at] = (out[at] as number) + factor * (data[i] as number);
      }
      if (hasBias) out[cols] = (out[cols] as number) + factor * bias;
    }
  }
}
