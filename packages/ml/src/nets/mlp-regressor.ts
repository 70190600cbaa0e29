import type { FitOptions, Regressor, Targets } from '../base/interfaces.ts';
import { r2Of } from '../base/scores.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { checkTargets } from '../data/check-targets.ts';
import type { Features, Matrix } from '../data/features.ts';
import { MlpEstimator, type NetTargets } from './mlp-estimator.ts';
import type { MlpFitOptions, MlpPartialFitOptions } from './mlp-params.ts';

/**
 * A multilayer perceptron that predicts a number, by squared errors. X: dense or CSR, finite numbers; y: a number a row,
 * best of a size around 1. Interface: muffnn's.
 *
 * @example
 * const model = await new MLPRegressor({ hiddenUnits: [32], nEpochs: 50, randomState: 0 }).fit(X, y);
 */
export class MLPRegressor extends MlpEstimator<Targets> implements Regressor {
  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'regressor', sparse: true, requiresY: true, sampleWeight: true };
  }

  /** @throws ParameterError, InputError, EngineError */
  async fit(X: Features, y: Targets, options: MlpFitOptions<this, Targets> = {}): Promise<this> {
    const [matrix, targets] = this.checkedData(X, y);
    return this.learn(matrix, targets, options, () => {});
  }

  /** Goes on learning, `nEpochs` more; begins where nothing was learned. */
  async partialFit(X: Features, y: Targets, options: MlpPartialFitOptions<this, Targets> = {}): Promise<this> {
    const [matrix, targets] = this.checkedData(X, y, this.isFitted ? this.nFeaturesIn_ : undefined);
    return this.isFitted ? this.learnMore(matrix, targets, options) : this.learn(matrix, targets, options, () => {});
  }

  async predict(X: Features): Promise<Float64Array> {
    return this.valuesOf(X).data;
  }

  /** R2. */
  async score(X: Features, y: Targets, options: FitOptions = {}): Promise<number> {
    return r2Of(y, await this.predict(X), options.sampleWeight);
  }

  private checkedData(X: Features, y: Targets, cols?: number): [Matrix, NetTargets] {
    this.checkParams();
    const matrix = checkFeatures(X, { owner: this.class.name, sparse: true, cols });
    const data = Float32Array.from(checkTargets(y, matrix.rows, this.class.name));
    return [matrix, { data, outputs: 1, kind: 'identity' }];
  }
}
