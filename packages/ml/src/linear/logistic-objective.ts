import type { Workspace } from '../numerics/workspace.ts';
import type { Objective } from '../optimize/lbfgs.ts';
import type { Block } from './blocks.ts';

/** Rows of X with weights and targets, and what is asked of a linear function of them. */
export interface LogisticProblem {
  readonly blocks: readonly Block[];
  readonly cols: number;
  /** Scores a row: of one the loss is that of a sigmoid, of several that of their softmax. */
  readonly count: number;
  /** Of each row. */
  readonly weights: Float64Array;
  /** Rows x count, from 0 to 1. */
  readonly targets: Float64Array;
  readonly intercept: boolean;
  /** What the squared coefficients are multiplied by: 1 / C, or 0. */
  readonly penalty: number;
}

/**
 * The sum of weighted cross-entropies, with half the penalty on squared coefficients, not on intercepts. Its argument
 * has the coefficients, columns x count, and then the intercepts. Everything is of the workspace.
 */
export function logisticObjective(problem: LogisticProblem, space: Workspace): Objective {
  const { blocks, cols, count, weights, targets, intercept, penalty } = problem;
  const { f64 } = space;
  const lossOf = count === 1 ? f64.sigmoidLoss : f64.softmaxLoss;
  const size = cols * count;
  const scores = space.float64(Math.max(0, ...blocks.map((block) => block.rows)) * count);
  const parts = blocks.map(({ first, rows }) => ({
    weights: weights.subarray(first, first + rows),
    targets: targets.subarray(first * count, (first + rows) * count),
  }));
  return (w, gradient) => {
    gradient.fill(0);
    let loss = 0.5 * penalty * f64.dot(size, w, w);
    f64.axpy(size, penalty, w, gradient);
    const [intercepts, itsGradient] = [w.subarray(size), gradient.subarray(size)];
    for (const [k, block] of blocks.entries()) {
      const part = parts[k] as (typeof parts)[0];
      block.times(w, count, scores);
      if (intercept) f64.addRow(block.rows, count, intercepts, scores);
      loss += lossOf(block.rows, count, scores, part.targets, part.weights);
      block.addTransposed(scores, count, gradient);
      if (intercept) f64.columnSums(block.rows, count, scores, itsGradient, true);
    }
    return loss;
  };
}
