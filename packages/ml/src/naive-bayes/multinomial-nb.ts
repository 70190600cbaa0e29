import { BOOLEAN, type Constraints, NULL, real } from '../base/constraints.ts';
import { InputError } from '../base/errors.ts';
import type { FitOptions } from '../base/interfaces.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { checkLength, checkSampleWeight } from '../data/check-targets.ts';
import type { DenseMatrix, Features } from '../data/features.ts';
import { encodeLabels, type Label, type Labels } from '../data/labels.ts';
import { designOf } from '../linear/design.ts';
import { BayesClassifier, classCounts, logPriors } from './bayes-classifier.ts';

export interface MultinomialNBParams {
  /** Added to the count of each column in each class. */
  readonly alpha: number;
  /** Whether classes that are rare are less probable. */
  readonly fitPrior: boolean;
  /** Probabilities of the classes, in their order; null: as `fitPrior` says. */
  readonly classPrior: readonly number[] | null;
}

/**
 * Naive Bayes of counts, of words for example. X: dense or CSR, numbers from 0. Follows scikit-learn's `MultinomialNB`.
 *
 * @example
 * await new Pipeline([['count', new CountVectorizer()], ['nb', new MultinomialNB()]]).fit(documents, labels);
 */
export class MultinomialNB<L extends Label = Label> extends BayesClassifier<L, MultinomialNBParams> {
  static override readonly defaults: MultinomialNBParams = { alpha: 1, fitPrior: true, classPrior: null };
  static override readonly constraints: Constraints = {
    alpha: [real('[0, inf)')],
    fitPrior: [BOOLEAN],
    classPrior: [{ is: 'array' }, NULL],
  };

  /** Sums of columns, classes x columns. */
  declare featureCount_: DenseMatrix;
  /** Logarithms of the probabilities of columns in classes, classes x columns. */
  declare featureLogProb_: DenseMatrix;
  declare classLogPrior_: Float64Array;

  override get tags(): Tags {
    return {
      ...DEFAULT_TAGS,
      kind: 'classifier',
      sparse: true,
      requiresY: true,
      sampleWeight: true,
      requiresPositive: true,
    };
  }

  /** @throws ParameterError, InputError: for numbers below 0 too */
  async fit(X: Features, y: Labels<L>, options: FitOptions = {}): Promise<this> {
    this.checkParams();
    const owner = 'MultinomialNB';
    const matrix = checkFeatures(X, { owner, sparse: true });
    const { rows, cols } = matrix;
    checkLength('y', y, rows, owner);
    const weights = checkSampleWeight(options.sampleWeight, rows, owner);
    const below = matrix.data.findIndex((each) => each < 0);
    if (below >= 0)
      throw new InputError(`Negative values in data passed to ${owner}: it takes counts. Got ${matrix.data[below]}.`);
    const { classes, codes } = encodeLabels(y);
    const counts = classCounts(owner, classes, codes, weights);
    const { alpha, fitPrior, classPrior } = this.params;
    const even = fitPrior || classPrior !== null ? counts : counts.map(() => 1);
    const priors = logPriors(owner, classPrior, even);
    const factors = new Float64Array(rows * classes.length);
    for (const [row, code] of codes.entries()) factors[row * classes.length + code] = weights[row] as number;
    const sums = new Float64Array(classes.length * cols);
    designOf(matrix).addTransposed(factors, classes.length, cols, sums);
    const logs = sums.map((each) => Math.log(each + Math.max(alpha, 1e-10)));
    for (let k = 0; k < classes.length; k += 1) {
      let total = 0;
      for (let col = 0; col < cols; col += 1) total += (sums[k * cols + col] as number) + Math.max(alpha, 1e-10);
      const shift = Math.log(total);
      for (let col = 0; col < cols; col += 1) logs[k * cols + col] = (logs[k * cols + col] as number) - shift;
    }
    this.forget();
    this.classes_ = classes;
    this.classCount_ = counts;
    this.classLogPrior_ = priors;
    this.featureCount_ = { data: sums, rows: classes.length, cols };
    this.featureLogProb_ = { data: logs, rows: classes.length, cols };
    this.nFeaturesIn_ = cols;
    return this;
  }

  async predictJointLogProba(X: Features): Promise<DenseMatrix> {
    this.checkFitted();
    const matrix = checkFeatures(X, { owner: 'MultinomialNB', sparse: true, cols: this.nFeaturesIn_ });
    const count = this.classes_.length;
    const data = new Float64Array(matrix.rows * count);
    designOf(matrix).times(this.featureLogProb_.data as Float64Array, count, matrix.cols, data);
    for (let i = 0; i < data.length; i += 1) data[i] = (data[i] as number) + (this.classLogPrior_[i % count] as number);
    return { data, rows: matrix.rows, cols: count };
  }
}
