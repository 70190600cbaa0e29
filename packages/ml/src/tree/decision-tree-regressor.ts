import { type Constraints, oneOf } from '../base/constraints.ts';
import type { FitOptions, Regressor, Targets } from '../base/interfaces.ts';
import { r2Of } from '../base/scores.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { checkSampleWeight, checkTargets } from '../data/check-targets.ts';
import type { Features } from '../data/features.ts';
import { DecisionTree } from './decision-tree.ts';
import { SquaredError } from './squared-error.ts';
import { leavesOf } from './tree.ts';
import { TREE_CONSTRAINTS, TREE_DEFAULTS, type TreeParams } from './tree-params.ts';

export interface DecisionTreeRegressorParams extends TreeParams {
  readonly criterion: 'squared_error';
}

/**
 * A tree that asks for one column a node, and answers with the mean target of the rows that came to the same leaf.
 * X: dense or CSR, as floats of 32 bits. The same seed gives scikit-learn's tree, but for ties that rounding decides.
 */
export class DecisionTreeRegressor extends DecisionTree<DecisionTreeRegressorParams> implements Regressor {
  static override readonly defaults: DecisionTreeRegressorParams = { criterion: 'squared_error', ...TREE_DEFAULTS };
  static override readonly constraints: Constraints = { criterion: [oneOf('squared_error')], ...TREE_CONSTRAINTS };

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
    return this.adopt(this.grown(matrix, new SquaredError(targets), weights), matrix.cols);
  }

  async predict(X: Features): Promise<Float64Array> {
    const leaves = leavesOf(this.tree_, this.checked(X));
    return Float64Array.from(leaves, (leaf) => this.tree_.value[leaf] as number);
  }

  /** R2. */
  async score(X: Features, y: Targets, options: FitOptions = {}): Promise<number> {
    return r2Of(y, await this.predict(X), options.sampleWeight);
  }
}
