import { BOOLEAN, type Constraints, integer, NULL, oneOf, real, show } from '../base/constraints.ts';
import { warnOfConvergence } from '../base/convergence-warning.ts';
import { InputError, ParameterError } from '../base/errors.ts';
import { Estimator } from '../base/estimator.ts';
import type { Classifier, FitOptions } from '../base/interfaces.ts';
import { accuracyOf } from '../base/scores.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { checkLength, checkSampleWeight } from '../data/check-targets.ts';
import type { DenseMatrix, Features, Matrix } from '../data/features.ts';
import { encodeLabels, type Label, type Labels } from '../data/labels.ts';
import { rowsWithWeight } from '../data/rows-with-weight.ts';
import { type Rows, take } from '../data/take.ts';
import { type ClassWeight, classWeights } from '../linear/class-weights.ts';
import { labelsByDecision } from '../linear/decisions.ts';
import { designOf } from '../linear/design.ts';
import { type Kernel, KernelRows } from './kernel.ts';
import { fitPairs, type SvcFit } from './svc-fit.ts';

export interface SvcParams {
  /** What a row on the wrong side of its margin costs. */
  readonly C: number;
  readonly kernel: Kernel['kind'];
  /** Of the polynomial. */
  readonly degree: number;
  /** Of rbf, poly and sigmoid. `'scale'`: 1 / (columns x variance of all of X); `'auto'`: 1 / columns. */
  readonly gamma: number | 'scale' | 'auto';
  /** Of poly and sigmoid. */
  readonly coef0: number;
  /** Leaves out rows that are likely to stay at their bounds meanwhile. */
  readonly shrinking: boolean;
  /** Must be false: there are no probabilities. */
  readonly probability: boolean;
  readonly tol: number;
  /** Megabytes for kernels that are kept. */
  readonly cacheSize: number;
  readonly classWeight: ClassWeight | null;
  /** Iterations for a pair of classes; -1 for as many as it takes. */
  readonly maxIter: number;
  /** What `decisionFunction` gives for more than two classes: a column a class, or a column a pair of classes. */
  readonly decisionFunctionShape: 'ovr' | 'ovo';
  /** `predict` goes by `decisionFunction` (`'ovr'`) where several classes have the most votes; else the first of them is it. */
  readonly breakTies: boolean;
}

/**
 * Support vector classification: a machine for each pair of classes, which vote. X: dense or CSR; y: labels of two or
 * more classes. Objective, stopping and answers are LIBSVM's, so scikit-learn's. Probabilities are not there.
 *
 * @example
 * await new SVC({ kernel: 'rbf', gamma: 0.001 }).fit(X, y);
 */
