import { show } from '../base/constraints.ts';
import { InputError } from '../base/errors.ts';
import type { FitOptions } from '../base/interfaces.ts';
import { accuracyOf } from '../base/scores.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { checkLength } from '../data/check-targets.ts';
import type { DenseMatrix, Features, Matrix } from '../data/features.ts';
import { codesOf, type Label, type Labels, uniqueLabels } from '../data/labels.ts';
import { sigmoid } from '../linear/logistic-losses.ts';
import { MlpEstimator, type NetTargets } from './mlp-estimator.ts';
import type { MlpFitOptions, MlpPartialFitOptions } from './mlp-params.ts';

/** Several labels a row, as 0 and 1: `[1, 0, 1]` has the first and the third. */
export type LabelSet = readonly number[];

/**
 * A multilayer perceptron that classifies: two classes by a sigmoid, more by a softmax, label sets by a sigmoid each.
 * X: dense or CSR, finite numbers. y: labels of two or more classes, or a label set a row. Interface: muffnn's.
 *
 * @example
 * const model = await new MLPClassifier({ hiddenUnits: [256], nEpochs: 10, randomState: 0 }).fit(X, y);
 * await model.predictProba(X); // rows x classes
 */
export class MLPClassifier<Y extends Label | LabelSet = Label> extends MlpEstimator<ArrayLike<Y>> {
  /** Labels, sorted; of label sets the positions. */
  declare classes_: Y extends LabelSet ? number[] : Y[];
  /** Rows have label sets. */
  declare multilabel_: boolean;

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'classifier', sparse: true, requiresY: true, sampleWeight: true };
  }

  /** @throws ParameterError, InputError: for fewer than two classes too; EngineError */
  async fit(X: Features, y: ArrayLike<Y>, options: MlpFitOptions<this, ArrayLike<Y>> = {}): Promise<this> {
    this.checkParams();
    const matrix = checkFeatures(X, { owner: this.class.name, sparse: true });
    checkLength('y', y, matrix.rows, this.class.name);
    const isMultilabel = isLabelSet(y[0]);
    const classes = isMultilabel ? positionsOf(y as ArrayLike<unknown>) : this.classesOf(y as Labels);
    return this.begin(matrix, y, classes, isMultilabel, options);
  }

  /**
   * Goes on learning, `nEpochs` more, from rows of classes that are known; begins where nothing was learned.
   * @param options.classes all classes there are, where the first rows don't have all of them
   * @throws InputError for labels that are not among them
   */
  async partialFit(
    X: Features,
    y: ArrayLike<Y>,
    { classes: given, ...options }: MlpPartialFitOptions<this, ArrayLike<Y>> & { readonly classes?: Labels } = {},
  ): Promise<this> {
    this.checkParams();
    const owner = this.class.name;
    const matrix = checkFeatures(X, { owner, sparse: true, ...(this.isFitted && { cols: this.nFeaturesIn_ }) });
    checkLength('y', y, matrix.rows, owner);
    const isMultilabel = this.multilabel_ ?? isLabelSet(y[0]);
    if (this.isFitted) return this.learnMore(matrix, targetsOf(y, this.classes_, isMultilabel), options);
    const classes = isMultilabel ? positionsOf(y as ArrayLike<unknown>) : this.classesOf(given ?? (y as Labels));
    return this.begin(matrix, y, classes, isMultilabel, options);
  }

  /** Rows x 1 for two classes, above zero for the second; rows x classes for more, and for label sets. */
  async decisionFunction(X: Features): Promise<DenseMatrix> {
    return this.valuesOf(X);
  }

  /** Rows x classes. Of label sets each label's own probability. */
  async predictProba(X: Features): Promise<DenseMatrix> {
    const { data, rows, cols } = this.valuesOf(X);
    if (this.multilabel_) return { data: data.map(sigmoid), rows, cols };
    if (cols === 1) {
      const shares = Float64Array.from({ length: 2 * rows }, (_, i) =>
        sigmoid((2 * (i % 2) - 1) * (data[i >> 1] as number)),
      );
      return { data: shares, rows, cols: 2 };
    }
    const shares = new Float64Array(rows * cols);
    for (let row = 0; row < rows; row += 1) {
      const sums = data.subarray(row * cols, (row + 1) * cols);
      const largest = sums.reduce((max, each) => Math.max(max, each), Number.NEGATIVE_INFINITY);
      const powers = Float64Array.from(sums, (sum) => Math.exp(sum - largest));
      const all = powers.reduce((sum, each) => sum + each, 0);
      shares.set(
        powers.map((power) => power / all),
        row * cols,
      );
    }
    return { data: shares, rows, cols };
  }

  async predict(X: Features): Promise<Y[]> {
    const { data, rows, cols } = this.valuesOf(X);
    return Array.from({ length: rows }, (_, row) => {
      const sums = data.subarray(row * cols, (row + 1) * cols);
      if (this.multilabel_) return Array.from(sums, (sum) => Number(sum > 0)) as unknown as Y;
      const best =
        cols === 1 ? Number((sums[0] as number) > 0) : sums.indexOf(sums.reduce((max, each) => Math.max(max, each)));
      return this.classes_[best] as Y;
    });
  }

  /** Accuracy; of label sets the share of rows whose whole set is right. */
  async score(X: Features, y: ArrayLike<Y>, options: FitOptions = {}): Promise<number> {
    const predicted = await this.predict(X);
    if (!this.multilabel_) return accuracyOf(y as Labels, predicted as Label[], options.sampleWeight);
    checkLength('y', y, predicted.length, 'score');
    const isRight = predicted.map((set, row) => String(set) === String(Array.from(y[row] as LabelSet)));
    return accuracyOf(
      predicted.map(() => true),
      isRight,
      options.sampleWeight,
    );
  }

  private begin(
    X: Matrix,
    y: ArrayLike<Y>,
    classes: readonly Label[],
    isMultilabel: boolean,
    options: MlpFitOptions<this, ArrayLike<Y>>,
  ): Promise<this> {
    return this.learn(X, targetsOf(y, classes, isMultilabel), options, () => {
      this.classes_ = classes as typeof this.classes_;
      this.multilabel_ = isMultilabel;
    });
  }

  private classesOf(y: Labels): Label[] {
    const classes = uniqueLabels(y);
    if (classes.length >= 2) return classes;
    throw new InputError(
      `${this.class.name} needs samples of at least 2 classes in the data, but the data contains only one class: ${show(classes[0])}.`,
    );
  }
}

