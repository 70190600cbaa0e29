/** What kernels work on. */
export type Numbers = Float64Array | Float32Array;

/**
 * Numerics on arrays of one workspace, all of one precision. Matrices are row-major and without gaps; n is a number of
 * elements. Where an array is longer than it has to be, its beginning is meant. Results are the same, bit for bit, on
 * every machine, in every thread, and without WebAssembly. NaN and infinity give what IEEE 754 says.
 *
 * Steps of optimizers are for `count` rows of `width` parameters. Row r of the gradient g belongs to row `index[r]` of
 * the parameters, or to row r where there is no index. `last` has the number of the step that each row of the
 * parameters had last, 0 at first: steps that a row was left out of are made up for, as ones with a gradient of zero,
 * so that parameters end where they would, bit for bit, had each row had each step. g null brings rows up to `step`.
 * Steps are numbered from 1. Moments below the least normal number, and means of gradients next to it, become 0.
 *
 * Every method throws RangeError where an array is too short or is not of the workspace. Numbers in `index` and
 * `indices` are not checked.
 */
export interface Kernels<A extends Numbers> {
  /** out (m x n) = a (m x k) b (k x n), or += with `add`. */
  gemmNN(m: number, n: number, k: number, a: A, b: A, out: A, add: boolean): void;
  /** The same with a as k x m: a transposed times b. */
  gemmTN(m: number, n: number, k: number, a: A, b: A, out: A, add: boolean): void;
  /** The same with b as n x k: a times b transposed. */
  gemmNT(m: number, n: number, k: number, a: A, b: A, out: A, add: boolean): void;
  /** out = a (rows x columns) x. */
  gemv(rows: number, columns: number, a: A, x: A, out: A): void;
  /** The sum of products. */
  dot(n: number, a: A, b: A): number;
  /** y += factor x. */
  axpy(n: number, factor: number, x: A, y: A): void;
  /** x *= factor. */
  scale(n: number, factor: number, x: A): void;
  /** Adds `row` to each row of x. */
  addRow(rows: number, columns: number, row: A, x: A): void;
  /** out = the sums of columns, or += with `add`. */
  columnSums(rows: number, columns: number, x: A, out: A, add: boolean): void;

  /** y = exp(x) of each element; y may be x, here and below. Results below the normal numbers are 0. */
  exp(n: number, x: A, y: A): void;
  log(n: number, x: A, y: A): void;
  relu(n: number, x: A, y: A): void;
  tanh(n: number, x: A, y: A): void;
  /** y = 1 / (1 + exp(-x)). */
  sigmoid(n: number, x: A, y: A): void;
  /** d *= the derivative of relu where it gave y. */
  reluBack(n: number, y: A, d: A): void;
  tanhBack(n: number, y: A, d: A): void;
  sigmoidBack(n: number, y: A, d: A): void;

  /** y = softmax of each row of x. There is at least one column, here and below. */
  softmax(rows: number, columns: number, x: A, y: A): void;
  /** out[row] = log of the sum of exp(row). Overwrites x. */
  logSumExp(rows: number, columns: number, x: A, out: A): void;
  /**
   * The sum over rows of weights[row] times the cross-entropy of softmax(scores) and targets (rows x columns). Scores
   * become its gradient, where the targets of a row sum to 1.
   */
  softmaxLoss(rows: number, columns: number, scores: A, targets: A, weights: A): number;
  /** The same for cross-entropies of sigmoid(score), each with a target from 0 to 1. */
  sigmoidLoss(rows: number, columns: number, scores: A, targets: A, weights: A): number;
  /** The same for (score - target)^2. */
  squaredLoss(rows: number, columns: number, scores: A, targets: A, weights: A): number;

  /** w -= rate g. */
  sgd(count: number, width: number, index: Int32Array | null, w: A, g: A, rate: number): void;
  /** a = momentum a + g; w -= rate a, or with `nesterov` rate (g + momentum a). */
  momentum(
    count: number,
    width: number,
    index: Int32Array | null,
    last: Int32Array | null,
    step: number,
    w: A,
    a: A,
    g: A | null,
    rate: number,
    momentum: number,
    nesterov: boolean,
  ): void;
  /** a += g^2; w -= rate g / (sqrt(a) + epsilon). */
  adagrad(count: number, width: number, index: Int32Array | null, w: A, a: A, g: A, rate: number, eps: number): void;
  /** a = decay a + (1 - decay) g^2; w -= rate g / (sqrt(a) + epsilon). */
  rmsprop(
    count: number,
    width: number,
    index: Int32Array | null,
    last: Int32Array | null,
    step: number,
    w: A,
    a: A,
    g: A | null,
    rate: number,
    decay: number,
    epsilon: number,
  ): void;
  /** m and v become the running means of g and g^2; w -= rates[step & mask] m / (sqrt(v) + epsilon). */
  adam(
    count: number,
    width: number,
    index: Int32Array | null,
    last: Int32Array | null,
    step: number,
    w: A,
    m: A,
    v: A,
    g: A | null,
    rates: A,
    mask: number,
    beta1: number,
    beta2: number,
    epsilon: number,
  ): void;

  /** out (rows x n) = x b, or += with `add`, for compressed sparse rows x. */
  csrTimes(rows: number, n: number, starts: Int32Array, indices: Int32Array, data: A, b: A, out: A, add: boolean): void;
  /** out (columns x n) += x transposed b, for b (rows x n). */
  csrTransposedTimes(rows: number, n: number, starts: Int32Array, indices: Int32Array, data: A, b: A, out: A): void;
  /**
   * Compressed sparse rows by column: `index` becomes the columns that have values, in order; column `index[c]` has
   * `values` in the rows `rowOf` from `begins[c]` to `begins[c + 1]`. Gives the number of such columns. `marks` has a
   * zero for each column, before and after.
   */
  csrByColumn(
    rows: number,
    columns: number,
    starts: Int32Array,
    indices: Int32Array,
    data: A,
    marks: Int32Array,
    index: Int32Array,
    begins: Int32Array,
    rowOf: Int32Array,
    values: A,
  ): number;
  /** out (rows x n) += x w, for `count` columns of x as `csrByColumn` has them: each row of w is read once. */
  cscTimes(
    count: number,
    n: number,
    index: Int32Array,
    begins: Int32Array,
    rowOf: Int32Array,
    values: A,
    w: A,
    out: A,
  ): void;
}
