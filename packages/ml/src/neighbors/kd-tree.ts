import type { DenseMatrix } from '../data/features.ts';
import { boundedSum, powered } from './metric.ts';
import type { Nearest } from './nearest.ts';

/** Rows in boxes, each cut in halves along its widest column. The left half of a box is the next one. */
export interface KdTree {
  /** Positions of rows, those of a box together. */
  readonly order: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** The right half of each box; 0 for boxes that are not cut. */
  readonly right: Int32Array;
  /** Least and largest value of each column in each box. */
  readonly lows: Float64Array;
  readonly highs: Float64Array;
}

/** Source: Bentley, Multidimensional binary search trees used for associative searching, 1975. */
export function buildKdTree({ data, rows, cols }: DenseMatrix, leafSize: number): KdTree {
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  const boxes: { from: number; to: number; right: number }[] = [];
  const lows: number[] = [];
  const highs: number[] = [];
  const cut = (from: number, to: number): void => {
    const box = { from, to, right: 0 };
    const at = boxes.push(box) - 1;
    let widest = 0;
    let width = -1;
    for (let col = 0; col < cols; col += 1) {
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (let i = from; i < to; i += 1) {
        const value = data[(order[i] as number) * cols + col] as number;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
      lows[at * cols + col] = low;
      highs[at * cols + col] = high;
      if (high - low > width) [widest, width] = [col, high - low];
    }
    if (to - from <= leafSize || width === 0) return;
    const key = (row: number): number => data[row * cols + widest] as number;
    order.subarray(from, to).sort((a, b) => key(a) - key(b) || a - b);
    const middle = (from + to) >>> 1;
    cut(from, middle);
    box.right = boxes.length;
    cut(middle, to);
  };
  cut(0, rows);
  return {
    order,
    from: Int32Array.from(boxes, (box) => box.from),
    to: Int32Array.from(boxes, (box) => box.to),
    right: Int32Array.from(boxes, (box) => box.right),
    lows: Float64Array.from(lows),
    highs: Float64Array.from(highs),
  };
}

/** Offers all rows that may be among the nearest of a point; distances are summed powers. */
export function searchKdTree(
  tree: KdTree,
  data: Float64Array,
  point: Float64Array,
  power: number,
  nearest: Nearest,
): void {
  const cols = point.length;
  const toBox = (box: number): number => {
    let sum = 0;
    for (let col = 0; col < cols; col += 1) {
      const value = point[col] as number;
      const low = (tree.lows[box * cols + col] as number) - value;
      const outside = low > 0 ? low : Math.max(0, value - (tree.highs[box * cols + col] as number));
      const size = powered(outside, power);
      sum = power === Number.POSITIVE_INFINITY ? Math.max(sum, size) : sum + size;
    }
    return sum * (1 - 1e-14); // rounding must not hide a row on the border
  };
  const visit = (box: number, distance: number): void => {
    if (distance > nearest.worst) return;
    const right = tree.right[box] as number;
    if (right === 0) {
      for (let i = tree.from[box] as number; i < (tree.to[box] as number); i += 1) {
        const row = tree.order[i] as number;
        nearest.offer(boundedSum(point, 0, data, row * cols, cols, power, nearest.worst), row);
      }
      return;
    }
    const [a, b] = [toBox(box + 1), toBox(right)];
    visit(a <= b ? box + 1 : right, Math.min(a, b));
    visit(a <= b ? right : box + 1, Math.max(a, b));
  };
  visit(0, toBox(0));
}
