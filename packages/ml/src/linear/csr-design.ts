import type { CsrMatrix } from '../data/features.ts';
import type { Design } from './design.ts';

/** Products of a CSR matrix, in JavaScript. */
export class CsrDesign implements Design {
  readonly rows: number;
  readonly cols: number;
  private readonly X: CsrMatrix;

  constructor(X: CsrMatrix) {
    this.rows = X.rows;
    this.cols = X.cols;
    this.X = X;
  }

  times(weights: Float64Array, count: number, stride: number, out: Float64Array): void {
    const { indptr } = this.X;
    for (let row = 0; row < this.rows; row += 1) {
      const [from, to] = [indptr[row] as number, indptr[row + 1] as number];
      for (let k = 0; k < count; k += 1) {
        out[row * count + k] = product(this.X, from, to, weights, k * stride);
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
      let sum = product(this.X, from, to, v, 0);
      if (hasBias) sum += bias * (v[cols] as number);
      const factor = sum * (factors[row] as number);
      for (let i = from; i < to; i += 1) {
        const at = indices[i] as number;
        out[at] = (out[at] as number) + factor * (data[i] as number);
      }
      if (hasBias) out[cols] = (out[cols] as number) + factor * bias;
    }
  }
}

/** Of the entries from here to there with weights from an offset on: four sums, put together. */
function product(
  { data, indices }: CsrMatrix,
  from: number,
  to: number,
  weights: Float64Array,
  offset: number,
): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let i = from;
  for (; i + 4 <= to; i += 4) {
    s0 += (data[i] as number) * (weights[offset + (indices[i] as number)] as number);
    s1 += (data[i + 1] as number) * (weights[offset + (indices[i + 1] as number)] as number);
    s2 += (data[i + 2] as number) * (weights[offset + (indices[i + 2] as number)] as number);
    s3 += (data[i + 3] as number) * (weights[offset + (indices[i + 3] as number)] as number);
  }
  for (; i < to; i += 1) s0 += (data[i] as number) * (weights[offset + (indices[i] as number)] as number);
  return s0 + (s1 + (s2 + s3));
}
