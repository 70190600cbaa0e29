import { type CsrMatrix, type DenseMatrix, isSparse, type Matrix } from '../data/features.ts';
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

/** About how many bytes `blocksOf` takes. */
export function bytesOfBlocks(X: Matrix): number {
  return 8 * X.data.length + (isSparse(X) ? 4 * (X.indices.length + X.indptr.length) : 0);
}

/** Copies X into the workspace. */
export function blocksOf(X: Matrix, count: number, space: Workspace): Block[] {
  const { rows, cols } = X;
  const width = Math.max(count, isSparse(X) ? X.data.length / rows : cols);
  const size = Math.max(16, Math.floor(BLOCK / width));
  return Array.from({ length: Math.ceil(rows / size) }, (_, k): Block => {
    const first = k * size;
    const some = Math.min(size, rows - first);
    const products = isSparse(X) ? sparse(X, first, some, space) : dense(X, first, some, space);
    return { first, rows: some, ...products };
  });
}

type Products = Pick<Block, 'times' | 'addTransposed'>;

function dense({ data: all, cols }: DenseMatrix, first: number, rows: number, space: Workspace): Products {
  const { f64 } = space;
  const data = space.float64(rows * cols);
  data.set(all.subarray(first * cols, (first + rows) * cols));
  return {
    times: (weights, n, out) =>
      n === 1 ? f64.gemv(rows, cols, data, weights, out) : f64.gemmNN(rows, n, cols, data, weights, out, false),
    addTransposed: (factors, n, out) =>
      n === 1
        ? f64.gemmTN(1, cols, rows, factors, data, out, true)
        : f64.gemmTN(cols, n, rows, data, factors, out, true),
  };
}

function sparse(X: CsrMatrix, first: number, rows: number, space: Workspace): Products {
  const { f64 } = space;
  const [from, to] = [X.indptr[first] as number, X.indptr[first + rows] as number];
  const [starts, indices, data] = [space.int32(rows + 1), space.int32(to - from), space.float64(to - from)];
  for (let row = 0; row <= rows; row += 1) starts[row] = (X.indptr[first + row] as number) - from;
  indices.set(X.indices.subarray(from, to));
  data.set(X.data.subarray(from, to));
  return {
    times: (weights, n, out) => f64.csrTimes(rows, n, starts, indices, data, weights, out, false),
    addTransposed: (factors, n, out) => f64.csrTransposedTimes(rows, n, starts, indices, data, factors, out),
  };
}
