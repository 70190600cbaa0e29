import type { CsrMatrix } from './features.ts';

/** The stored values of a CSR matrix, column after column: those of column j from `starts[j]` up to `starts[j + 1]`. */
export interface StoredByColumn {
  readonly starts: Int32Array;
  /** Ascending in each column. */
  readonly rows: Int32Array;
  readonly values: Float64Array;
}

/** A CSR matrix by columns. */
export function byColumn({ data, indices, indptr, rows, cols }: CsrMatrix): StoredByColumn {
  const starts = new Int32Array(cols + 1);
  for (const column of indices) starts[column + 1] = (starts[column + 1] as number) + 1;
  for (let j = 0; j < cols; j += 1) starts[j + 1] = (starts[j + 1] as number) + (starts[j] as number);
  const next = starts.slice();
  const stored = new Int32Array(indices.length);
  const values = new Float64Array(indices.length);
  for (let row = 0; row < rows; row += 1) {
    for (let k = indptr[row] as number; k < (indptr[row + 1] as number); k += 1) {
      const column = indices[k] as number;
      const at = next[column] as number;
      next[column] = at + 1;
      stored[at] = row;
      values[at] = data[k] as number;
    }
  }
  return { starts, rows: stored, values };
}
