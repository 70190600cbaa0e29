import { multiply } from '../algebra/matrix-products.ts';
import { type Points, squaredDistance, squaredLengths } from './nearest-centers.ts';

/** Points that are looked at together. */
const BLOCK = 256;

/**
 * The nearest center of each point while centers move, without looking at all: bounds of the distance to the own center
 * and to all others tell for most points that nothing changed. What it gives is what `assignNearest` gives.
 * Source: Hamerly, Making k-means even faster, 2010.
 */
export class BoundedAssignment {
  readonly labels: Int32Array;
  private readonly points: Points;
  private readonly lengths: Float64Array;
  /** No less than the distance to the own center. */
  private readonly upper: Float64Array;
  /** No more than the distance to any other center. */
  private readonly lower: Float64Array;
  /** Distances that are nearer to each other than this may be equal, for rounding. */
  private readonly slack: number;
  private centers: Points | undefined;
  private readonly gathered: Float64Array;

  constructor(points: Points) {
    this.points = points;
    this.labels = new Int32Array(points.rows);
    this.lengths = squaredLengths(points);
    this.upper = new Float64Array(points.rows).fill(Number.POSITIVE_INFINITY);
    this.lower = new Float64Array(points.rows).fill(Number.NEGATIVE_INFINITY);
    this.slack = 1e-6 * Math.sqrt(this.lengths.reduce((most, each) => Math.max(most, each), 0));
    this.gathered = new Float64Array(Math.min(BLOCK, points.rows) * points.cols);
  }

  /** Writes labels for other centers, as many as before. True where one changed. */
  assign(centers: Points): boolean {
    if (this.centers !== undefined) this.follow(this.centers, centers);
    const isFirst = this.centers === undefined;
    this.centers = centers;
    const { points, labels, upper, lower, slack } = this;
    const halves = halfGaps(centers);
    const norms = squaredLengths(centers);
    const open = new Int32Array(Math.min(BLOCK, points.rows));
    let count = 0;
    let hasChanged = false;
    for (let row = 0; row < points.rows; row += 1) {
      const label = labels[row] as number;
      const bound = Math.max(lower[row] as number, halves[label] as number) - slack;
      if (!((upper[row] as number) < bound)) {
        if (!isFirst) upper[row] = Math.sqrt(squaredDistance(points, row, centers, label));
        if (!((upper[row] as number) < bound)) {
          open[count] = row;
          count += 1;
        }
      }
      if (count === open.length || (row === points.rows - 1 && count > 0)) {
        if (this.settle(open.subarray(0, count), centers, norms)) hasChanged = true;
        count = 0;
      }
    }
    return hasChanged || isFirst;
  }

  /** Keeps bounds true where centers have moved. */
  private follow(before: Points, after: Points): void {
    const moves = Float64Array.from({ length: after.rows }, (_, k) => Math.sqrt(squaredDistance(before, k, after, k)));
    const largest = Math.max(...moves);
    const farthest = moves.indexOf(largest);
    const second = moves.reduce((most, move, k) => (k === farthest ? most : Math.max(most, move)), 0);
    for (let row = 0; row < this.labels.length; row += 1) {
      const label = this.labels[row] as number;
      this.upper[row] = (this.upper[row] as number) + (moves[label] as number);
      this.lower[row] = (this.lower[row] as number) - (label === farthest ? second : largest);
    }
  }

  /** Looks at all centers for some points. */
  private settle(rows: Int32Array, centers: Points, norms: Float64Array): boolean {
    const { points, gathered, labels, lengths } = this;
    const { rows: count, cols } = centers;
    for (const [at, row] of rows.entries()) gathered.set(points.data.subarray(row * cols, (row + 1) * cols), at * cols);
    const products = new Float64Array(rows.length * count);
    multiply(gathered, centers.data, products, { rows: rows.length, inner: cols, cols: count, turnB: true });
    let hasChanged = false;
    for (const [at, row] of rows.entries()) {
      let best = 0;
      let least = Number.POSITIVE_INFINITY;
      let second = Number.POSITIVE_INFINITY;
      for (let k = 0; k < count; k += 1) {
        const distance = (norms[k] as number) - 2 * (products[at * count + k] as number);
        if (distance < least) {
          second = least;
          least = distance;
          best = k;
        } else if (distance < second) second = distance;
      }
      if (labels[row] !== best) hasChanged = true;
      labels[row] = best;
      this.upper[row] = Math.sqrt(Math.max(0, least + (lengths[row] as number)));
      this.lower[row] = Math.sqrt(Math.max(0, second + (lengths[row] as number)));
    }
    return hasChanged;
  }
}

/** For each center half the distance to the nearest other one. */
function halfGaps(centers: Points): Float64Array {
  const halves = new Float64Array(centers.rows).fill(Number.POSITIVE_INFINITY);
  for (let k = 0; k < centers.rows; k += 1) {
    for (let other = 0; other < k; other += 1) {
      const half = Math.sqrt(squaredDistance(centers, k, centers, other)) / 2;
      halves[k] = Math.min(halves[k] as number, half);
      halves[other] = Math.min(halves[other] as number, half);
    }
  }
  return halves;
}
