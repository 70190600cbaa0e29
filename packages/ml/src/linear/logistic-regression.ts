import { BOOLEAN, type Constraints, integer, NULL, oneOf, RANDOM_STATE, real, show } from '../base/constraints.ts';
import { warnOfConvergence } from '../base/convergence-warning.ts';
import { InputError, ParameterError } from '../base/errors.ts';
import { Estimator } from '../base/estimator.ts';
import type { Classifier, FitOptions } from '../base/interfaces.ts';
import { accuracyOf } from '../base/scores.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { checkLength, checkSampleWeight } from '../data/check-targets.ts';
import type { DenseMatrix, Features, Matrix } from '../data/features.ts';
import { type EncodedLabels, encodeLabels, type Label, type Labels } from '../data/labels.ts';
import { openWorkspace } from '../numerics/workspace.ts';
import { trustRegionNewton } from '../optimize/trust-region-newton.ts';
import { bytesOfBlocks } from './blocks.ts';
import { type ClassWeight, classWeights } from './class-weights.ts';
import { labelsByDecision, linearDecisions } from './decisions.ts';
import { type Design, designOf, preparedDesignOf } from './design.ts';
import { penalizedBiasLoss, sigmoid } from './logistic-losses.ts';
import { logisticMinimizer, type Solution } from './logistic-minimizer.ts';

export interface LogisticRegressionParams {
  /** `'l2'`, or null for none (lbfgs only). */
  readonly penalty: 'l2' | null;
  /** Inverse of the strength of the penalty. */
  readonly C: number;
  /** `'lbfgs'`: softmax over all classes. `'liblinear'`: one class against the rest, with a penalized intercept. */
  readonly solver: 'lbfgs' | 'liblinear';
  /** `'auto'`: multinomial for lbfgs with more than two classes, else one against the rest. */
  readonly multiClass: 'auto' | 'ovr' | 'multinomial';
  readonly fitIntercept: boolean;
  /** liblinear only: the constant feature that stands for the intercept. The larger, the less the intercept is penalized. */
  readonly interceptScaling: number;
  readonly classWeight: ClassWeight | null;
  readonly maxIter: number;
  readonly tol: number;
  /** Neither solver draws numbers; it is there for searches that set it. */
  readonly randomState: number | null;
}

/**
 * Logistic regression with an L2 penalty: scikit-learn's objectives, and the iterations of its two solvers, L-BFGS-B
 * and liblinear's trust region Newton method. X: dense or CSR, finite numbers. y: labels of two or more classes.
 *
 * @example
 * const model = await new LogisticRegression({ C: 0.1 }).fit(X, y);
 * await model.predict(X); // labels
 */
