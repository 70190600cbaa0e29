import { type Constraints, NULL, oneOf, show } from '../base/constraints.ts';
import { warnOfConvergence } from '../base/convergence-warning.ts';
import { InputError, ParameterError } from '../base/errors.ts';
import { Estimator } from '../base/estimator.ts';
import type { Classifier, FitOptions } from '../base/interfaces.ts';
import { accuracyOf } from '../base/scores.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { checkLength, checkSampleWeight } from '../data/check-targets.ts';
import type { DenseMatrix, Features, Matrix } from '../data/features.ts';
import { codesOf, type Label, type Labels, uniqueLabels } from '../data/labels.ts';
import { rowsWithWeight } from '../data/rows-with-weight.ts';
import { type Rows, take } from '../data/take.ts';
import { checkRandomState, RandomState } from '../random/random-state.ts';
import { StratifiedShuffleSplit } from '../selection/shuffle-split.ts';
import { type ClassWeight, classWeights } from './class-weights.ts';
import { labelsByDecision, linearDecisions } from './decisions.ts';
import { sigmoid } from './logistic-losses.ts';
import { type SgdModel, type SgdProblem, sgd, startOf, usedOf } from './sgd.ts';
import { overflow, SEEDS, SGD_CONSTRAINTS, SGD_DEFAULTS, type SgdParams, sgdOptions } from './sgd-params.ts';

export interface SgdClassifierParams extends SgdParams {
  readonly classWeight: ClassWeight | null;
}

/** What `partialFit` takes besides X and y. */
export interface PartialFitOptions<L extends Label = Label> extends FitOptions {
  /** All labels that there will be; for the first call. */
  readonly classes?: Labels<L> | undefined;
}

/** What is learned from, without rows of weight zero. */
interface Batch {
  readonly X: Matrix;
  readonly codes: Int32Array;
  readonly weights: Float64Array;
}

/**
 * Linear classifiers by stochastic gradient descent, one class against the rest: a support vector machine
 * (`loss: 'hinge'`), logistic regression (`'log_loss'`) and others. X: dense or CSR, about zero and of like size.
 * The same seed gives scikit-learn's weights for dense X; CSR gives the same as dense X here (there its intercept learns
 * more slowly).
 *
 * @example
 * const model = new SGDClassifier({ loss: 'log_loss', randomState: 0 });
 * for (const { X, y } of batches) await model.partialFit(X, y, { classes: ['no', 'yes'] });
 */