export class SVC<L extends Label = Label> extends Estimator<SvcParams> implements Classifier<L> {
  static override readonly defaults: SvcParams = {
    C: 1,
    kernel: 'rbf',
    degree: 3,
    gamma: 'scale',
    coef0: 0,
    shrinking: true,
    probability: false,
    tol: 1e-3,
    cacheSize: 200,
    classWeight: null,
    maxIter: -1,
    decisionFunctionShape: 'ovr',
    breakTies: false,
  };
  static override readonly constraints: Constraints = {
    C: [real('(0, inf)')],
    kernel: [oneOf('linear', 'poly', 'rbf', 'sigmoid')],
    degree: [integer('[0, inf)')],
    gamma: [real('[0, inf)'), oneOf('scale', 'auto')],
    coef0: [real('(-inf, inf)')],
    shrinking: [BOOLEAN],
    probability: [BOOLEAN],
    tol: [real('(0, inf)')],
    cacheSize: [real('(0, inf)')],
    classWeight: [{ is: 'object' }, oneOf('balanced'), NULL],
    maxIter: [integer('[-1, inf)')],
    decisionFunctionShape: [oneOf('ovr', 'ovo')],
    breakTies: [BOOLEAN],
  };
  /** Labels, sorted. */
  declare classes_: L[];
  /** Rows of X that are support vectors, by class. */
  declare support_: Int32Array;
  declare supportVectors_: Matrix;
  /** Support vectors of each class. */
  declare nSupport_: Int32Array;
  /** (Classes - 1) x support vectors. Of two classes above zero for the second; of more, for a pair's first. */
  declare dualCoef_: DenseMatrix;
  /** One a pair of classes. */
  declare intercept_: Float64Array;
  /** Pairs x features, for the linear kernel. */
  declare coef_: DenseMatrix | undefined;
  /** The kernel's gamma, as a number. */
  declare gamma_: number;
  /** Iterations of each pair. */
  declare nIter_: Int32Array;
  /** Whether each pair met `tol` within `maxIter`. */
  declare converged_: boolean;
  /** Columns of X. */
  declare nFeaturesIn_: number;

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'classifier', sparse: true, requiresY: true, sampleWeight: true };
  }

  /** @throws ParameterError, InputError: for fewer than two classes too */
  async fit(X: Features, y: Labels<L>, options: FitOptions = {}): Promise<this> {
    this.checkParams();
    const owner = this.class.name;
    const { C, classWeight, probability, breakTies, decisionFunctionShape, ...params } = this.params;
    if (probability) {
      throw new ParameterError(
        `${owner} has no probabilities. Leave probability at false and use decisionFunction, or LogisticRegression for probabilities.`,
      );
    }
    if (breakTies && decisionFunctionShape === 'ovo') {
      throw new ParameterError(`${owner}: breakTies needs decisionFunctionShape 'ovr'. Got 'ovo'.`);
    }
    const matrix = checkFeatures(X, { owner, sparse: true });
    checkLength('y', y, matrix.rows, owner);
    const weights = checkSampleWeight(options.sampleWeight, matrix.rows, owner);
    const { classes, codes } = encodeLabels(y);
    const byClass = classWeights(classWeight, classes, codes, owner);
    const costs = weights.map((weight, row) => C * weight * (byClass[codes[row] as number] as number));
    const present = new Set(codes.filter((_, row) => (costs[row] as number) > 0));
    if (present.size < 2 || present.size < classes.length) {
      const missing = classes.find((_, k) => !present.has(k));
      throw new InputError(
        classes.length < 2
          ? `${owner} needs samples of at least 2 classes in the data, but the data contains only one class: ${show(classes[0])}.`
          : `${owner} needs samples of each class with a weight above 0. Those of ${show(missing)} all have weight 0.`,
      );
    }
    const counted = rowsWithWeight(costs);
    const rows = counted.length === matrix.rows ? matrix : (take(matrix as Rows, counted) as Matrix);
    const gamma = gammaOf(params.gamma, rows);
    const fit = fitPairs(matrix, codes, classes.length, costs, this.kernelWith(gamma), params);
    this.forget();
    this.gamma_ = gamma;
    this.nFeaturesIn_ = matrix.cols;
    this.classes_ = classes;
    this.keep(fit, matrix);
    return this;
  }

  /**
   * Rows x 1 for two classes, above zero for the second. For more, rows x classes (votes, and a share that orders
   * equal ones) or rows x pairs (above zero for the pair's first class), by `decisionFunctionShape`.
   */
  async decisionFunction(X: Features): Promise<DenseMatrix> {
    const pairs = this.pairDecisions(X);
    const isByPair = this.params.decisionFunctionShape === 'ovo' || this.classes_.length === 2;
    return isByPair ? pairs : votesOf(pairs, this.classes_.length, true);
  }

  async predict(X: Features): Promise<L[]> {
    const pairs = this.pairDecisions(X);
    const { classes_ } = this;
    const isBinary = classes_.length === 2;
    return labelsByDecision(isBinary ? pairs : votesOf(pairs, classes_.length, this.params.breakTies), classes_);
  }

  /** Accuracy. */
  async score(X: Features, y: Labels<L>, options: FitOptions = {}): Promise<number> {
    return accuracyOf(y, await this.predict(X), options.sampleWeight);
  }

  private kernelWith(gamma: number): Kernel {
    const { kernel, degree, coef0 } = this.params;
    return { kind: kernel, gamma, degree, coef0 };
  }

  private keep(fit: SvcFit, X: Matrix): void {
    const { support, perClass, coefficients, intercepts, iterations, converged } = fit;
    const classes = this.classes_.length;
    const sign = classes === 2 ? -1 : 1;
    this.support_ = support;
    this.supportVectors_ = take(X as Rows, support) as Matrix;
    this.nSupport_ = perClass;
    this.dualCoef_ = { data: coefficients.map((each) => sign * each), rows: classes - 1, cols: support.length };
    this.intercept_ = intercepts.map((each) => sign * each);
    this.nIter_ = iterations;
    this.converged_ = converged;
    if (this.params.kernel === 'linear') this.coef_ = this.weightsOfPairs();
    if (converged) return;
    warnOfConvergence('SVC', `did not converge in maxIter ${this.params.maxIter}. Raise maxIter, or scale the data.`);
  }

  /** A column a pair of classes. */
  private pairDecisions(X: Features): DenseMatrix {
    this.checkFitted();
    const { supportVectors_, intercept_, classes_, nFeaturesIn_ } = this;
    const matrix = checkFeatures(X, { owner: this.class.name, sparse: true, cols: nFeaturesIn_ });
    const [rows, cols] = [matrix.rows, intercept_.length];
    const data = new Float64Array(rows * cols);
    const kernels = new KernelRows(this.kernelWith(this.gamma_), matrix, supportVectors_);
    const own = new Float64Array(supportVectors_.rows);
    for (let row = 0; row < rows; row += 1) {
      kernels.write(row, 0, own.length, own, 0);
      let at = row * cols;
      for (let a = 0; a < classes_.length; a += 1) {
        for (let b = a + 1; b < classes_.length; b += 1, at += 1) data[at] = this.sumOfPair(a, b, own);
      }
    }
    for (let at = 0; at < data.length; at += 1) data[at] = (data[at] as number) + (intercept_[at % cols] as number);
    return { data, rows, cols };
  }

  private sumOfPair(a: number, b: number, kernels: Float64Array): number {
    let sum = 0;
    this.forEachOfPair(a, b, (at, coefficient) => {
      sum += coefficient * (kernels[at] as number);
    });
    return sum;
  }

  private weightsOfPairs(): DenseMatrix {
    const { supportVectors_: vectors, classes_ } = this;
    const cols = this.nFeaturesIn_;
    const rows = this.intercept_.length;
    const data = new Float64Array(rows * cols);
    const design = designOf(vectors);
    let pair = 0;
    for (let a = 0; a < classes_.length; a += 1) {
      for (let b = a + 1; b < classes_.length; b += 1, pair += 1) {
        const factors = new Float64Array(vectors.rows);
        this.forEachOfPair(a, b, (at, coefficient) => {
          factors[at] = coefficient;
        });
        design.addTransposed(factors, 1, 0, data.subarray(pair * cols, (pair + 1) * cols));
      }
    }
    return { data, rows, cols };
  }

  private forEachOfPair(a: number, b: number, take: (at: number, coefficient: number) => void): void {
    const { data, cols } = this.dualCoef_;
    const { nSupport_ } = this;
    let at = 0;
    for (let k = 0; k < nSupport_.length; k += 1) {
      const end = at + (nSupport_[k] as number);
      const line = k === a ? b - 1 : a;
      if (k === a || k === b) for (; at < end; at += 1) take(at, data[line * cols + at] as number);
      at = end;
    }
  }
}

