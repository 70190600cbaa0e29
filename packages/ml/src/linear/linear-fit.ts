import { leastSquares } from '../algebra/least-squares.ts';
import { isSparse, type Matrix } from '../data/features.ts';
import { dot } from '../optimize/lbfgs.ts';
import { designOf } from './design.ts';

/** A linear function of the columns. */
export interface LinearFit {
  readonly weights: Float64Array;
  readonly intercept: number;
  /** Of the centred, weighted columns; none where X is sparse. */
  readonly singular?: Float64Array;
  readonly rank?: number;
}

/** Minimizes the weighted squares of what is left, and alpha times the squared weights, not the intercept. */
export function linearFit(
  X: Matrix,
  y: Float64Array,
  sampleWeight: Float64Array,
  alpha: number,
  fitIntercept: boolean,
): LinearFit {
  const total = sampleWeight.reduce((sum, each) => sum + each, 0);
  const means = new Float64Array(X.cols);
  let mean = 0;
  if (fitIntercept) {
    designOf(X).addTransposed(
      sampleWeight.map((each) => each / total),
      1,
      0,
      means,
    );
    mean = dot(sampleWeight, y) / total;
  }
  const centred = y.map((each) => each - mean);
  const found = isSparse(X)
    ? { weights: conjugateGradients(X, means, centred, sampleWeight, alpha) }
    : dense(X, means, centred, sampleWeight, alpha);
  return { ...found, intercept: mean - dot(found.weights, means) };
}

function dense(
  X: Matrix,
  means: Float64Array,
  y: Float64Array,
  sampleWeight: Float64Array,
  alpha: number,
): Omit<LinearFit, 'intercept'> {
  const roots = sampleWeight.map(Math.sqrt);
  const columns = Array.from(means, (mean, column) =>
    roots.map((root, row) => root * ((X.data[row * X.cols + column] as number) - mean)),
  );
  return leastSquares(
    columns,
    y.map((each, row) => each * (roots[row] as number)),
    alpha,
  );
}

/** The same for sparse X, whose columns are centred in thought only: conjugate gradients on the normal equations. */
function conjugateGradients(
  X: Matrix,
  means: Float64Array,
  y: Float64Array,
  sampleWeight: Float64Array,
  alpha: number,
): Float64Array {
  const design = designOf(X);
  const transposed = (values: Float64Array): Float64Array => {
    const out = new Float64Array(X.cols);
    design.addTransposed(values, 1, 0, out);
    const sum = values.reduce((all, each) => all + each, 0);
    return out.map((each, column) => each - sum * (means[column] as number));
  };
  const product = (weights: Float64Array): Float64Array => {
    const scores = new Float64Array(X.rows);
    design.times(weights, 1, 0, scores);
    const shift = dot(means, weights);
    const back = transposed(scores.map((score, row) => (score - shift) * (sampleWeight[row] as number)));
    return back.map((each, column) => each + alpha * (weights[column] as number));
  };
  const weights = new Float64Array(X.cols);
  const left = transposed(y.map((each, row) => each * (sampleWeight[row] as number)));
  const way = left.slice();
  let square = dot(left, left);
  const target = square * 1e-24;
  for (let i = 0; i < 10 * X.cols + 100 && square > target; i += 1) {
    const curved = product(way);
    const share = square / dot(way, curved);
    for (let j = 0; j < X.cols; j += 1) {
      weights[j] = (weights[j] as number) + share * (way[j] as number);
      left[j] = (left[j] as number) - share * (curved[j] as number);
    }
    const next = dot(left, left);
    for (let j = 0; j < X.cols; j += 1) way[j] = (left[j] as number) + (next / square) * (way[j] as number);
    square = next;
  }
  return weights;
}
