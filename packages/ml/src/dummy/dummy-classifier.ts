import { type Constraints, oneOf, RANDOM_STATE, show } from '../base/constraints.ts';
import { InputError } from '../base/errors.ts';
import { Estimator } from '../base/estimator.ts';
import type { Classifier, FitOptions } from '../base/interfaces.ts';
import { accuracyOf } from '../base/scores.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkLength, checkSampleWeight } from '../data/check-targets.ts';
import { type DenseMatrix, type Features, rowCount } from '../data/features.ts';
import { encodeLabels, type Label, type Labels } from '../data/labels.ts';
import { checkRandomState, type RandomState } from '../random/random-state.ts';

export interface DummyClassifierParams {
  /** The most frequent label, with the shares of classes or with certainty; labels drawn by their shares or alike; one label. */
  readonly strategy: 'prior' | 'most_frequent' | 'stratified' | 'uniform' | 'constant';
  /** For `'constant'`: the label. */
  readonly constant: Label | null;
  readonly randomState: number | RandomState | null;
}

/** Predicts without looking at X: what a classifier has to be better than. */
export class DummyClassifier<L extends Label = Label>
  extends Estimator<DummyClassifierParams>
  implements Classifier<L>
{
  static override readonly defaults: DummyClassifierParams = { strategy: 'prior', constant: null, randomState: null };
  static override readonly constraints: Constraints = {
    strategy: [oneOf('prior', 'most_frequent', 'stratified', 'uniform', 'constant')],
    randomState: [RANDOM_STATE],
  };
  /** Labels, sorted. */
  declare classes_: L[];
  /** Shares of the classes, by weight. */
  declare classPrior_: Float64Array;

  override get tags(): Tags {
    return {
      ...DEFAULT_TAGS,
      kind: 'classifier',
      input: 'cells',
      sparse: true,
      requiresY: true,
      sampleWeight: true,
      allowsNaN: true,
      ignoresX: true,
    };
  }

  async fit(X: Features, y: Labels<L>, options: FitOptions = {}): Promise<this> {
    this.checkParams();
    const owner = 'DummyClassifier';
    checkLength('y', y, rowCount(X), owner);
    if (y.length === 0) throw new InputError(`Found array with 0 row(s) while a minimum of 1 is required by ${owner}.`);
    const weights = checkSampleWeight(options.sampleWeight, y.length, owner);
    const { classes, codes } = encodeLabels(y);
    if (this.params.strategy === 'constant' && !classes.includes(this.params.constant as L)) {
      throw new InputError(
        `The constant of ${owner} must be one of the labels in y: ${show(classes)}. Got ${show(this.params.constant)}.`,
      );
    }
    const prior = new Float64Array(classes.length);
    const total = weights.reduce((sum, each) => sum + each, 0);
    for (const [row, code] of codes.entries()) prior[code] = (prior[code] as number) + (weights[row] as number);
    this.classes_ = classes;
    this.classPrior_ = prior.map((each) => each / total);
    return this;
  }

  async predict(X: Features): Promise<L[]> {
    this.checkFitted();
    const random = checkRandomState(this.params.randomState);
    return Array.from({ length: rowCount(X) }, () => this.classes_[this.code(random)] as L);
  }

  async predictProba(X: Features): Promise<DenseMatrix> {
    this.checkFitted();
    const random = checkRandomState(this.params.randomState);
    const [rows, cols] = [rowCount(X), this.classes_.length];
    const data = new Float64Array(rows * cols);
    for (let row = 0; row < rows; row += 1) {
      if (this.params.strategy === 'prior') data.set(this.classPrior_, row * cols);
      else if (this.params.strategy === 'uniform') data.fill(1 / cols, row * cols, (row + 1) * cols);
      else data[row * cols + this.code(random)] = 1;
    }
    return { data, rows, cols };
  }

  /** Accuracy. */
  async score(X: Features, y: Labels<L>, options: FitOptions = {}): Promise<number> {
    return accuracyOf(y, await this.predict(X), options.sampleWeight);
  }

  private code(random: RandomState): number {
    const { strategy, constant } = this.params;
    switch (strategy) {
      case 'uniform':
        return random.randint(this.classes_.length);
      case 'stratified':
        return random.multinomial(this.classPrior_);
      case 'constant':
        return this.classes_.indexOf(constant as L);
      default:
        return this.classPrior_.indexOf(Math.max(...this.classPrior_));
    }
  }
}
