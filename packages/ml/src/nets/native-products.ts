import { type CsrMatrix, type DenseMatrix, isSparse, type Matrix } from '../data/features.ts';

/** `out[r, j] = bias[j] + sum over i of X[r, i] * weights[i, j]`. Each row's sums are made in the same order, whatever rows are beside it. */
export function affine(X: Matrix, weights: Float32Array, bias: Float32Array, out: Float32Array): void {
  const units = bias.length;
  for (let row = 0; row < X.rows; row += 1) out.set(bias, row * units);
  if (isSparse(X)) addSparse(X, weights, units, out);
  else addDense(X, weights, units, out);
}

function addDense({ data, rows, cols }: DenseMatrix, weights: Float32Array, units: number, out: Float32Array): void {
  for (let row = 0; row < rows; row += 1) {
    for (let i = 0; i < cols; i += 1) {
      const x = data[row * cols + i] as number;
      if (x !== 0) addScaled(weights, i * units, x, out, row * units, units);
    }
  }
}

function addSparse(
  { data, indices, indptr, rows }: CsrMatrix,
  weights: Float32Array,
  units: number,
  out: Float32Array,
): void {
  for (let row = 0; row < rows; row += 1) {
    for (let k = indptr[row] as number; k < (indptr[row + 1] as number); k += 1) {
      addScaled(weights, (indices[k] as number) * units, data[k] as number, out, row * units, units);
    }
  }
}

function addScaled(
  from: Float32Array,
  at: number,
  factor: number,
  to: Float32Array,
  start: number,
  count: number,
): void {
  for (let j = 0; j < count; j += 1) to[start + j] = (to[start + j] as number) + factor * (from[at + j] as number);
}
