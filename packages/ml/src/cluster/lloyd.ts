import { BoundedAssignment } from './bounded-assignment.ts';
import { type Points, squaredDistance } from './nearest-centers.ts';

/** Where centers came to rest. */
export interface Clustering {
  readonly centers: Points;
  readonly labels: Int32Array;
  /** Weighted sum of squared distances to the own center. */
  readonly inertia: number;
  readonly iterations: number;
}

/**
 * Lloyd's iterations: points go to the nearest center, centers to the mean of their points, until no point moves or
 * centers move by less than `tolerance` (a sum of squares). A center without points takes the farthest one.
 */
export function lloyd(
  points: Points,
  weights: Float64Array,
  start: Points,
  { maxIter, tolerance }: { readonly maxIter: number; readonly tolerance: number },
): Clustering {
  const assignment = new BoundedAssignment(points);
  const { labels } = assignment;
  let centers = start;
  let iterations = 0;
  let isStill = false;
  while (iterations < maxIter && !isStill) {
    isStill = !assignment.assign(centers);
    const next = meansOf(points, weights, labels, centers);
    iterations += 1;
    let shift = 0;
    for (let k = 0; k < centers.rows; k += 1) shift += squaredDistance(centers, k, next, k);
    centers = next;
    if (shift <= tolerance) break;
  }
  if (!isStill) assignment.assign(centers);
  let inertia = 0;
  for (let row = 0; row < points.rows; row += 1)
    inertia += (weights[row] as number) * squaredDistance(points, row, centers, labels[row] as number);
  return { centers, labels, inertia, iterations };
}

function meansOf(points: Points, weights: Float64Array, labels: Int32Array, centers: Points): Points {
  const { rows: count, cols } = centers;
  const sums = new Float64Array(count * cols);
  const totals = new Float64Array(count);
  const add = (row: number, k: number, factor: number): void => {
    totals[k] = (totals[k] as number) + factor;
    addRow(sums, k * cols, points.data, row * cols, cols, factor);
  };
  for (let row = 0; row < points.rows; row += 1) add(row, labels[row] as number, weights[row] as number);
  const empty = Array.from(totals, (_, k) => k).filter((k) => totals[k] === 0);
  if (empty.length > 0) {
    const distances = Float64Array.from(labels, (label, row) => squaredDistance(points, row, centers, label));
    const farthest = Array.from(labels, (_, row) => row).sort(
      (a, b) => (distances[b] as number) - (distances[a] as number),
    );
    for (const [at, k] of empty.entries()) {
      const row = farthest[at] as number;
      const weight = weights[row] as number;
      add(row, labels[row] as number, -weight);
      add(row, k, weight);
    }
  }
  for (let k = 0; k < count; k += 1) {
    const total = totals[k] as number;
    for (let col = k * cols; col < (k + 1) * cols; col += 1)
      sums[col] = total > 0 ? (sums[col] as number) / total : (centers.data[col] as number);
  }
  return { data: sums, rows: count, cols };
}

/** A function of its own: it is most of what a step costs, and in the closure above takes nearly twice as long. */
function addRow(sums: Float64Array, to: number, data: Float64Array, from: number, cols: number, factor: number): void {
  for (let col = 0; col < cols; col += 1)
    sums[to + col] = (sums[to + col] as number) + factor * (data[from + col] as number);
}
