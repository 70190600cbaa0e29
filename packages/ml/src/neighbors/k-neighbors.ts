import { multiply } from '../algebra/matrix-products.ts';
import { type Constraints, integer, oneOf, real } from '../base/constraints.ts';
import { InputError, ParameterError } from '../base/errors.ts';
import { Estimator } from '../base/estimator.ts';
import { checkFeatures } from '../data/check-features.ts';
import { doublesOf } from '../data/doubles-of.ts';
import type { DenseMatrix, Features } from '../data/features.ts';
import { buildKdTree, type KdTree, searchKdTree } from './kd-tree.ts';
import { boundedSum, type MetricName, powerOf, rooted } from './metric.ts';
import { Nearest } from './nearest.ts';

export interface KNeighborsParams {
  readonly nNeighbors: number;
  /** Neighbours count alike, or by the inverse of their distance: those at the very point alone, where there are some. */
  readonly weights: 'uniform' | 'distance';
  /** `'auto'`: a tree for up to 15 columns and many rows, else all rows are looked at. */
  readonly algorithm: 'auto' | 'brute' | 'kd_tree';
  /** Rows of a box of the tree that is not cut further. */
  readonly leafSize: number;
  readonly metric: MetricName;
  /** The power of `'minkowski'`. */
  readonly p: number;
}

/** Neighbours of rows: distances that rise, and positions of rows of `fit`; rows x neighbours. */
export interface Neighbors {
  readonly distances: DenseMatrix;
  readonly indices: Int32Array;
}

export const NEIGHBORS_DEFAULTS: KNeighborsParams = {
  nNeighbors: 5,
  weights: 'uniform',
  algorithm: 'auto',
  leafSize: 30,
  metric: 'minkowski',
  p: 2,
};
export const NEIGHBORS_CONSTRAINTS: Constraints = {
  nNeighbors: [integer('[1, inf)')],
  weights: [oneOf('uniform', 'distance')],
  algorithm: [oneOf('auto', 'brute', 'kd_tree')],
  leafSize: [integer('[1, inf)')],
  metric: [oneOf('euclidean', 'manhattan', 'chebyshev', 'minkowski', 'cosine')],
  p: [real('[1, inf)')],
};

/** What estimators by neighbours share: the rows of `fit`, and finding the nearest of them. */
export abstract class NeighborsEstimator extends Estimator<KNeighborsParams> {
  /** The rows; of length 1 for the cosine. */
  declare fitX_: DenseMatrix;
  /** Columns in the order in which they are looked at: those that vary most first. */
  declare order_: Int32Array;
  declare tree_: KdTree | null;
  /** Columns of X. */
  declare nFeaturesIn_: number;

  /**
   * The nearest rows of `fit` of each row; of equally near ones those that come first.
   * @throws NotFittedError, InputError: for more neighbours than rows too
   */
  async kneighbors(X: Features, nNeighbors: number = this.params.nNeighbors): Promise<Neighbors> {
    this.checkFitted();
    const { fitX_, order_, tree_, params } = this;
    const owner = this.class.name;
    const points = checkFeatures(X, { owner, cols: this.nFeaturesIn_ });
    if (!Number.isInteger(nNeighbors) || nNeighbors < 1 || nNeighbors > fitX_.rows)
      throw new InputError(`${owner}: nNeighbors must be from 1 to ${fitX_.rows}, the rows of fit. Got ${nNeighbors}.`);
    const rows = ordered(points, order_);
    const distances = new Float64Array(points.rows * nNeighbors);
    const indices = new Int32Array(points.rows * nNeighbors);
    const nearest = new Nearest(nNeighbors);
    const find = params.metric === 'cosine' ? byCosine(normalized(rows), fitX_) : this.byPower(rows, tree_);
    const power = params.metric === 'cosine' ? 1 : powerOf(params.metric, params.p);
    for (let row = 0; row < points.rows; row += 1) {
      nearest.clear();
      find(row, nearest);
      for (let k = 0; k < nNeighbors; k += 1) {
        distances[row * nNeighbors + k] = rooted(nearest.distances[k] as number, power);
        indices[row * nNeighbors + k] = nearest.positions[k] as number;
      }
    }
    return { distances: { data: distances, rows: points.rows, cols: nNeighbors }, indices };
  }

