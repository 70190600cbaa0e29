import { BOOLEAN, type Constraints, integer, oneOf, real } from '../base/constraints.ts';
import { warnOfConvergence } from '../base/convergence-warning.ts';
import type { FitOptions, Targets } from '../base/interfaces.ts';
import { checkFeatures } from '../data/check-features.ts';
import { checkSampleWeight, checkTargets } from '../data/check-targets.ts';
import type { Features } from '../data/features.ts';
import { dot } from '../optimize/lbfgs.ts';
import { centredColumns } from './centred-columns.ts';
import { coordinateDescent } from './coordinate-descent.ts';
import { LinearModel } from './linear-regression.ts';

export interface LassoParams {
  /** Strength of the penalty. */
  readonly alpha: number;
  readonly fitIntercept: boolean;
  /** Weights from zero only. */
  readonly positive: boolean;
  readonly maxIter: number;
  /** Ends when the duality gap is below this share of the targets' squares. */
  readonly tol: number;
  /** Weights take turns in the order of the columns. */
  readonly selection: 'cyclic';
}

export interface ElasticNetParams extends LassoParams {
  /** The share of the L1 penalty; the rest is L2. */
  readonly l1Ratio: number;
}

const DEFAULTS: LassoParams = {
  alpha: 1,
  fitIntercept: true,
  positive: false,
  maxIter: 1000,
  tol: 1e-4,
  selection: 'cyclic',
};

const CONSTRAINTS: Constraints = {
  alpha: [real('[0, inf)')],
  fitIntercept: [BOOLEAN],
  positive: [BOOLEAN],
  maxIter: [integer('[1, inf)')],
  tol: [real('[0, inf)')],
  selection: [oneOf('cyclic')],
};

/** Linear models with an L1 penalty, by coordinate descent. */
abstract class SparseLinearModel<P extends LassoParams> extends LinearModel<P> {
  /** How far the objective is above its minimum, at most. */
  declare dualGap_: number;
  /** Passes over the weights, those over the ones that are not zero among them. */
  declare nIter_: number;
  /** Whether it met `tol` within `maxIter`. */
  declare converged_: boolean;

  /** @throws ParameterError, InputError */
  override async fit(X: Features, y: Targets, options: FitOptions = {}): Promise<this> {
    this.checkParams();
    const owner = this.class.name;
    const { alpha, fitIntercept, positive, maxIter, tol } = this.params;
    const matrix = checkFeatures(X, { owner, sparse: true });
    const targets = checkTargets(y, matrix.rows, owner);
    const sampleWeight = checkSampleWeight(options.sampleWeight, matrix.rows, owner);
    const total = sampleWeight.reduce((sum, each) => sum + each, 0);
    const columns = centredColumns(matrix, targets, sampleWeight, fitIntercept);
    const weights = new Float64Array(matrix.cols);
    const l1 = alpha * this.l1Share * total;
    const l2 = alpha * (1 - this.l1Share) * total;
    const { gap, iterations, converged } = coordinateDescent(columns, weights, { l1, l2, positive, maxIter, tol });
    this.forget();
    this.coef_ = weights;
    this.intercept_ = columns.mean - dot(weights, columns.means);
    this.dualGap_ = gap / total;
    this.nIter_ = iterations;
    this.converged_ = converged;
    this.nFeaturesIn_ = matrix.cols;
    if (!converged) {
      warnOfConvergence(owner, `did not converge in maxIter ${maxIter}. Raise maxIter or alpha, or scale the data.`);
    }
    return this;
  }

  protected override get alpha(): number {
    return this.params.alpha;
  }

  protected abstract readonly l1Share: number;
}

/**
 * Least squares with L1 and L2 penalties: half the mean squares, plus `alpha * l1Ratio` times the absolute weights, plus
 * `alpha * (1 - l1Ratio) / 2` times their squares, as scikit-learn's. X: dense or CSR, finite numbers; y: a number a row.
 */
export class ElasticNet extends SparseLinearModel<ElasticNetParams> {
  static override readonly defaults: ElasticNetParams = { ...DEFAULTS, l1Ratio: 0.5 };
  static override readonly constraints: Constraints = { ...CONSTRAINTS, l1Ratio: [real('[0, 1]')] };

  protected override get l1Share(): number {
    return this.params.l1Ratio;
  }
}

/**
 * Least squares with an L1 penalty, which makes weights zero: half the mean squares, plus `alpha` times the absolute
 * weights, as scikit-learn's. X: dense or CSR, finite numbers; y: a number a row.
 *
 * @example
 * const { coef_ } = await new Lasso({ alpha: 0.1 }).fit(X, y);
 */
export class Lasso extends SparseLinearModel<LassoParams> {
  static override readonly defaults: LassoParams = DEFAULTS;
  static override readonly constraints: Constraints = CONSTRAINTS;

  protected override get l1Share(): number {
    return 1;
  }
}
