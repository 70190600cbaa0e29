import { BOOLEAN, type Constraints } from '../base/constraints.ts';
import { Estimator } from '../base/estimator.ts';
import type { FitOptions, Regressor, Targets } from '../base/interfaces.ts';
import { r2Of } from '../base/scores.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { checkSampleWeight, checkTargets } from '../data/check-targets.ts';
import type { Features } from '../data/features.ts';
import { designOf } from './design.ts';
import { linearFit } from './linear-fit.ts';

export interface LinearRegressionParams {
  readonly fitIntercept: boolean;
}

/** What linear regressors share: weights of the columns, an intercept, and how they predict. */
export abstract class LinearModel<P extends LinearRegressionParams> extends Estimator<P> implements Regressor {
  /** A weight a column. */
  declare coef_: Float64Array;
  declare intercept_: number;
  /** Columns of X. */
  declare nFeaturesIn_: number;

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'regressor', sparse: true, requiresY: true, sampleWeight: true };
  }

  /** @throws ParameterError, InputError */
  async fit(X: Features, y: Targets, options: FitOptions = {}): Promise<this> {
    this.checkParams();
    const owner = this.class.name;
    const matrix = checkFeatures(X, { owner, sparse: true });
    const targets = checkTargets(y, matrix.rows, owner);
    const sampleWeight = checkSampleWeight(options.sampleWeight, matrix.rows, owner);
    const fit = linearFit(matrix, targets, sampleWeight, this.alpha, this.params.fitIntercept);
    this.forget();
    this.coef_ = fit.weights;
    this.intercept_ = fit.intercept;
    this.nFeaturesIn_ = matrix.cols;
    this.keep(fit.singular, fit.rank);
    return this;
  }

  async predict(X: Features): Promise<Float64Array> {
    this.checkFitted();
    const matrix = checkFeatures(X, { owner: this.class.name, sparse: true, cols: this.nFeaturesIn_ });
    const scores = new Float64Array(matrix.rows);
    designOf(matrix).times(this.coef_, 1, 0, scores);
    return scores.map((score) => score + this.intercept_);
  }

  /** R2. */
  async score(X: Features, y: Targets, options: FitOptions = {}): Promise<number> {
    return r2Of(y, await this.predict(X), options.sampleWeight);
  }

  protected abstract readonly alpha: number;

  protected keep(_singular: Float64Array | undefined, _rank: number | undefined): void {}
}

/**
 * Ordinary least squares; where many weights fit alike, the shortest. X: dense or CSR, finite numbers; y: a number a row.
 * Dense X by singular values, as scikit-learn; CSR by conjugate gradients.
 */
export class LinearRegression extends LinearModel<LinearRegressionParams> {
  static override readonly defaults: LinearRegressionParams = { fitIntercept: true };
  static override readonly constraints: Constraints = { fitIntercept: [BOOLEAN] };
  /** Singular values of centred X, the largest first; for dense X. */
  declare singular_: Float64Array | undefined;
  /** How many of them count. */
  declare rank_: number | undefined;

  protected override get alpha(): number {
    return 0;
  }

  protected override keep(singular: Float64Array | undefined, rank: number | undefined): void {
    if (singular === undefined) return;
    this.singular_ = singular;
    this.rank_ = rank;
  }
}
