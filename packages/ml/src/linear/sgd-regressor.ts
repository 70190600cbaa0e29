import { type Constraints, oneOf } from '../base/constraints.ts';
import { warnOfConvergence } from '../base/convergence-warning.ts';
import { ParameterError } from '../base/errors.ts';
import { Estimator } from '../base/estimator.ts';
import type { FitOptions, Regressor, Targets } from '../base/interfaces.ts';
import { r2Of } from '../base/scores.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { checkSampleWeight, checkTargets } from '../data/check-targets.ts';
import type { Features, Matrix } from '../data/features.ts';
import { rowsWithWeight } from '../data/rows-with-weight.ts';
import { type Rows, take } from '../data/take.ts';
import { checkRandomState } from '../random/random-state.ts';
import { ShuffleSplit } from '../selection/shuffle-split.ts';
import { linearDecisions } from './decisions.ts';
import { type SgdModel, type SgdProblem, sgd, startOf, usedOf } from './sgd.ts';
import { overflow, SEEDS, SGD_CONSTRAINTS, SGD_DEFAULTS, type SgdParams, sgdOptions } from './sgd-params.ts';

export interface SgdRegressorParams extends SgdParams {
  readonly loss: 'squared_error' | 'huber' | 'epsilon_insensitive' | 'squared_epsilon_insensitive';
}

/** What is learned from, without rows of weight zero. */
interface Batch {
  readonly X: Matrix;
  readonly y: Float64Array;
  readonly weights: Float64Array;
}

/**
 * Linear regression by stochastic gradient descent. X: dense or CSR, about zero and of like size; y: a number a row.
 * The same seed gives scikit-learn's weights for dense X; CSR gives the same as dense X here.
 *
 * @example
 * const model = new SGDRegressor({ loss: 'huber', randomState: 0 });
 * for (const { X, y } of batches) await model.partialFit(X, y);
 */
export class SGDRegressor extends Estimator<SgdRegressorParams> implements Regressor {
  static override readonly defaults: SgdRegressorParams = {
    loss: 'squared_error',
    ...SGD_DEFAULTS,
    learningRate: 'invscaling',
    eta0: 0.01,
    powerT: 0.25,
  };
  static override readonly constraints: Constraints = {
    loss: [oneOf('squared_error', 'huber', 'epsilon_insensitive', 'squared_epsilon_insensitive')],
    ...SGD_CONSTRAINTS,
  };
  /** A weight a column. */
  declare coef_: Float64Array;
  declare intercept_: number;
  /** Epochs. */
  declare nIter_: number;
  /** The number of the next step. */
  declare t_: number;
  /** Whether it ended before `maxIter`. */
  declare converged_: boolean;
  /** What was learned, from which `partialFit` goes on. */
  declare model_: SgdModel;
  /** Columns of X. */
  declare nFeaturesIn_: number;

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'regressor', sparse: true, requiresY: true, sampleWeight: true };
  }

  /** Rows of weight zero are not there. @throws ParameterError, InputError */
  async fit(X: Features, y: Targets, options: FitOptions = {}): Promise<this> {
    this.checkParams();
    const { maxIter, tol } = this.params;
    this.learn(this.batch(X, y, options, undefined), maxIter, undefined);
    if (!this.converged_ && tol !== null)
      warnOfConvergence('SGDRegressor', `did not converge in maxIter ${maxIter} epochs. Raise maxIter.`);
    return this;
  }

  /** Learns from some more rows, in one epoch. @throws ParameterError for `earlyStopping`, which needs all rows; InputError */
  async partialFit(X: Features, y: Targets, options: FitOptions = {}): Promise<this> {
    this.checkParams();
    if (this.params.earlyStopping)
      throw new ParameterError(`${this.class.name}: earlyStopping needs all rows, and partialFit sees some. Use fit.`);
    const cols = this.isFitted ? this.nFeaturesIn_ : undefined;
    this.learn(this.batch(X, y, options, cols), 1, this.isFitted ? this.model_ : undefined);
    return this;
  }

  async predict(X: Features): Promise<Float64Array> {
    this.checkFitted();
    const matrix = checkFeatures(X, { owner: this.class.name, sparse: true, cols: this.nFeaturesIn_ });
    return scoresOf(matrix, this.coef_, this.intercept_);
  }

  /** R2. */
  async score(X: Features, y: Targets, options: FitOptions = {}): Promise<number> {
    return r2Of(y, await this.predict(X), options.sampleWeight);
  }

  private batch(X: Features, y: Targets, options: FitOptions, cols: number | undefined): Batch {
    const owner = this.class.name;
    const matrix = checkFeatures(X, { owner, sparse: true, cols });
    const targets = checkTargets(y, matrix.rows, owner);
    const weights = checkSampleWeight(options.sampleWeight, matrix.rows, owner);
    const rows = rowsWithWeight(weights);
    if (rows.length === matrix.rows) return { X: matrix, y: targets, weights };
    const of = <T>(values: T): T => take(values as Rows, rows) as T;
    return { X: of(matrix), y: of(targets), weights: of(weights) };
  }

  private learn({ X, y, weights }: Batch, maxIter: number, before: SgdModel | undefined): void {
    const { earlyStopping, randomState } = this.params;
    const owner = this.class.name;
    const options = { ...sgdOptions(this.params, owner), maxIter };
    const held = earlyStopping ? this.held(X, y, weights) : undefined;
    const firstStep = before === undefined ? 1 : this.t_;
    const seed = checkRandomState(randomState).randint(SEEDS);
    const model = startOf(before, X.cols, options.average);
    const epochs = sgd({ X, y, sampleWeight: weights, seed, firstStep, held }, model, options);
    if (epochs === undefined) throw overflow(owner);
    const t = firstStep + epochs * X.rows;
    const used = usedOf(model, options.average, t);
    this.forget();
    this.coef_ = used.weights.slice();
    this.intercept_ = used.intercept;
    this.model_ = model;
    this.t_ = t;
    this.nIter_ = epochs;
    this.converged_ = epochs < maxIter;
    this.nFeaturesIn_ = X.cols;
  }

  private held(X: Matrix, y: Float64Array, weights: Float64Array): SgdProblem['held'] {
    const { validationFraction: testSize, randomState } = this.params;
    const [split] = new ShuffleSplit({ nSplits: 1, testSize, randomState }).split(X);
    const test = split?.test ?? new Int32Array(0);
    const rows = new Uint8Array(X.rows);
    for (const row of test) rows[row] = 1;
    const of = <T>(values: T): T => take(values as Rows, test) as T;
    const [own, targets, shares] = [of(X), of(y), of(weights)];
    return { rows, score: ({ weights: w, intercept }) => r2Of(targets, scoresOf(own, w, intercept), shares) };
  }
}

function scoresOf(X: Matrix, weights: Float64Array, intercept: number): Float64Array {
  return linearDecisions(X, { data: weights, rows: 1, cols: X.cols }, Float64Array.of(intercept)).data as Float64Array;
}