  /** Keeps the rows. */
  protected keepRows(X: DenseMatrix): void {
    const { metric, algorithm, leafSize, nNeighbors } = this.params;
    if (metric === 'cosine' && algorithm === 'kd_tree')
      throw new ParameterError(`${this.class.name}: a kd_tree has no metric 'cosine'. Use 'brute'.`);
    if (nNeighbors > X.rows)
      throw new InputError(
        `${this.class.name}: nNeighbors must be at most ${X.rows}, the rows of X. Got ${nNeighbors}.`,
      );
    const isTree =
      algorithm === 'kd_tree' || (algorithm === 'auto' && metric !== 'cosine' && X.cols <= 15 && X.rows > 4 * leafSize);
    this.order_ = byVariance(X);
    const rows = ordered(X, this.order_);
    this.fitX_ = metric === 'cosine' ? normalized(rows) : rows;
    this.tree_ = isTree ? buildKdTree(rows, leafSize) : null;
    this.nFeaturesIn_ = X.cols;
  }

  /** How much each neighbour counts. */
  protected weightsOf(distances: Float64Array): Float64Array {
    if (this.params.weights === 'uniform') return new Float64Array(distances.length).fill(1);
    return distances.includes(0) ? distances.map((each) => Number(each === 0)) : distances.map((each) => 1 / each);
  }

  private byPower(points: DenseMatrix, tree: KdTree | null): Find {
    const { data, rows, cols } = this.fitX_ as DenseMatrix & { data: Float64Array };
    const own = points.data as Float64Array;
    const power = powerOf(this.params.metric as 'minkowski', this.params.p);
    return (row, nearest) => {
      if (tree !== null) {
        searchKdTree(tree, data, own.subarray(row * cols, (row + 1) * cols), power, nearest);
        return;
      }
      for (let other = 0; other < rows; other += 1) {
        const { worst } = nearest;
        const sum = boundedSum(own, row * cols, data, other * cols, cols, power, worst);
        if (sum < worst) nearest.offer(sum, other);
      }
    };
  }
}

/** Offers rows for the point at a position. */
type Find = (row: number, nearest: Nearest) => void;

/** Points whose products with all rows are computed together. */
const BLOCK = 64;

function byCosine(points: DenseMatrix, fit: DenseMatrix): Find {
  const [own, data] = [points.data as Float64Array, fit.data as Float64Array];
  const { rows, cols } = fit;
  const products = new Float64Array(BLOCK * rows);
  return (row, nearest) => {
    const at = row % BLOCK;
    if (at === 0) {
      const to = Math.min(row + BLOCK, points.rows);
      const out = products.subarray(0, (to - row) * rows);
      multiply(own.subarray(row * cols, to * cols), data, out, {
        rows: to - row,
        inner: cols,
        cols: rows,
        turnB: true,
      });
    }
    for (let other = 0; other < rows; other += 1)
      nearest.offer(Math.min(2, Math.max(0, 1 - (products[at * rows + other] as number))), other);
  };
}

function byVariance({ data, rows, cols }: DenseMatrix): Int32Array {
  const spread = Float64Array.from({ length: cols }, (_, col) => {
    let [sum, squares] = [0, 0];
    for (let row = 0; row < rows; row += 1) sum += data[row * cols + col] as number;
    for (let row = 0; row < rows; row += 1) squares += ((data[row * cols + col] as number) - sum / rows) ** 2;
    return squares;
  });
  return Int32Array.from(spread.keys()).sort((a, b) => (spread[b] as number) - (spread[a] as number) || a - b);
}

function ordered(X: DenseMatrix, order: Int32Array): DenseMatrix {
  const { rows, cols } = X;
  const data = new Float64Array(rows * cols);
  for (let row = 0; row < rows; row += 1) {
    for (let col = 0; col < cols; col += 1)
      data[row * cols + col] = X.data[row * cols + (order[col] as number)] as number;
  }
  return { data, rows, cols };
}

/** Rows of length 1; rows of zeros stay. */
function normalized(X: DenseMatrix): DenseMatrix {
  const { rows, cols } = X;
  const data = doublesOf(X.data).slice();
  for (let row = 0; row < rows; row += 1) {
    const own = data.subarray(row * cols, (row + 1) * cols);
    const length = Math.sqrt(own.reduce((sum, each) => sum + each * each, 0));
    for (let col = 0; length > 0 && col < cols; col += 1) own[col] = (own[col] as number) / length;
  }
  return { data, rows, cols };
}
