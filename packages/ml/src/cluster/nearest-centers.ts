import { multiply } from '../algebra/matrix-products.ts';
import { dot } from '../optimize/lbfgs.ts';

/** Rows that are looked at together, so that their products stay in the cache. */
const BLOCK = 256;

/** Points or centers: rows of numbers. */
export interface Points {
  readonly data: Float64Array;
  readonly rows: number;
  readonly cols: number;
}

/** Writes for each point the position of the nearest center; of equally near ones the first. */
export function assignNearest(points: Points, centers: Points, labels: Int32Array): void {
  const { rows: count } = centers;
  const norms = squaredLengths(centers);
  eachBlock(points, centers, (products, from, to) => {
    for (let row = from; row < to; row += 1) {
      const start = (row - from) * count;
      let best = 0;
      let least = Number.POSITIVE_INFINITY;
      for (let k = 0; k < count; k += 1) {
        const distance = (norms[k] as number) - 2 * (products[start + k] as number);
        if (distance < least) {
          least = distance;
          best = k;
        }
      }
      labels[row] = best;
    }
  });
}

/**
 * Squared distances, points x centers; zero where rounding would make less.
 * @param own squared lengths of the points, where they are known
 */
export function squaredDistances(
  points: Points,
  centers: Points,
  own: Float64Array = squaredLengths(points),
): Float64Array {
  const { rows: count } = centers;
  const out = new Float64Array(points.rows * count);
  const norms = squaredLengths(centers);
  eachBlock(points, centers, (products, from, to) => {
    for (let row = from; row < to; row += 1) {
      for (let k = 0; k < count; k += 1) {
        const product = products[(row - from) * count + k] as number;
        out[row * count + k] = Math.max(0, (own[row] as number) + (norms[k] as number) - 2 * product);
      }
    }
  });
  return out;
}

/** Squared distance of a row of one to a row of the other, by their differences. */
export function squaredDistance(a: Points, row: number, b: Points, other: number): number {
  const { cols } = a;
  let sum = 0;
  for (let col = 0; col < cols; col += 1) {
    const difference = (a.data[row * cols + col] as number) - (b.data[other * cols + col] as number);
    sum += difference * difference;
  }
  return sum;
}

function eachBlock(
  points: Points,
  centers: Points,
  visit: (products: Float64Array, from: number, to: number) => void,
): void {
  const { cols } = points;
  const products = new Float64Array(Math.min(BLOCK, points.rows) * centers.rows);
  for (let from = 0; from < points.rows; from += BLOCK) {
    const to = Math.min(from + BLOCK, points.rows);
    const block = points.data.subarray(from * cols, to * cols);
    const out = products.subarray(0, (to - from) * centers.rows);
    multiply(block, centers.data, out, { rows: to - from, inner: cols, cols: centers.rows, turnB: true });
    visit(out, from, to);
  }
}

export function squaredLengths({ data, rows, cols }: Points): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    const own = data.subarray(row * cols, (row + 1) * cols);
    return dot(own, own);
  });
}