function isLabelSet(value: unknown): boolean {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}

/** The labels of sets, as positions. @throws InputError for sets of several lengths, and what is not 0 or 1 */
function positionsOf(y: ArrayLike<unknown>): number[] {
  const { length } = y[0] as LabelSet;
  for (let row = 0; row < y.length; row += 1) {
    const set = y[row] as LabelSet;
    const fits = isLabelSet(set) && set.length === length && Array.from(set).every((each) => each === 0 || each === 1);
    if (!fits || length === 0) {
      throw new InputError(
        `y of label sets must be rows of 0 and 1, all of one length. Got ${show(set)} at row ${row}.`,
      );
    }
  }
  return Array.from({ length }, (_, position) => position);
}

function targetsOf(y: ArrayLike<unknown>, classes: readonly Label[], isMultilabel: boolean): NetTargets {
  const { length: count } = classes;
  if (isMultilabel) {
    if (positionsOf(y).length !== count) {
      throw new InputError(`y has label sets of ${(y[0] as LabelSet).length} labels, where ${count} are known.`);
    }
    const data = Float32Array.from(Array.from(y as ArrayLike<LabelSet>, (set) => Array.from(set)).flat());
    return { data, outputs: count, kind: 'sigmoid' };
  }
  const codes = codesOf(y as Labels, classes);
  if (count === 2) return { data: Float32Array.from(codes), outputs: 1, kind: 'sigmoid' };
  const data = new Float32Array(codes.length * count);
  for (const [row, code] of codes.entries()) data[row * count + code] = 1;
  return { data, outputs: count, kind: 'softmax' };
}
