import { InputError, ParameterError } from '../base/errors.ts';
import type { Targets } from '../base/interfaces.ts';
import { checkFeatures } from '../data/check-features.ts';
import { checkTargets } from '../data/check-targets.ts';
import type { DenseMatrix, Features } from '../data/features.ts';
import { type CentredColumns, centredColumns } from './centred-columns.ts';
import { coordinateDescent } from './coordinate-descent.ts';

export interface PathOptions {
  /** The smallest alpha as a share of the largest. 0.001 by default. */
  readonly eps?: number;
  /** 100 by default. */
  readonly nAlphas?: number;
  /** Strengths of the penalty, in any order; by default from the smallest that makes all weights zero down. */
  readonly alphas?: readonly number[] | Float64Array;
  /** Weights from zero only. */
  readonly positive?: boolean;
  readonly maxIter?: number;
  readonly tol?: number;
}

export interface EnetPathOptions extends PathOptions {
  /** The share of the L1 penalty, above zero. 0.5 by default. */
  readonly l1Ratio?: number;
}

/** Weights for each alpha. */
export interface RegularizationPath {
  /** The largest first. */
  readonly alphas: Float64Array;
  /** Columns of X x alphas. */
  readonly coefs: DenseMatrix;
  /** How far each objective is above its minimum, at most. */
  readonly dualGaps: Float64Array;
  readonly nIters: Int32Array;
}

/**
 * The elastic net for several alphas, each from the weights of the one before. There is no intercept: centre X and y
 * first. Follows scikit-learn's `enet_path`.
 * @throws ParameterError, InputError
 */
export async function enetPath(X: Features, y: Targets, options: EnetPathOptions = {}): Promise<RegularizationPath> {
  const { l1Ratio = 0.5, positive = false, maxIter = 1000, tol = 1e-4 } = options;
  const owner = 'enetPath';
  if (!(l1Ratio > 0 && l1Ratio <= 1))
    throw new ParameterError(`l1Ratio of ${owner} must be a number in the range (0, 1]. Got ${l1Ratio}.`);
  const matrix = checkFeatures(X, { owner, sparse: true });
  const targets = checkTargets(y, matrix.rows, owner);
  const { rows, cols } = matrix;
  const columns = centredColumns(matrix, targets, new Float64Array(rows).fill(1), false);
  const alphas = alphasOf(options, columns, rows, l1Ratio);
  const weights = new Float64Array(cols);
  const data = new Float64Array(cols * alphas.length);
  const dualGaps = new Float64Array(alphas.length);
  const nIters = new Int32Array(alphas.length);
  for (const [k, alpha] of alphas.entries()) {
    const penalties = { l1: alpha * l1Ratio * rows, l2: alpha * (1 - l1Ratio) * rows };
    const { gap, iterations } = coordinateDescent(columns, weights, { ...penalties, positive, maxIter, tol });
    for (let j = 0; j < cols; j += 1) data[j * alphas.length + k] = weights[j] as number;
    dualGaps[k] = gap / rows;
    nIters[k] = iterations;
  }
  return { alphas, coefs: { data, rows: cols, cols: alphas.length }, dualGaps, nIters };
}

/**
 * The lasso for several alphas; `enetPath` with the L1 penalty alone.
 * @example const { alphas, coefs } = await lassoPath(X, y, { nAlphas: 20 });
 */
export function lassoPath(X: Features, y: Targets, options: PathOptions = {}): Promise<RegularizationPath> {
  return enetPath(X, y, { ...options, l1Ratio: 1 });
}

function alphasOf(
  { eps = 1e-3, nAlphas = 100, alphas }: PathOptions,
  columns: CentredColumns,
  rows: number,
  l1Ratio: number,
): Float64Array {
  if (alphas !== undefined) {
    if (alphas.length === 0 || alphas.some((alpha: number) => !(alpha >= 0 && alpha < Number.POSITIVE_INFINITY)))
      throw new InputError('alphas of a path must be finite numbers from 0, one or more.');
    return Float64Array.from(alphas).sort().reverse();
  }
  if (!(Number.isInteger(nAlphas) && nAlphas > 0) || !(eps > 0 && eps < 1))
    throw new ParameterError(`a path takes nAlphas from 1 on, and eps between 0 and 1. Got ${nAlphas} and ${eps}.`);
  let steepest = 0;
  for (let j = 0; j < columns.cols; j += 1) steepest = Math.max(steepest, Math.abs(columns.product(j)));
  const largest = Math.max(steepest / (rows * l1Ratio), 1e-15);
  return Float64Array.from({ length: nAlphas }, (_, k) => largest * eps ** (k / Math.max(nAlphas - 1, 1)));
}