export class LogisticRegression<L extends Label = Label>
  extends Estimator<LogisticRegressionParams>
  implements Classifier<L>
{
  static override readonly defaults: LogisticRegressionParams = {
    penalty: 'l2',
    C: 1,
    solver: 'lbfgs',
    multiClass: 'auto',
    fitIntercept: true,
    interceptScaling: 1,
    classWeight: null,
    maxIter: 100,
    tol: 1e-4,
    randomState: null,
  };
  static override readonly constraints: Constraints = {
    penalty: [oneOf('l2'), NULL],
    C: [real('(0, inf]')],
    solver: [oneOf('lbfgs', 'liblinear')],
    multiClass: [oneOf('auto', 'ovr', 'multinomial')],
    fitIntercept: [BOOLEAN],
    interceptScaling: [real('(0, inf)')],
    classWeight: [{ is: 'object' }, oneOf('balanced'), NULL],
    maxIter: [integer('[0, inf)')],
    tol: [real('[0, inf)')],
    randomState: [RANDOM_STATE],
  };

  /** Labels, sorted. */
  declare classes_: L[];
  /** Classes x features; of two classes 1 x features, for the second. */
  declare coef_: DenseMatrix;
  /** An intercept for each row of `coef_`. */
  declare intercept_: Float64Array;
  /** Iterations of each minimization. */
  declare nIter_: Int32Array;
  /** Whether each minimization met `tol` within `maxIter`. */
  declare converged_: boolean;
  /** Columns of X. */
  declare nFeaturesIn_: number;

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'classifier', sparse: true, requiresY: true, sampleWeight: true };
  }

  /** @throws ParameterError, InputError: for fewer than two classes too */
  async fit(X: Features, y: Labels<L>, options: FitOptions = {}): Promise<this> {
    this.checkParams();
    const owner = 'LogisticRegression';
    const matrix = checkFeatures(X, { owner, sparse: true });
    checkLength('y', y, matrix.rows, owner);
    const weights = checkSampleWeight(options.sampleWeight, matrix.rows, owner);
    const encoded = encodeLabels(y);
    if (encoded.classes.length < 2) {
      throw new InputError(
        `${owner} needs samples of at least 2 classes in the data, but the data contains only one class: ${show(encoded.classes[0])}.`,
      );
    }
    const isMultinomial = this.isMultinomial(encoded.classes.length);
    const solutions =
      this.params.solver === 'liblinear'
        ? this.liblinear(matrix, encoded, weights)
        : this.lbfgs(matrix, encoded, weights, isMultinomial);
    this.forget();
    this.keep(solutions, encoded.classes, matrix.cols, isMultinomial);
    return this;
  }

  /** Rows x 1 for two classes, above zero for the second; rows x classes for more. */
  async decisionFunction(X: Features): Promise<DenseMatrix> {
    this.checkFitted();
    const { coef_, intercept_, nFeaturesIn_ } = this;
    const matrix = checkFeatures(X, { owner: 'LogisticRegression', sparse: true, cols: nFeaturesIn_ });
    return linearDecisions(matrix, coef_, intercept_);
  }

  async predict(X: Features): Promise<L[]> {
    return labelsByDecision(await this.decisionFunction(X), this.classes_);
  }

  /** Rows x classes: softmax, or each class's own probability, made to sum to 1. */
  async predictProba(X: Features): Promise<DenseMatrix> {
    const { data, rows, cols } = await this.decisionFunction(X);
    const classes = this.classes_.length;
    const isSoftmax = this.isMultinomial(classes);
    const chances = new Float64Array(rows * classes);
    for (let row = 0; row < rows; row += 1) {
      const own = chances.subarray(row * classes, (row + 1) * classes);
      if (cols === 1) {
        const score = (data[row] as number) * (isSoftmax ? 2 : 1);
        own[0] = sigmoid(-score);
        own[1] = sigmoid(score);
        continue;
      }
      const scores = data.subarray(row * cols, (row + 1) * cols);
      const max = isSoftmax ? Math.max(...scores) : 0;
      for (let k = 0; k < classes; k += 1) {
        own[k] = isSoftmax ? Math.exp((scores[k] as number) - max) : sigmoid(scores[k] as number);
      }
      const sum = own.reduce((all, each) => all + each, 0);
      for (let k = 0; k < classes; k += 1) own[k] = (own[k] as number) / sum;
    }
    return { data: chances, rows, cols: classes };
  }

  /** Accuracy. */
  async score(X: Features, y: Labels<L>, options: FitOptions = {}): Promise<number> {
    return accuracyOf(y, await this.predict(X), options.sampleWeight);
  }

  private isMultinomial(classes: number): boolean {
    const { multiClass, solver, penalty, C } = this.params;
    if (solver === 'liblinear' && multiClass === 'multinomial') {
      throw new ParameterError(
        "LogisticRegression: solver 'liblinear' does not support multiClass 'multinomial'. Use 'lbfgs'.",
      );
    }
    if (solver === 'liblinear' && C === Number.POSITIVE_INFINITY) {
      throw new ParameterError("LogisticRegression: solver 'liblinear' needs a finite C. Use 'lbfgs'.");
    }
    if (solver === 'liblinear' && penalty === null) {
      throw new ParameterError("LogisticRegression: solver 'liblinear' does not support penalty null. Use 'lbfgs'.");
    }
    return multiClass === 'multinomial' || (multiClass === 'auto' && solver === 'lbfgs' && classes > 2);
  }

  private lbfgs(X: Matrix, encoded: EncodedLabels<L>, weights: Float64Array, isMultinomial: boolean): Solution[] {
    const { classes, codes } = encoded;
    const { classWeight } = this.params;
    const count = isMultinomial ? classes.length : 1;
    const byLabel =
      classWeight === 'balanced' && !isMultinomial
        ? undefined
        : classWeights(classWeight, classes, codes, 'LogisticRegression');
    const space = openWorkspace({ bytes: bytesOfBlocks(X) });
    try {
      const minimized = logisticMinimizer(this.params, X, count, space);
      const weighted = (byCode: Float64Array, kinds: Int32Array): Float64Array =>
        weights.map((weight, row) => weight * (byCode[kinds[row] as number] as number));
      if (isMultinomial) return [minimized(weighted(byLabel as Float64Array, codes), codes)];
      return (classes.length === 2 ? [1] : classes.map((_, k) => k)).map((positive) => {
        const others = codes.map((code) => (code === positive ? 0 : -1));
        const kinds = codes.map((code) => (code === positive ? 1 : 0));
        const byKind = byLabel ?? classWeights('balanced', [0, 1], kinds, 'LogisticRegression');
        return minimized(weighted(byKind, byLabel === undefined ? kinds : codes), others);
      });
    } finally {
      space.close();
    }
  }

  private liblinear(X: Matrix, encoded: EncodedLabels<L>, weights: Float64Array): Solution[] {
    const prepared = preparedDesignOf(X, 1);
    try {
      return this.newton(prepared ?? designOf(X), encoded, weights);
    } finally {
      prepared?.close();
    }
  }

  private newton(design: Design, { classes, codes }: EncodedLabels<L>, weights: Float64Array): Solution[] {
    const { C, fitIntercept, interceptScaling, classWeight, tol, maxIter } = this.params;
    const byClass = classWeights(classWeight, classes, codes, 'LogisticRegression');
    const isBinary = classes.length === 2;
    const used = weights.reduce((count, weight) => count + (weight > 0 ? 1 : 0), 0);
    return (isBinary ? [1] : classes.map((_, k) => k)).map((positive) => {
      let positives = 0;
      const signs = Float64Array.from(codes, (code, row) => {
        if (code === positive && (weights[row] as number) > 0) positives += 1;
        return code === positive ? 1 : -1;
      });
      const costs = weights.map((weight, row) => {
        const ofRest = isBinary ? (byClass[0] as number) : 1; // liblinear weighs the class alone, not the rest
        return weight * C * (signs[row] === 1 ? (byClass[positive] as number) : ofRest);
      });
      const tolerance = (tol * Math.max(Math.min(positives, used - positives), 1)) / used;
      const bias = fitIntercept ? interceptScaling : 0;
      const loss = penalizedBiasLoss(design, signs, costs, bias);
      const { w, iterations, converged } = trustRegionNewton(
        loss,
        design.cols + (fitIntercept ? 1 : 0),
        tolerance,
        maxIter,
      );
      if (fitIntercept) w[design.cols] = (w[design.cols] as number) * interceptScaling;
      return { w, iterations, converged };
    });
  }

  private keep(solutions: readonly Solution[], classes: L[], cols: number, isMultinomial: boolean): void {
    const { fitIntercept, solver, maxIter } = this.params;
    const all = solutions.flatMap(({ w }) => {
      const stride = cols + (fitIntercept ? 1 : 0);
      return Array.from({ length: w.length / stride }, (_, k) => w.subarray(k * stride, (k + 1) * stride));
    });
    const rows = isMultinomial && classes.length === 2 ? all.slice(1) : all;
    const data = new Float64Array(rows.length * cols);
    for (const [k, row] of rows.entries()) data.set(row.subarray(0, cols), k * cols);
    this.classes_ = classes;
    this.coef_ = { data, rows: rows.length, cols };
    this.intercept_ = Float64Array.from(rows, (row) => (fitIntercept ? (row[cols] as number) : 0));
    this.nIter_ = Int32Array.from(solutions, ({ iterations }) => iterations);
    this.converged_ = solutions.every(({ converged }) => converged);
    this.nFeaturesIn_ = cols;
    if (this.converged_) return;
    warnOfConvergence(
      'LogisticRegression',
      `(${solver}) did not converge in maxIter ${maxIter}. Raise maxIter, or scale the data as a StandardScaler does.`,
    );
  }
}
