import type { CentredColumns } from './centred-columns.ts';

export interface CoordinateDescentOptions {
  /** Strengths of the penalties: `l1` times the sum of absolute weights, `l2 / 2` times the sum of their squares. */
  readonly l1: number;
  readonly l2: number;
  /** Weights from zero only. */
  readonly positive: boolean;
  readonly maxIter: number;
  /** Ends when the duality gap is below this share of the targets' squares. */
  readonly tol: number;
}

export interface Descent {
  /** Half the squares, and the penalties, are at most this much above the minimum. */
  readonly gap: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Passes over the weights that are not zero, between two over all. */
const INNER = 10;

/**
 * Minimizes half the weighted squares of what is left, with penalties, one weight after the other, from `weights` on,
 * which `columns` must stand at. After a pass over all weights, some over those that are not zero.
 * Sources: Friedman, Hastie and Tibshirani, 2010; Kim et al., 2007 (duality gap).
 */
export function coordinateDescent(
  columns: CentredColumns,
  weights: Float64Array,
  options: CoordinateDescentOptions,
): Descent {
  const { l1, l2, positive, maxIter, tol } = options;
  const { norms, cols } = columns;
  const limit = tol * columns.targetSquares;
  let largest = 0;
  let change = 0;

  const improve = (j: number): void => {
    const norm = norms[j] as number;
    if (norm === 0) return;
    const before = weights[j] as number;
    const slope = columns.product(j) + norm * before;
    const size = (positive ? slope : Math.abs(slope)) - l1;
    const after = size <= 0 ? 0 : (Math.sign(slope) * size) / (norm + l2);
    if (after !== before) {
      columns.take(j, after - before);
      weights[j] = after;
      change = Math.max(change, Math.abs(after - before));
    }
    largest = Math.max(largest, Math.abs(after));
  };
  const isSettled = (): boolean => largest === 0 || change / largest < tol;

  let iterations = 0;
  let gap = Number.POSITIVE_INFINITY;
  while (iterations < maxIter) {
    iterations += 1;
    largest = 0;
    change = 0;
    for (let j = 0; j < cols; j += 1) improve(j);
    if (isSettled() || iterations === maxIter) {
      gap = dualityGap(columns, weights, options);
      if (gap < limit) return { gap, iterations, converged: true };
    }
    for (let inner = 0; inner < INNER && iterations < maxIter - 1; inner += 1) {
      iterations += 1;
      largest = 0;
      change = 0;
      for (let j = 0; j < cols; j += 1) if (weights[j] !== 0) improve(j);
      if (isSettled()) break;
    }
  }
  return { gap, iterations, converged: gap <= limit };
}

function dualityGap(columns: CentredColumns, weights: Float64Array, options: CoordinateDescentOptions): number {
  const { l1, l2, positive } = options;
  const left = columns.left();
  let steepest = 0;
  let absolute = 0;
  let squares = 0;
  for (let j = 0; j < weights.length; j += 1) {
    const weight = weights[j] as number;
    const slope = columns.product(j) - l2 * weight;
    steepest = Math.max(steepest, positive ? slope : Math.abs(slope));
    absolute += Math.abs(weight);
    squares += weight * weight;
  }
  const scale = steepest > l1 ? l1 / steepest : 1;
  return (
    0.5 * left.squares * (1 + scale * scale) +
    l1 * absolute -
    scale * left.withTargets +
    0.5 * l2 * (1 + scale * scale) * squares
  );
}
