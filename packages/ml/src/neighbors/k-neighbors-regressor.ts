import type { Constraints } from '../base/constraints.ts';
import type { FitOptions, Regressor, Targets } from '../base/interfaces.ts';
import { r2Of } from '../base/scores.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { checkTargets } from '../data/check-targets.ts';
import type { Features } from '../data/features.ts';
import { type KNeighborsParams, NEIGHBORS_CONSTRAINTS, NEIGHBORS_DEFAULTS, NeighborsEstimator } from './k-neighbors.ts';

/**
 * The mean of the targets of the nearest rows. X: dense, finite numbers. Follows scikit-learn's `KNeighborsRegressor`;
 * of equally near rows it takes those that come first.
 */
export class KNeighborsRegressor extends NeighborsEstimator implements Regressor {
  static override readonly defaults: KNeighborsParams = NEIGHBORS_DEFAULTS;
  static override readonly constraints: Constraints = NEIGHBORS_CONSTRAINTS;
  /** The targets of the rows of `fit`. */
  declare targets_: Float64Array;

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'regressor', requiresY: true };
  }

  /** @throws ParameterError, InputError: for fewer rows than neighbours too */
  async fit(X: Features, y: Targets): Promise<this> {
    this.checkParams();
    const matrix = checkFeatures(X, { owner: 'KNeighborsRegressor' });
    const targets = checkTargets(y, matrix.rows, 'KNeighborsRegressor');
    this.forget();
    this.keepRows(matrix);
    this.targets_ = targets;
    return this;
  }

  async predict(X: Features): Promise<Float64Array> {
    const { distances, indices } = await this.kneighbors(X);
    const { rows, cols: count } = distances;
    return Float64Array.from({ length: rows }, (_, row) => {
      const weights = this.weightsOf(distances.data.subarray(row * count, (row + 1) * count) as Float64Array);
      let [sum, total] = [0, 0];
      for (let k = 0; k < count; k += 1) {
        sum += (weights[k] as number) * (this.targets_[indices[row * count + k] as number] as number);
        total += weights[k] as number;
      }
      return sum / total;
    });
  }

  /** R2. */
  async score(X: Features, y: Targets, options: FitOptions = {}): Promise<number> {
    return r2Of(y, await this.predict(X), options.sampleWeight);
  }
}
