import { isSparse, type Matrix } from '../data/features.ts';
import type { Workspace } from '../numerics/workspace.ts';

/** Rows of X in a workspace, few enough that what belongs to them stays in the caches. */
export interface Block {
  readonly first: number;
  readonly rows: number;
  /** out (rows x count) = these rows times weights (columns x count). */
  times(weights: Float64Array, count: number, out: Float64Array): void;
  /** out (columns x count) += these rows transposed, times factors (rows x count). */
  addTransposed(factors: Float64Array, count: number, out: Float64Array): void;
}

/** Numbers of a block of X, or of its results: 64 kB. */
const BLOCK = 8192;

/** Copies X into the workspace. */
export function blocksOf(X: Matrix, count: number, space: Workspace): Block[] {
  const { rows, cols } = X;
  const { f64 } = space;
  const width = isSparse(X) ? Math.max(count, X.data.length / Math.max(rows, 1)) : Math.max(count, cols);
  const size = Math.max(16, Math.floor(BLOCK / width));
  const data = space.float64(X.data.length);
  data.set(X.data);
  const copy = (from: Int32Array): Int32Array => {
    const array = space.int32(from.length);
    array.set(from);
    return array;
  };
  const [starts, indices] = isSparse(X) ? [copy(X.indptr), copy(X.indices)] : [];
  return Array.from({ length: Math.ceil(rows / size) }, (_, k): Block => {
    const first = k * size;
    const some = Math.min(size, rows - first);
    if (starts === undefined || indices === undefined) {
      const part = data.subarray(first * cols, (first + some) * cols);
      return {
        first,
        rows: some,
        times: (weights, n, out) =>
          n === 1 ? f64.gemv(some, cols, part, weights, out) : f64.gemmNN(some, n, cols, part, weights, out, false),
        addTransposed: (factors, n, out) =>
          n === 1
            ? f64.gemmTN(1, cols, some, factors, part, out, true)
            : f64.gemmTN(cols, n, some, part, factors, out, true),
      };
    }
    const own = starts.subarray(first, first + some + 1);
    return {
      first,
      rows: some,
      times: (weights, n, out) => f64.csrTimes(some, n, own, indices, data, weights, out, false),
      addTransposed: (factors, n, out) => f64.csrTransposedTimes(some, n, own, indices, data, factors, out),
    };
  });
}
