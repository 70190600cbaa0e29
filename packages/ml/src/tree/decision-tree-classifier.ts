import { type Constraints, NULL, oneOf } from '../base/constraints.ts';
import type { Classifier, FitOptions } from '../base/interfaces.ts';
import { accuracyOf } from '../base/scores.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { checkLength, checkSampleWeight } from '../data/check-targets.ts';
import type { DenseMatrix, Features } from '../data/features.ts';
import { encodeLabels, type Label, type Labels } from '../data/labels.ts';
import { largestOfRows } from '../data/largest-of-rows.ts';
import { type ClassWeight, classWeights } from '../linear/class-weights.ts';
import { ClassCriterion } from './class-criterion.ts';
import { addShares, DecisionTree } from './decision-tree.ts';
import { TREE_CONSTRAINTS, TREE_DEFAULTS, type TreeParams } from './tree-params.ts';

export interface DecisionTreeClassifierParams extends TreeParams {
  readonly criterion: 'gini' | 'entropy' | 'log_loss';
  readonly classWeight: ClassWeight | null;
}

/**
 * A tree that asks for one column a node, and answers with the classes of the rows that came to the same leaf.
 * X: dense or CSR, as floats of 32 bits. The same seed gives scikit-learn's tree.
 *
 * @example
 * const model = await new DecisionTreeClassifier({ maxDepth: 3, randomState: 0 }).fit(X, y);
 */
export class DecisionTreeClassifier<L extends Label = Label>
  extends DecisionTree<DecisionTreeClassifierParams>
  implements Classifier<L>
{
  static override readonly defaults: DecisionTreeClassifierParams = {
    criterion: 'gini',
    ...TREE_DEFAULTS,
    classWeight: null,
  };
  static override readonly constraints: Constraints = {
    criterion: [oneOf('gini', 'entropy', 'log_loss')],
    ...TREE_CONSTRAINTS,
    classWeight: [{ is: 'object' }, oneOf('balanced'), NULL],
  };
  /** Labels, sorted. */
  declare classes_: L[];

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
    const { criterion, classWeight } = this.params;
    const byClass = classWeights(classWeight, classes, codes, owner);
    const weighted = weights.map((weight, row) => weight * (byClass[codes[row] as number] as number));
    const measure = new ClassCriterion(codes, classes.length, criterion === 'gini' ? 'gini' : 'entropy');
    this.adopt(this.grown(matrix, measure, weighted), matrix.cols);
    this.classes_ = classes;
    return this;
  }

  async predict(X: Features): Promise<L[]> {
    const chances = await this.predictProba(X);
    return Array.from(largestOfRows(chances), (k) => this.classes_[k] as L);
  }

  /** Rows x classes: the weights of the classes at the leaf, as shares. */
  async predictProba(X: Features): Promise<DenseMatrix> {
    const matrix = this.checked(X);
    const [rows, cols] = [matrix.rows, this.classes_.length];
    const chances = { data: new Float64Array(rows * cols), rows, cols };
    addShares(this.tree_, matrix, chances);
    return chances;
  }

  /** Accuracy. */
  async score(X: Features, y: Labels<L>, options: FitOptions = {}): Promise<number> {
    return accuracyOf(y, await this.predict(X), options.sampleWeight);
  }
}
