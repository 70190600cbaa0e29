import { type Constraints, NULL, real } from '../base/constraints.ts';
import type { FitOptions } from '../base/interfaces.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { checkLength, checkSampleWeight } from '../data/check-targets.ts';
import type { DenseMatrix, Features } from '../data/features.ts';
import { encodeLabels, type Label, type Labels } from '../data/labels.ts';
import { BayesClassifier, classCounts, logPriors } from './bayes-classifier.ts';

export interface GaussianNBParams {
  /** Probabilities of the classes, in their order; null: their shares. */
  readonly priors: readonly number[] | null;
  /** Share of the largest variance of a column that is added to all variances. */
  readonly varSmoothing: number;
}

/**
 * Naive Bayes with normals: of each class, mean and variance of each column. X: dense, finite numbers. Follows
 * scikit-learn's `GaussianNB`.
 */
export class GaussianNB<L extends Label = Label> extends BayesClassifier<L, GaussianNBParams> {
  static override readonly defaults: GaussianNBParams = { priors: null, varSmoothing: 1e-9 };
  static override readonly constraints: Constraints = {
    priors: [{ is: 'array' }, NULL],
    varSmoothing: [real('[0, inf)')],
  };

  /** Means, classes x columns. */
  declare theta_: DenseMatrix;
  /** Variances, classes x columns. */
  declare var_: DenseMatrix;
  /** Probabilities of the classes. */
  declare classPrior_: Float64Array;
  /** What was added to the variances. */
  declare epsilon_: number;

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'classifier', requiresY: true, sampleWeight: true };
  }

  /** @throws ParameterError, InputError */
  async fit(X: Features, y: Labels<L>, options: FitOptions = {}): Promise<this> {
    this.checkParams();
    const owner = 'GaussianNB';
    const { data, rows, cols } = checkFeatures(X, { owner });
    checkLength('y', y, rows, owner);
    const weights = checkSampleWeight(options.sampleWeight, rows, owner);
    const { classes, codes } = encodeLabels(y);
    const counts = classCounts(owner, classes, codes, weights);
    const priors = logPriors(owner, this.params.priors, counts).map(Math.exp);
    const means = new Float64Array(classes.length * cols);
    const variances = new Float64Array(classes.length * cols);
    for (let row = 0; row < rows; row += 1) {
      const to = (codes[row] as number) * cols;
      const share = (weights[row] as number) / (counts[codes[row] as number] as number);
      for (let col = 0; col < cols; col += 1)
        means[to + col] = (means[to + col] as number) + share * (data[row * cols + col] as number);
    }
    for (let row = 0; row < rows; row += 1) {
      const to = (codes[row] as number) * cols;
      const share = (weights[row] as number) / (counts[codes[row] as number] as number);
      for (let col = 0; col < cols; col += 1) {
        const away = (data[row * cols + col] as number) - (means[to + col] as number);
        variances[to + col] = (variances[to + col] as number) + share * away * away;
      }
    }
    const epsilon = this.params.varSmoothing * largestVariance(data, rows, cols, weights);
    this.forget();
    this.classes_ = classes;
    this.classCount_ = counts;
    this.classPrior_ = priors;
    this.theta_ = { data: means, rows: classes.length, cols };
    this.var_ = { data: variances.map((each) => each + epsilon), rows: classes.length, cols };
    this.epsilon_ = epsilon;
    this.nFeaturesIn_ = cols;
    return this;
  }

  async predictJointLogProba(X: Features): Promise<DenseMatrix> {
    this.checkFitted();
    const { data, rows, cols } = checkFeatures(X, { owner: 'GaussianNB', cols: this.nFeaturesIn_ });
    const { data: means, rows: classes } = this.theta_;
    const halves = (this.var_.data as Float64Array).map((each) => (each === 0 ? Number.MAX_VALUE : 0.5 / each));
    const out = new Float64Array(rows * classes);
    const bases = Float64Array.from(this.classPrior_, (prior, k) => {
      let base = Math.log(prior);
      for (let col = 0; col < cols; col += 1)
        base -= 0.5 * Math.log(2 * Math.PI * (this.var_.data[k * cols + col] as number));
      return base;
    });
    for (let row = 0; row < rows; row += 1) {
      for (let k = 0; k < classes; k += 1) {
        let sum = 0;
        for (let col = 0; col < cols; col += 1) {
          const away = (data[row * cols + col] as number) - (means[k * cols + col] as number);
          sum += away * away * (halves[k * cols + col] as number);
        }
        out[row * classes + k] = (bases[k] as number) - sum;
      }
    }
    return { data: out, rows, cols: classes };
  }
}

/** Of the rows that have a weight, as if they had the same. */
function largestVariance(data: DenseMatrix['data'], rows: number, cols: number, weights: Float64Array): number {
  const sums = new Float64Array(cols);
  const squares = new Float64Array(cols);
  let count = 0;
  for (let row = 0; row < rows; row += 1) {
    if (weights[row] === 0) continue;
    count += 1;
    for (let col = 0; col < cols; col += 1) sums[col] = (sums[col] as number) + (data[row * cols + col] as number);
  }
  for (let row = 0; row < rows; row += 1) {
    if (weights[row] === 0) continue;
    for (let col = 0; col < cols; col += 1)
      squares[col] =
        (squares[col] as number) + ((data[row * cols + col] as number) - (sums[col] as number) / count) ** 2;
  }
  return squares.reduce((most, each) => Math.max(most, each), 0) / count;
}
