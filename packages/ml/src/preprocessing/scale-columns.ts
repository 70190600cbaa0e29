import { isSparse, type Matrix } from '../data/features.ts';

/** A copy whose columns are shifted, then multiplied. Stored values of sparse matrices are multiplied only. */
export function scaleColumns(X: Matrix, shifts: Float64Array | undefined, factors: Float64Array | undefined): Matrix {
  const data = X.data.slice();
  for (let i = 0; i < data.length; i += 1) {
    const column = isSparse(X) ? (X.indices[i] as number) : i % X.cols;
    data[i] = ((data[i] as number) + (shifts?.[column] ?? 0)) * (factors?.[column] ?? 1);
  }
  return { ...X, data };
}