/** Votes of pairs for classes; with a share below 1/3 that grows with the decisions, where ties are to be broken. */
function votesOf(pairs: DenseMatrix, classes: number, isBroken: boolean): DenseMatrix {
  const data = new Float64Array(pairs.rows * classes);
  const sums = new Float64Array(classes);
  for (let row = 0; row < pairs.rows; row += 1) {
    const own = data.subarray(row * classes, (row + 1) * classes);
    sums.fill(0);
    let at = row * pairs.cols;
    for (let a = 0; a < classes; a += 1) {
      for (let b = a + 1; b < classes; b += 1, at += 1) {
        const decision = pairs.data[at] as number;
        const winner = decision > 0 ? a : b;
        own[winner] = (own[winner] as number) + 1;
        sums[a] = (sums[a] as number) + decision;
        sums[b] = (sums[b] as number) - decision;
      }
    }
    if (!isBroken) continue;
    for (let k = 0; k < classes; k += 1) {
      const sum = sums[k] as number;
      own[k] = (own[k] as number) + sum / (3 * (Math.abs(sum) + 1));
    }
  }
  return { data, rows: pairs.rows, cols: classes };
}

function gammaOf(gamma: SvcParams['gamma'], X: Matrix): number {
  if (typeof gamma === 'number') return gamma;
  if (gamma === 'auto') return 1 / X.cols;
  const { data } = X;
  let sum = 0;
  for (let i = 0; i < data.length; i += 1) sum += data[i] as number;
  const all = X.rows * X.cols;
  const mean = sum / all;
  let squares = (all - data.length) * mean * mean;
  for (let i = 0; i < data.length; i += 1) squares += ((data[i] as number) - mean) ** 2;
  return squares > 0 ? all / (X.cols * squares) : 1;
}
