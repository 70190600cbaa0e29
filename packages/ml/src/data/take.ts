import { InputError } from '../base/errors.ts';
import { type CsrMatrix, type DenseMatrix, isMatrix, isSparse } from './features.ts';

/** Something with rows: features, labels, weights. */
export type Rows = DenseMatrix | CsrMatrix | readonly unknown[] | ArrayLike<unknown>;

/**
 * The rows at these positions, in this order; a position may come more than once. Numbers are copied, cells and
 * documents are the same ones. Of labels and weights: those at these positions, in an array of the same kind.
 * @throws InputError for a position outside
 */
export function take<T extends Rows>(X: T, indices: ArrayLike<number>): T {
  const rows: number = isMatrix(X) ? X.rows : (X as ArrayLike<unknown>).length;
  for (let i = 0; i < indices.length; i += 1) {
    const index = indices[i] as number;
    if (!(index >= 0 && index < rows)) throw new InputError(`there is no row ${index} in ${rows} rows.`);
  }
  if (isSparse(X)) return takeSparse(X, indices) as unknown as T;
  if (isMatrix(X)) return takeDense(X, indices) as unknown as T;
  if (ArrayBuffer.isView(X)) {
    const numbers = X as unknown as Float64Array;
    const taken = new (numbers.constructor as Float64ArrayConstructor)(indices.length);
    for (let i = 0; i < indices.length; i += 1) taken[i] = numbers[indices[i] as number] as number;
    return taken as unknown as T;
  }
  const list = X as ArrayLike<unknown>;
  return Array.from(indices, (index) => list[index]) as unknown as T;
}

function takeDense(X: DenseMatrix, indices: ArrayLike<number>): DenseMatrix {
  const { cols } = X;
  const data = new (X.data.constructor as Float64ArrayConstructor)(indices.length * cols);
  for (let i = 0; i < indices.length; i += 1) {
    const start = (indices[i] as number) * cols;
    data.set(X.data.subarray(start, start + cols) as Float64Array, i * cols);
  }
  return { data, rows: indices.length, cols };
}

function takeSparse(X: CsrMatrix, indices: ArrayLike<number>): CsrMatrix {
  const indptr = new Int32Array(indices.length + 1);
  for (let i = 0; i < indices.length; i += 1) {
    const row = indices[i] as number;
    indptr[i + 1] = (indptr[i] as number) + (X.indptr[row + 1] as number) - (X.indptr[row] as number);
  }
  const stored = indptr[indices.length] as number;
  const columns = new Int32Array(stored);
  const data = new (X.data.constructor as Float64ArrayConstructor)(stored);
  for (let i = 0; i < indices.length; i += 1) {
    const row = indices[i] as number;
    const [from, to] = [X.indptr[row] as number, X.indptr[row + 1] as number];
    columns.set(X.indices.subarray(from, to), indptr[i] as number);
    data.set(X.data.subarray(from, to) as Float64Array, indptr[i] as number);
  }
  return { data, indices: columns, indptr, rows: indices.length, cols: X.cols };
}
