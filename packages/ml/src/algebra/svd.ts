import { dot } from '../optimize/lbfgs.ts';
import { rotate } from './least-squares.ts';
import { gram, gramOfRows, multiply, turned } from './matrix-products.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

/** Singular values, the largest first, and their vectors: `left` as long as columns, `right` as long as rows. */
export interface Svd {
  readonly singular: Float64Array;
  readonly left: readonly Float64Array[];
  readonly right: readonly Float64Array[];
}

const EPSILON = 2 ** -52;

/**
 * The thin singular value decomposition of a dense matrix. Eigenvectors of the products of its columns make the columns
 * nearly orthogonal; Jacobi rotations do the rest, so that small singular values are as exact as large ones.
 */
export function svd(a: Float64Array, rows: number, cols: number): Svd {
  if (rows < cols) {
    const { singular, left, right } = svd(turned(a, rows, cols), cols, rows);
    return { singular, left: right, right: left };
  }
  const right = symmetricEigen(gram(a, rows, cols), cols).vectors.map((vector) => vector.slice());
  const images = new Float64Array(cols * rows);
  multiply(joined(right), a, images, { rows: cols, inner: cols, cols: rows, turnB: true });
  const columns = right.map((_, k) => images.subarray(k * rows, (k + 1) * rows));
  if (!areOrthogonal(images, rows, cols)) rotate(columns, right, EPSILON * Math.sqrt(rows));
  const lengths = columns.map((column) => Math.sqrt(dot(column, column)));
  const order = lengths.map((_, k) => k).sort((i, j) => (lengths[j] as number) - (lengths[i] as number));
  return {
    singular: Float64Array.from(order, (k) => lengths[k] as number),
    left: order.map((k) => {
      const length = lengths[k] as number;
      return (columns[k] as Float64Array).map((each) => (length === 0 ? 0 : each / length));
    }),
    right: order.map((k) => right[k] as Float64Array),
  };
}

/** Rows one after the other. */
export function joined(rows: readonly Float64Array[]): Float64Array {
  const width = rows[0]?.length ?? 0;
  const out = new Float64Array(rows.length * width);
  for (const [k, row] of rows.entries()) out.set(row, k * width);
  return out;
}

/** Whether what columns have in common changes singular values by less than rounding does. */
function areOrthogonal(columns: Float64Array, length: number, count: number): boolean {
  const products = gramOfRows(columns, count, length);
  const sizes = Float64Array.from({ length: count }, (_, i) => Math.sqrt(products[i * count + i] as number));
  const noise = EPSILON * length * Math.max(...sizes);
  for (let i = 0; i < count; i += 1) {
    for (let j = i + 1; j < count; j += 1) {
      const smaller = Math.min(sizes[i] as number, sizes[j] as number);
      if (Math.abs(products[i * count + j] as number) > noise * Math.max(smaller, noise)) return false;
    }
  }
  return true;
}
