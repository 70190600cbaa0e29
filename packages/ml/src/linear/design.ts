import { type DenseMatrix, isSparse, type Matrix } from '../data/features.ts';
import { CompiledCsrDesign } from './compiled-csr-design.ts';
import { CompiledDenseDesign } from './compiled-dense-design.ts';
import { CsrDesign } from './csr-design.ts';
import { hasKernels } from './kernel-memory.ts';

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

/** Products by a way that holds memory of its own, until `close`. */
export interface PreparedDesign extends Design {
  close(): void;
}

/** The products of a matrix. */
export function designOf(X: Matrix): Design {
  return isSparse(X) ? new CsrDesign(X) : new DenseDesign(X);
}

/**
 * The same products, bit for bit, by a way that is worth its preparation where there will be tens of them; undefined
 * where there is none.
 * @param count how many weight vectors there are at once
 */
export function preparedDesignOf(X: Matrix, count: number): PreparedDesign | undefined {
  if (isSparse(X)) return hasKernels(X.data.length * 12) ? new CompiledCsrDesign(X, count) : undefined;
  if (!hasKernels(X.data.length * 16)) return undefined;
  const design = new DenseDesign(X);
  return new CompiledDenseDesign(design.data, design);
}

class DenseDesign implements Design {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;

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
    const shift = bias === 0 ? 0 : bias * (v[cols] as number);
    for (let row = 0; row < rows; row += 4) {
      const last = rows - 1; // of the last four rows some may not be there: others stand for them, with a factor of 0
      const a = row * cols;
      const b = Math.min(row + 1, last) * cols;
      const c = Math.min(row + 2, last) * cols;
      const d = Math.min(row + 3, last) * cols;
      let f0 = shift;
      let f1 = shift;
      let f2 = shift;
      let f3 = shift;
      for (let j = 0; j < cols; j += 1) {
        const x = v[j] as number;
        f0 += (data[a + j] as number) * x;
        f1 += (data[b + j] as number) * x;
        f2 += (data[c + j] as number) * x;
        f3 += (data[d + j] as number) * x;
      }
      f0 *= factors[row] as number;
      f1 *= row + 1 < rows ? (factors[row + 1] as number) : 0;
      f2 *= row + 2 < rows ? (factors[row + 2] as number) : 0;
      f3 *= row + 3 < rows ? (factors[row + 3] as number) : 0;
      for (let j = 0; j < cols; j += 1) {
        out[j] =
          (out[j] as number) +
          f0 * (data[a + j] as number) +
          f1 * (data[b + j] as number) +
          f2 * (data[c + j] as number) +
          f3 * (data[d + j] as number);
      }
      if (bias !== 0) out[cols] = (out[cols] as number) + f0 * bias + f1 * bias + f2 * bias + f3 * bias;
    }
  }
}
