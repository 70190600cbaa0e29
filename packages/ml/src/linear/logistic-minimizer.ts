import type { Matrix } from '../data/features.ts';
import type { Workspace } from '../numerics/workspace.ts';
import { lbfgs } from '../optimize/lbfgs.ts';
import { blocksOf } from './blocks.ts';
import { logisticObjective } from './logistic-objective.ts';

/** Parameters of LogisticRegression. */
export interface LogisticMinimizerOptions {
  readonly penalty: 'l2' | null;
  readonly C: number;
  readonly fitIntercept: boolean;
  readonly maxIter: number;
  readonly tol: number;
}

/** What one minimization gave. */
export interface Solution {
  /** For each score, its coefficients and then its intercept. */
  readonly w: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Fits with rows' weights, and the score that each row should have the highest chance at, or -1 for none. */
export function logisticMinimizer(
  { penalty, C, fitIntercept, maxIter, tol }: LogisticMinimizerOptions,
  X: Matrix,
  count: number,
  space: Workspace,
): (rowWeights: Float64Array, right: Int32Array) => Solution {
  const { rows, cols } = X;
  const blocks = blocksOf(X, count, space);
  const stride = cols + (fitIntercept ? 1 : 0);
  return (rowWeights, right) =>
    space.during(() => {
      const [weights, targets] = [space.float64(rows), space.float64(rows * count)];
      weights.set(rowWeights);
      for (const [row, code] of right.entries()) if (code >= 0) targets[row * count + code] = 1;
      const strength = penalty === null ? 0 : 1 / C;
      const problem = { blocks, cols, count, weights, targets, intercept: fitIntercept, penalty: strength };
      const objective = logisticObjective(problem, space);
      const { x, iterations, converged } = lbfgs(objective, space.float64(count * stride), space, {
        maxIter,
        gtol: tol,
      });
      const w = Float64Array.from({ length: x.length }, (_, i) => {
        const [k, column] = [Math.floor(i / stride), i % stride];
        return x[column < cols ? column * count + k : cols * count + k] as number;
      });
      return { w, iterations, converged };
    });
}
