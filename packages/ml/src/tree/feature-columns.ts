import { byColumn } from '../data/by-column.ts';
import { type CsrMatrix, type DenseMatrix, isSparse, type Matrix } from '../data/features.ts';

/**
 * X by columns, as trees look at it: each value is a float, and known by its rank (its code) among the distinct ones of
 * its column. Plain data, which tasks share.
 */
export interface FeatureColumns {
  readonly rows: number;
  readonly cols: number;
  /** Distinct values of column f, ascending: from `starts[f]` up to `starts[f + 1]`. */
  readonly values: Float32Array;
  readonly starts: Int32Array;
  /** Dense: the code of row r in column f is at `f * rows + r`. Sparse: of the stored values, column after column. */
  readonly codes: Int32Array;
  /** Sparse: stored values of column f are from `indptr[f]` up to `indptr[f + 1]`, of these rows, ascending. */
  readonly stored: { readonly indptr: Int32Array; readonly rows: Int32Array; readonly zero: Int32Array } | undefined;
}

/** The columns of a matrix. */
export function featureColumns(X: Matrix): FeatureColumns {
  return isSparse(X) ? sparseColumns(X) : denseColumns(X);
}

function denseColumns({ data, rows, cols }: DenseMatrix): FeatureColumns {
  const codes = new Int32Array(rows * cols);
  const parts: Float32Array[] = [];
  const own = new Float32Array(rows);
  for (let f = 0; f < cols; f += 1) {
    for (let row = 0; row < rows; row += 1) own[row] = data[row * cols + f] as number;
    const distinct = distinctOf(own);
    for (let row = 0; row < rows; row += 1) codes[f * rows + row] = rankOf(distinct, own[row] as number);
    parts.push(distinct);
  }
  return { rows, cols, codes, stored: undefined, ...joined(parts) };
}

function sparseColumns(X: CsrMatrix): FeatureColumns {
  const { rows, cols } = X;
  const { starts, rows: stored, values } = byColumn(X);
  const codes = new Int32Array(values.length);
  const zero = new Int32Array(cols);
  const parts: Float32Array[] = [];
  for (let f = 0; f < cols; f += 1) {
    const [from, to] = [starts[f] as number, starts[f + 1] as number];
    const own = new Float32Array(to - from + (to - from < rows ? 1 : 0)); // the last one is the zero of other rows
    own.set(values.subarray(from, to));
    const distinct = distinctOf(own);
    for (let k = from; k < to; k += 1) codes[k] = rankOf(distinct, Math.fround(values[k] as number));
    zero[f] = rankOf(distinct, 0);
    parts.push(distinct);
  }
  return { rows, cols, codes, stored: { indptr: starts, rows: stored, zero }, ...joined(parts) };
}

function distinctOf(values: Float32Array): Float32Array {
  const sorted = values.slice().sort();
  let count = 0;
  for (const value of sorted) if (count === 0 || value !== sorted[count - 1]) sorted[count++] = value;
  return sorted.slice(0, count);
}

function rankOf(sorted: Float32Array, value: number): number {
  let from = 0;
  let to = sorted.length - 1;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((sorted[middle] as number) < value) from = middle + 1;
    else to = middle;
  }
  return from;
}

function joined(parts: readonly Float32Array[]): Pick<FeatureColumns, 'values' | 'starts'> {
  const starts = new Int32Array(parts.length + 1);
  for (const [f, part] of parts.entries()) starts[f + 1] = (starts[f] as number) + part.length;
  const values = new Float32Array(starts[parts.length] as number);
  for (const [f, part] of parts.entries()) values.set(part, starts[f] as number);
  return { values, starts };
}

/** Where codes of a column can be read: that of row r is `codes[offset + r]`. */
export class ColumnReader {
  readonly codes: Int32Array;
  readonly #columns: FeatureColumns;

  constructor(columns: FeatureColumns) {
    this.#columns = columns;
    this.codes = columns.stored === undefined ? columns.codes : new Int32Array(columns.rows);
  }

  /** Makes the codes of some rows readable in `codes`, until the next call; gives the offset. */
  open(f: number, rows: Int32Array, from: number, to: number): number {
    const { stored, codes, rows: count } = this.#columns;
    if (stored === undefined) return f * count;
    const [first, end] = [stored.indptr[f] as number, stored.indptr[f + 1] as number];
    const zero = stored.zero[f] as number;
    const own = this.codes;
    if ((to - from) * (32 - Math.clz32(end - first)) > count >> 2) {
      own.fill(zero); // scattering all of the column costs less than to look each row up
      for (let k = first; k < end; k += 1) own[stored.rows[k] as number] = codes[k] as number;
      return 0;
    }
    for (let i = from; i < to; i += 1) {
      const row = rows[i] as number;
      let low = first;
      let high = end;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((stored.rows[middle] as number) < row) low = middle + 1;
        else high = middle;
      }
      own[row] = low < end && stored.rows[low] === row ? (codes[low] as number) : zero;
    }
    return 0;
  }
}
