import { checkFeatures } from './check-features.ts';
import { type CsrMatrix, type DenseMatrix, type Features, isSparse, type Matrix } from './features.ts';

/** X as a dense matrix; the same one where it is dense already. */
export function toDense(X: Features): DenseMatrix {
  const matrix: Matrix = checkFeatures(X, { owner: 'toDense', sparse: true, allowsNaN: true, minRows: 0 });
  if (!isSparse(matrix)) return matrix;
  const data = new (matrix.data.constructor as Float64ArrayConstructor)(matrix.rows * matrix.cols);
  for (let row = 0; row < matrix.rows; row += 1) {
    for (let k = matrix.indptr[row] as number; k < (matrix.indptr[row + 1] as number); k += 1) {
      const at = row * matrix.cols + (matrix.indices[k] as number);
      data[at] = (data[at] as number) + (matrix.data[k] as number);
    }
  }
  return { data, rows: matrix.rows, cols: matrix.cols };
}

/** X as a CSR matrix without its zeros; the same one where it is sparse already. */
export function toCsr(X: Features): CsrMatrix {
  const matrix: Matrix = checkFeatures(X, { owner: 'toCsr', sparse: true, allowsNaN: true, minRows: 0 });
  if (isSparse(matrix)) return matrix;
  const { data, rows, cols } = matrix;
  let stored = 0;
  for (let i = 0; i < data.length; i += 1) if (data[i] !== 0) stored += 1;
  const values = new (data.constructor as Float64ArrayConstructor)(stored);
  const indices = new Int32Array(stored);
  const indptr = new Int32Array(rows + 1);
  let at = 0;
  for (let row = 0; row < rows; row += 1) {
    for (let col = 0; col < cols; col += 1) {
      const value = data[row * cols + col] as number;
      if (value === 0) continue;
      values[at] = value;
      indices[at] = col;
      at += 1;
    }
    indptr[row + 1] = at;
  }
  return { data: values, indices, indptr, rows, cols };
}

/** X as lists of numbers. */
export function toRows(X: Features): number[][] {
  const { data, rows, cols } = toDense(X);
  return Array.from({ length: rows }, (_, row) => Array.from(data.subarray(row * cols, (row + 1) * cols)));
}
