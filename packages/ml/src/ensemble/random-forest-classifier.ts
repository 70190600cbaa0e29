import { type Constraints, NULL, oneOf } from '../base/constraints.ts';
import type { Classifier, FitOptions } from '../base/interfaces.ts';
import { accuracyOf } from '../base/scores.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { checkLength, checkSampleWeight } from '../data/check-targets.ts';
import type { DenseMatrix, Features, Matrix } from '../data/features.ts';
import { encodeLabels, type Label, type Labels } from '../data/labels.ts';
import { largestOfRows } from '../data/largest-of-rows.ts';
import { type ClassWeight, classWeights } from '../linear/class-weights.ts';
import { addShares } from '../tree/decision-tree.ts';
import { DecisionTreeClassifier, type DecisionTreeClassifierParams } from '../tree/decision-tree-classifier.ts';
import { FOREST_CONSTRAINTS, FOREST_DEFAULTS, Forest, type ForestParams, rowsOf, treeParamsOf } from './forest.ts';

export interface RandomForestClassifierParams extends ForestParams {
  readonly criterion: DecisionTreeClassifierParams['criterion'];
  /** `'balanced_subsample'`: balanced in each tree's own rows. */
  readonly classWeight: ClassWeight | 'balanced_subsample' | null;
}

/**
 * Trees on rows drawn at random, which look at columns drawn at random; they answer together, with the mean of their
 * probabilities. X: dense or CSR, as floats of 32 bits. The same seed gives scikit-learn's forest, and the same one on
 * each backend. Source: Breiman, 2001.
 *
 * @example
 * const model = new RandomForestClassifier({ randomState: 0 });
 * await parallelBackend('processes', { nJobs: 4 }, () => model.fit(X, y));
 */
export class RandomForestClassifier<L extends Label = Label>
  extends Forest<RandomForestClassifierParams, DecisionTreeClassifier<L>>
  implements Classifier<L>
{
  static override readonly defaults: RandomForestClassifierParams = {
    criterion: 'gini',
    ...FOREST_DEFAULTS,
    maxFeatures: 'sqrt',
    classWeight: null,
  };
  static override readonly constraints: Constraints = {
    criterion: [oneOf('gini', 'entropy', 'log_loss')],
    ...FOREST_CONSTRAINTS,
    classWeight: [{ is: 'object' }, oneOf('balanced', 'balanced_subsample'), NULL],
  };
  /** Labels, sorted. */
  declare classes_: L[];
  /** With `oobScore`: rows x classes, from the trees that did not draw the row; zeros where all did. */
  declare oobDecisionFunction_: DenseMatrix | undefined;

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'classifier', sparse: true, requiresY: true, sampleWeight: true };
  }

  /** @throws ParameterError, InputError */
  async fit(X: Features, y: Labels<L>, options: FitOptions = {}): Promise<this> {
    this.checkParams();
    const owner = this.class.name;
    const matrix = checkFeatures(X, { owner, sparse: true });
    checkLength('y', y, matrix.rows, owner);
    const weights = checkSampleWeight(options.sampleWeight, matrix.rows, owner);
    const { classes, codes } = encodeLabels(y);
    const { classWeight } = this.params;
    const isBalanced = classWeight === 'balanced_subsample';
    const byClass = classWeights(isBalanced ? null : classWeight, classes, codes, owner);
    const weighted = weights.map((weight, row) => weight * (byClass[codes[row] as number] as number));
    const criterion = this.params.criterion === 'gini' ? 'gini' : 'entropy';
    const left = await this.plant(
      matrix,
      { kind: 'classes', codes, classes: classes.length, criterion, isBalanced },
      weighted,
    );
    this.classes_ = classes;
    if (left.length > 0) this.measure(matrix, y, left);
    return this;
  }

  async predict(X: Features): Promise<L[]> {
    return this.labelsOf(await this.predictProba(X));
  }

  /** Rows x classes: the mean of the trees' own. */
  async predictProba(X: Features): Promise<DenseMatrix> {
    const matrix = this.checked(X);
    const chances = this.zeros(matrix.rows);
    for (const { tree_ } of this.estimators_) addShares(tree_, matrix, chances);
    for (let i = 0; i < chances.data.length; i += 1) {
      chances.data[i] = (chances.data[i] as number) / this.estimators_.length;
    }
    return chances;
  }

  /** Accuracy. */
  async score(X: Features, y: Labels<L>, options: FitOptions = {}): Promise<number> {
    return accuracyOf(y, await this.predict(X), options.sampleWeight);
  }

  protected override sapling(seed: number): DecisionTreeClassifier<L> {
    return new DecisionTreeClassifier<L>({
      ...treeParamsOf(this.params),
      criterion: this.params.criterion,
      randomState: seed,
    });
  }

  private measure(X: Matrix, y: Labels<L>, left: readonly Int32Array[]): void {
    const sums = this.zeros(X.rows);
    const { cols } = sums;
    for (const [t, rows] of left.entries()) {
      if (rows.length === 0) continue;
      const own = this.zeros(rows.length);
      addShares((this.estimators_[t] as DecisionTreeClassifier<L>).tree_, rowsOf(X, rows), own);
      for (const [i, row] of rows.entries()) {
        for (let k = 0; k < cols; k += 1) {
          const at = row * cols + k;
          sums.data[at] = (sums.data[at] as number) + (own.data[i * cols + k] as number);
        }
      }
    }
    for (let row = 0; row < X.rows; row += 1) {
      const own = sums.data.subarray(row * cols, (row + 1) * cols);
      const trees = own.reduce((all, each) => all + each, 0);
      if (trees > 0) for (let k = 0; k < cols; k += 1) own[k] = (own[k] as number) / trees;
    }
    this.oobDecisionFunction_ = sums;
    this.oobScore_ = accuracyOf(y, this.labelsOf(sums));
  }

  private labelsOf(chances: DenseMatrix): L[] {
    return Array.from(largestOfRows(chances), (k) => this.classes_[k] as L);
  }

  private zeros(rows: number): DenseMatrix & { readonly data: Float64Array } {
    const cols = this.classes_.length;
    return { data: new Float64Array(rows * cols), rows, cols };
  }
}
