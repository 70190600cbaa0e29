import { InputError } from '../base/errors.ts';

/** Numbers, row after row: `data[row * cols + col]`. */
export interface DenseMatrix {
  readonly data: Float64Array | Float32Array;
  readonly rows: number;
  readonly cols: number;
}

/** Compressed sparse rows: row r has `data[k]` in column `indices[k]` for k from `indptr[r]` to `indptr[r + 1]`. */
export interface CsrMatrix {
  readonly data: Float64Array | Float32Array;
  readonly indices: Int32Array;
  readonly indptr: Int32Array;
  readonly rows: number;
  readonly cols: number;
}

/** Numbers, dense or sparse. */
export type Matrix = DenseMatrix | CsrMatrix;

/** What a cell of a table may hold. Null and undefined are missing values. */
export type Cell = number | string | boolean | bigint | null | undefined;

/** Rows of cells, by position or by name. */
export type Table = readonly (readonly Cell[])[] | readonly Readonly<Record<string, Cell>>[];

/** What estimators take as X: a matrix, rows (`number[][]` among them), or documents. */
export type Features = Matrix | Table | readonly string[];

/** @throws InputError where the length of `data` is not rows x cols */
export function denseMatrix<D extends Float64Array | Float32Array>(
  data: D,
  rows: number,
  cols: number,
): DenseMatrix & { readonly data: D } {
  if (data.length !== rows * cols) {
    throw new InputError(
      `a matrix of ${rows} rows and ${cols} columns has ${rows * cols} numbers. Got ${data.length}.`,
    );
  }
  return { data, rows, cols };
}

/** @throws InputError where the parts do not fit together */
export function csrMatrix(parts: CsrMatrix): CsrMatrix {
  const { data, indices, indptr, rows, cols } = parts;
  const stored = indptr[rows] ?? -1;
  if (indptr.length !== rows + 1 || indptr[0] !== 0 || stored !== indices.length || stored !== data.length) {
    throw new InputError(
      `a CSR matrix of ${rows} rows has ${rows + 1} row starts, from 0 to the number of stored values. Got ${indptr.length} starts, ${indices.length} columns and ${data.length} values.`,
    );
  }
  for (let row = 0; row < rows; row += 1) {
    if ((indptr[row] as number) > (indptr[row + 1] as number)) {
      throw new InputError(`the row starts of a CSR matrix never fall. Row ${row} starts after it ends.`);
    }
  }
  for (const column of indices) {
    if (column < 0 || column >= cols) {
      throw new InputError(`a CSR matrix of ${cols} columns has column numbers below that. Got ${column}.`);
    }
  }
  return { data, indices, indptr, rows, cols };
}

/** Whether X is a matrix, dense or sparse. */
export function isMatrix(X: unknown): X is Matrix {
  const like = X as Partial<DenseMatrix> | null | undefined;
  return typeof like === 'object' && like !== null && !Array.isArray(X) && ArrayBuffer.isView(like.data);
}

/** Whether X is a CSR matrix. */
export function isSparse(X: unknown): X is CsrMatrix {
  return isMatrix(X) && 'indptr' in X;
}

/** Whether X is a dense matrix. */
export function isDense(X: unknown): X is DenseMatrix {
  return isMatrix(X) && !('indptr' in X);
}

/** Number of rows of X. */
export function rowCount(X: Features): number {
  return isMatrix(X) ? X.rows : X.length;
}

/** Number of columns of X; 1 for documents. Of rows by name: the names of the first. */
export function columnCount(X: Features): number {
  if (isMatrix(X)) return X.cols;
  const first = X[0];
  if (Array.isArray(first)) return first.length;
  return typeof first === 'object' && first !== null ? Object.keys(first).length : 1;
}
