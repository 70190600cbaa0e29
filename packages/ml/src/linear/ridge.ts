import { BOOLEAN, type Constraints, real } from '../base/constraints.ts';
import { LinearModel, type LinearRegressionParams } from './linear-regression.ts';

export interface RidgeParams extends LinearRegressionParams {
  /** Strength of the penalty on squared weights. */
  readonly alpha: number;
}

/**
 * Least squares with a penalty on squared weights, not on the intercept. X: dense or CSR, finite numbers; y: a number a row.
 *
 * @example
 * const model = await new Ridge({ alpha: 0.5 }).fit(X, y);
 */
export class Ridge extends LinearModel<RidgeParams> {
  static override readonly defaults: RidgeParams = { alpha: 1, fitIntercept: true };
  static override readonly constraints: Constraints = { alpha: [real('[0, inf)')], fitIntercept: [BOOLEAN] };

  protected override get alpha(): number {
    return this.params.alpha;
  }
}