export class SGDClassifier<L extends Label = Label> extends Estimator<SgdClassifierParams> implements Classifier<L> {
  static override readonly defaults: SgdClassifierParams = {
    loss: 'hinge',
    ...SGD_DEFAULTS,
    learningRate: 'optimal',
    eta0: 0,
    powerT: 0.5,
    classWeight: null,
  };
  static override readonly constraints: Constraints = {
    loss: [
      oneOf(
        'hinge',
        'log_loss',
        'modified_huber',
        'squared_hinge',
        'perceptron',
        'squared_error',
        'huber',
        'epsilon_insensitive',
        'squared_epsilon_insensitive',
      ),
    ],
    ...SGD_CONSTRAINTS,
    classWeight: [{ is: 'object' }, oneOf('balanced'), NULL],
  };
  /** Labels, sorted. */
  declare classes_: L[];
  /** Classes x features; of two classes 1 x features, for the second. */
  declare coef_: DenseMatrix;
  /** An intercept for each row of `coef_`. */
  declare intercept_: Float64Array;
  /** Epochs, the most of all classes. */
  declare nIter_: number;
  /** The number of the next step. */
  declare t_: number;
  /** Whether each class ended before `maxIter`. */
  declare converged_: boolean;
  /** What each class learned, from which `partialFit` goes on. */
  declare models_: readonly SgdModel[];
  /** Columns of X. */
  declare nFeaturesIn_: number;

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'classifier', sparse: true, requiresY: true, sampleWeight: true };
  }

  /** Rows of weight zero are not there. @throws ParameterError, InputError: for fewer than two classes too */
  async fit(X: Features, y: Labels<L>, options: FitOptions = {}): Promise<this> {
    this.checkParams();
    const { maxIter, tol } = this.params;
    const matrix = checkFeatures(X, { owner: this.class.name, sparse: true });
    checkLength('y', y, matrix.rows, this.class.name);
    const classes = uniqueLabels(y);
    if (classes.length < 2) {
      throw new InputError(
        `${this.class.name} needs samples of at least 2 classes in the data, but the data contains only one class: ${show(classes[0])}.`,
      );
    }
    this.learn(this.batch(matrix, y, classes, options), classes, maxIter, false);
    if (!this.converged_ && tol !== null)
      warnOfConvergence('SGDClassifier', `did not converge in maxIter ${maxIter} epochs. Raise maxIter.`);
    return this;
  }

  /**
   * Learns from some more rows, in one epoch. @throws InputError where the first call has no `classes`, and for labels
   * that are not among them; ParameterError for `earlyStopping` and balanced weights, which need all rows
   */
  async partialFit(X: Features, y: Labels<L>, options: PartialFitOptions<L> = {}): Promise<this> {
    this.checkParams();
    const owner = this.class.name;
    if (this.params.earlyStopping || this.params.classWeight === 'balanced') {
      const what = this.params.earlyStopping ? 'earlyStopping' : "classWeight 'balanced'";
      throw new ParameterError(`${owner}: ${what} needs all rows, and partialFit sees some. Use fit.`);
    }
    if (!this.isFitted && options.classes === undefined)
      throw new InputError(`${owner}: the first call of partialFit needs classes, all labels that there will be.`);
    const classes = this.isFitted ? this.classes_ : uniqueLabels(options.classes as Labels<L>);
    if (this.isFitted && options.classes !== undefined) codesOf(options.classes, classes);
    this.learn(this.batch(X, y, classes, options), classes, 1, this.isFitted);
    return this;
  }

  /** Rows x 1 for two classes, above zero for the second; rows x classes for more. */
  async decisionFunction(X: Features): Promise<DenseMatrix> {
    this.checkFitted();
    const { coef_, intercept_, nFeaturesIn_ } = this;
    const matrix = checkFeatures(X, { owner: this.class.name, sparse: true, cols: nFeaturesIn_ });
    return linearDecisions(matrix, coef_, intercept_);
  }

  async predict(X: Features): Promise<L[]> {
    return labelsByDecision(await this.decisionFunction(X), this.classes_);
  }

  /** Rows x classes, with losses `'log_loss'` and `'modified_huber'`. @throws ParameterError for others */
  async predictProba(X: Features): Promise<DenseMatrix> {
    if (!this.provides('predictProba'))
      throw new ParameterError(
        `${this.class.name} has probabilities with loss 'log_loss' or 'modified_huber'. Got '${this.params.loss}'.`,
      );
    const isLog = this.params.loss === 'log_loss';
    const chance = (score: number): number => (isLog ? sigmoid(score) : (Math.min(Math.max(score, -1), 1) + 1) / 2);
    const { data, rows, cols } = await this.decisionFunction(X);
    const classes = this.classes_.length;
    const chances = new Float64Array(rows * classes);
    for (let row = 0; row < rows; row += 1) {
      const own = chances.subarray(row * classes, (row + 1) * classes);
      if (cols === 1) {
        own[1] = chance(data[row] as number);
        own[0] = 1 - own[1];
        continue;
      }
      for (let k = 0; k < cols; k += 1) own[k] = chance(data[row * cols + k] as number);
      const sum = own.reduce((all, each) => all + each, 0);
      for (let k = 0; k < cols; k += 1) own[k] = sum === 0 ? 1 / cols : (own[k] as number) / sum;
    }
    return { data: chances, rows, cols: classes };
  }

  /** Accuracy. */
  async score(X: Features, y: Labels<L>, options: FitOptions = {}): Promise<number> {
    return accuracyOf(y, await this.predict(X), options.sampleWeight);
  }

  override provides(method: string): boolean {
    const { loss } = this.params;
    return method === 'predictProba' ? loss === 'log_loss' || loss === 'modified_huber' : super.provides(method);
  }

  private batch(X: Features, y: Labels<L>, classes: readonly L[], options: FitOptions): Batch {
    const owner = this.class.name;
    const cols = this.isFitted && classes === this.classes_ ? this.nFeaturesIn_ : undefined;
    const matrix = checkFeatures(X, { owner, sparse: true, cols });
    checkLength('y', y, matrix.rows, owner);
    const weights = checkSampleWeight(options.sampleWeight, matrix.rows, owner);
    const codes = codesOf(y, classes);
    const rows = rowsWithWeight(weights);
    if (rows.length === matrix.rows) return { X: matrix, codes, weights };
    return {
      X: take(matrix as Rows, rows) as Matrix,
      codes: take(codes as Rows, rows) as Int32Array,
      weights: take(weights as Rows, rows) as Float64Array,
    };
  }

  private learn({ X, codes, weights }: Batch, classes: L[], maxIter: number, goesOn: boolean): void {
    const { classWeight, randomState, earlyStopping } = this.params;
    const owner = this.class.name;
    const options = { ...sgdOptions(this.params, owner), maxIter };
    const byClass = classWeights(classWeight, classes, codes, owner);
    const count = classes.length === 2 ? 1 : classes.length;
    const random = checkRandomState(randomState);
    const firstStep = goesOn ? this.t_ : 1;
    const split = (y: ArrayLike<number>): Uint8Array | undefined =>
      earlyStopping ? this.held(y as Int32Array) : undefined;
    let held = count > 1 ? split(codes) : undefined;
    const seeds = count > 1 ? random.randint(0, SEEDS, count) : [];
    const models: SgdModel[] = [];
    let epochs = 0;
    for (let m = 0; m < count; m += 1) {
      const positive = count === 1 ? 1 : m;
      const y = Float64Array.from(codes, (code) => (code === positive ? 1 : -1));
      const own = count === 1 ? random : new RandomState(seeds[m] as number);
      own.randint(1, SEEDS); // scikit-learn's data set draws a seed of its own
      held ??= split(y);
      const others = count === 1 ? (byClass[0] as number) : 1;
      const problem: SgdProblem = {
        X,
        y,
        sampleWeight: weights.map((weight, row) => weight * (y[row] === 1 ? (byClass[positive] as number) : others)),
        seed: own.randint(SEEDS),
        firstStep,
        held: held && { rows: held, score: accuracyOn(X, y, weights, held) },
      };
      const model = startOf(goesOn ? this.models_[m] : undefined, X.cols, options.average);
      const took = sgd(problem, model, options);
      if (took === undefined) throw overflow(owner);
      epochs = Math.max(epochs, took);
      models.push(model);
    }
    this.keep(models, classes, X.cols, firstStep + epochs * X.rows, options.average);
    this.nIter_ = epochs;
    this.converged_ = epochs < maxIter;
  }

  private held(y: ArrayLike<number>): Uint8Array {
    const { validationFraction, randomState } = this.params;
    const splitter = new StratifiedShuffleSplit({ nSplits: 1, testSize: validationFraction, randomState });
    const rows = new Uint8Array(y.length);
    const [split] = splitter.split(
      Array.from(y, (each) => [each]),
      y,
    );
    for (const row of split?.test ?? []) rows[row] = 1;
    return rows;
  }

  private keep(models: readonly SgdModel[], classes: L[], cols: number, t: number, average: number): void {
    const used = models.map((model) => usedOf(model, average, t));
    const data = new Float64Array(models.length * cols);
    for (const [m, { weights }] of used.entries()) data.set(weights, m * cols);
    this.forget();
    this.classes_ = classes;
    this.coef_ = { data, rows: models.length, cols };
    this.intercept_ = Float64Array.from(used, ({ intercept }) => intercept);
    this.models_ = models;
    this.t_ = t;
    this.nFeaturesIn_ = cols;
  }
}

/** The share of held rows on the right side of zero. */
function accuracyOn(X: Matrix, y: Float64Array, weights: Float64Array, held: Uint8Array): (model: SgdModel) => number {
  const rows = Int32Array.from(held.keys()).filter((row) => held[row] === 1);
  const own = take(X as Rows, rows) as Matrix;
  const targets = take(y as Rows, rows) as Float64Array;
  const shares = take(weights as Rows, rows) as Float64Array;
  return ({ weights: w, intercept }) => {
    const { data } = linearDecisions(own, { data: w, rows: 1, cols: own.cols }, Float64Array.of(intercept));
    const signs = Array.from(data, (score) => (score > 0 ? 1 : -1));
    return accuracyOf(targets, signs, shares);
  };
}
