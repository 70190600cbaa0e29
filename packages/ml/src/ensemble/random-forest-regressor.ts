import { type Constraints, oneOf } from '../base/constraints.ts';
import type { FitOptions, Regressor, Targets } from '../base/interfaces.ts';
import { r2Of } from '../base/scores.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { checkSampleWeight, checkTargets } from '../data/check-targets.ts';
import type { Features, Matrix } from '../data/features.ts';
import { DecisionTreeRegressor, type DecisionTreeRegressorParams } from '../tree/decision-tree-regressor.ts';
import { leavesOf } from '../tree/tree.ts';
import { FOREST_CONSTRAINTS, FOREST_DEFAULTS, Forest, type ForestParams, rowsOf, treeParamsOf } from './forest.ts';

export interface RandomForestRegressorParams extends ForestParams {
  readonly criterion: DecisionTreeRegressorParams['criterion'];
}

/**
 * Trees on rows drawn at random; they answer together, with the mean of their answers. X: dense or CSR, as floats of
 * 32 bits. The same on each backend. Source: Breiman, 2001.
 *
 * @example
 * await new RandomForestRegressor({ nEstimators: 50, maxFeatures: 0.5, randomState: 0, nJobs: 2 }).fit(X, y);
 */
export class RandomForestRegressor
  extends Forest<RandomForestRegressorParams, DecisionTreeRegressor>
  implements Regressor
{
  static override readonly defaults: RandomForestRegressorParams = { criterion: 'squared_error', ...FOREST_DEFAULTS };
  static override readonly constraints: Constraints = { criterion: [oneOf('squared_error')], ...FOREST_CONSTRAINTS };
  /** With `oobScore`: of each row, the mean over the trees that did not draw it; zero where all did. */
  declare oobPrediction_: Float64Array | undefined;

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'regressor', sparse: true, requiresY: true, sampleWeight: true };
  }

  /** @throws ParameterError, InputError */
  async fit(X: Features, y: Targets, options: FitOptions = {}): Promise<this> {
    this.checkParams();
    const owner = this.class.name;
    const matrix = checkFeatures(X, { owner, sparse: true });
    const targets = checkTargets(y, matrix.rows, owner);
    const weights = checkSampleWeight(options.sampleWeight, matrix.rows, owner);
    const left = await this.plant(matrix, { kind: 'numbers', targets }, weights);
    if (left.length > 0) this.measure(matrix, targets, left);
    return this;
  }

  async predict(X: Features): Promise<Float64Array> {
    const matrix = this.checked(X);
    const sums = new Float64Array(matrix.rows);
    for (const { tree_ } of this.estimators_) {
      const leaves = leavesOf(tree_, matrix);
      for (let row = 0; row < sums.length; row += 1)
        sums[row] = (sums[row] as number) + (tree_.value[leaves[row] as number] as number);
    }
    return sums.map((sum) => sum / this.estimators_.length);
  }

  /** R2. */
  async score(X: Features, y: Targets, options: FitOptions = {}): Promise<number> {
    return r2Of(y, await this.predict(X), options.sampleWeight);
  }

  protected override sapling(seed: number): DecisionTreeRegressor {
    return new DecisionTreeRegressor({
      ...treeParamsOf(this.params),
      criterion: this.params.criterion,
      randomState: seed,
    });
  }

  private measure(X: Matrix, targets: Float64Array, left: readonly Int32Array[]): void {
    const sums = new Float64Array(X.rows);
    const counts = new Float64Array(X.rows);
    for (const [t, rows] of left.entries()) {
      if (rows.length === 0) continue;
      const { tree_ } = this.estimators_[t] as DecisionTreeRegressor;
      for (const [i, leaf] of leavesOf(tree_, rowsOf(X, rows)).entries()) {
        const row = rows[i] as number;
        sums[row] = (sums[row] as number) + (tree_.value[leaf] as number);
        counts[row] = (counts[row] as number) + 1;
      }
    }
    const means = sums.map((sum, row) => sum / Math.max(counts[row] as number, 1));
    this.oobPrediction_ = means;
    this.oobScore_ = r2Of(targets, means);
  }
}
