import { type Constraints, integer, oneOf, RANDOM_STATE, real } from '../base/constraints.ts';
import type { FitOptions } from '../base/interfaces.ts';
import { checkFeatures } from '../data/check-features.ts';
import { checkSampleWeight } from '../data/check-targets.ts';
import type { DenseMatrix, Features } from '../data/features.ts';
import { take } from '../data/take.ts';
import { checkRandomState, type RandomState } from '../random/random-state.ts';
import { CenterClustering, checkEnough, pointsOf } from './k-means.ts';
import { kMeansPlusPlus } from './k-means-plus-plus.ts';
import { assignNearest, type Points, squaredDistance } from './nearest-centers.ts';

export interface MiniBatchKMeansParams {
  readonly nClusters: number;
  readonly init: 'k-means++' | 'random';
  /** Starts that are compared, on rows drawn for it; the best one is gone on with. */
  readonly nInit: number;
  /** Passes over as many rows as X has, at most. */
  readonly maxIter: number;
  readonly batchSize: number;
  /** Rows to start from; null: three batches. */
  readonly initSize: number | null;
  /** Ends after so many batches without a smaller mean of their inertias. */
  readonly maxNoImprovement: number;
  /** Ends where centers move by less, as a share of the mean variance. 0: not for that. */
  readonly tol: number;
  readonly randomState: number | RandomState | null;
}

/**
 * k-means on small random batches: a center moves to the mean of all rows that were ever nearest to it. `partialFit`
 * takes batches of data that no memory holds. X: dense, finite numbers.
 * Source: Sculley, Web-scale k-means clustering, 2010. Clusters that stay without rows are not drawn anew.
 *
 * @example
 * const model = new MiniBatchKMeans({ nClusters: 20 });
 * for await (const batch of batches) await model.partialFit(batch);
 */
export class MiniBatchKMeans extends CenterClustering<MiniBatchKMeansParams> {
  static override readonly defaults: MiniBatchKMeansParams = {
    nClusters: 8,
    init: 'k-means++',
    nInit: 3,
    maxIter: 100,
    batchSize: 1024,
    initSize: null,
    maxNoImprovement: 10,
    tol: 0,
    randomState: null,
  };
  static override readonly constraints: Constraints = {
    nClusters: [integer('[1, inf)')],
    init: [oneOf('k-means++', 'random')],
    nInit: [integer('[1, inf)')],
    maxIter: [integer('[1, inf)')],
    batchSize: [integer('[1, inf)')],
    initSize: [integer('[1, inf)'), { is: 'null' }],
    maxNoImprovement: [integer('[1, inf)')],
    tol: [real('[0, inf)')],
    randomState: [RANDOM_STATE],
  };

  /** Of the rows of `fit`, or of the last batch. */
  declare labels_: Int32Array;
  /** Weight of all rows that each center has had. */
  declare counts_: Float64Array;
  /** Batches so far. */
  declare nSteps_: number;

  /** @throws ParameterError, InputError: for fewer rows than clusters too */
  async fit(X: Features, _y?: unknown, options: FitOptions = {}): Promise<this> {
    this.checkParams();
    const { points, weights, used, rows } = this.usedRows(X, options);
    const { batchSize, maxIter, maxNoImprovement, tol, randomState } = this.params;
    const random = checkRandomState(randomState);
    const centers = this.started(points, weights, random);
    const counts = new Float64Array(centers.rows);
    const size = Math.min(batchSize, points.rows);
    const threshold = tol * meanVariance(points);
    let average: number | undefined;
    let least = Number.POSITIVE_INFINITY;
    let worse = 0;
    let steps = 0;
    while (steps < Math.floor((maxIter * points.rows) / size) && worse < maxNoImprovement) {
      const drawn = random.randint(0, points.rows, size);
      const batch = pointsOf(take<DenseMatrix>(points, drawn));
      const before = { ...centers, data: centers.data.slice() };
      const { inertia } = step(batch, take(weights, drawn), centers, counts);
      steps += 1;
      if (steps === 1) continue; // the first batch is not compared
      const share = Math.min(1, (2 * size) / (points.rows + 1));
      average = average === undefined ? inertia / size : average * (1 - share) + (inertia / size) * share;
      let shift = 0;
      for (let k = 0; k < centers.rows; k += 1) shift += squaredDistance(before, k, centers, k);
      if (tol > 0 && shift <= threshold) break;
      worse = average < least ? 0 : worse + 1;
      least = Math.min(least, average);
    }
    this.forget();
    this.keep(centers, counts, steps, points, weights);
    const labels = this.labels_;
    this.labels_ = new Int32Array(rows).fill(-1);
    for (const [at, row] of used.entries()) this.labels_[row] = labels[at] as number;
    return this;
  }

  /** Goes on from what was learned with one batch more; the first one, of nClusters rows or more, is started from. */
  async partialFit(X: Features, _y?: unknown, options: FitOptions = {}): Promise<this> {
    this.checkParams();
    const { points, weights } = this.usedRows(X, options, this.isFitted ? this.nFeaturesIn_ : undefined);
    const known = this.isFitted ? pointsOf(this.clusterCenters_) : undefined;
    const centers = known
      ? { ...known, data: known.data.slice() }
      : this.started(points, weights, checkRandomState(this.params.randomState));
    const counts = known ? this.counts_.slice() : new Float64Array(centers.rows);
    step(points, weights, centers, counts);
    this.keep(centers, counts, known ? this.nSteps_ + 1 : 1, points, weights);
    return this;
  }

  private keep(centers: Points, counts: Float64Array, steps: number, points: Points, weights: Float64Array): void {
    this.clusterCenters_ = centers;
    this.counts_ = counts;
    this.nSteps_ = steps;
    this.nFeaturesIn_ = centers.cols;
    this.labels_ = new Int32Array(points.rows);
    assignNearest(points, centers, this.labels_);
    this.inertia_ = inertiaOf(points, weights, centers, this.labels_);
  }

  private usedRows(
    X: Features,
    { sampleWeight }: FitOptions,
    cols?: number,
  ): { points: Points; weights: Float64Array; used: Int32Array; rows: number } {
    const all = checkFeatures(X, { owner: 'MiniBatchKMeans', cols });
    const weights = checkSampleWeight(sampleWeight, all.rows, 'MiniBatchKMeans');
    const used = Int32Array.from(weights.keys()).filter((row) => (weights[row] as number) > 0);
    const kept = used.length === all.rows ? all : take(all, used);
    return { points: pointsOf(kept), weights: take(weights, used), used, rows: all.rows };
  }

  private started(points: Points, weights: Float64Array, random: RandomState): Points {
    const { nClusters, nInit, init, initSize, batchSize } = this.params;
    checkEnough('MiniBatchKMeans', points.rows, nClusters);
    const size = Math.min(Math.max(initSize ?? 3 * batchSize, nClusters), points.rows);
    const judged = random.randint(0, points.rows, size);
    const [judges, judgesWeights] = [pointsOf(take<DenseMatrix>(points, judged)), take(weights, judged)];
    const labels = new Int32Array(size);
    let best: { centers: Points; inertia: number } | undefined;
    for (let run = 0; run < nInit; run += 1) {
      const drawn =
        size < points.rows
          ? random.permutation(points.rows).slice(0, size)
          : Int32Array.from({ length: size }, (_, row) => row);
      const pool = pointsOf(take<DenseMatrix>(points, drawn));
      const rows =
        init === 'random'
          ? random.permutation(size).slice(0, nClusters)
          : kMeansPlusPlus(pool, take(weights, drawn), nClusters, random);
      const centers = pointsOf(take<DenseMatrix>(pool, rows));
      assignNearest(judges, centers, labels);
      const inertia = inertiaOf(judges, judgesWeights, centers, labels);
      if (best === undefined || inertia < best.inertia) best = { centers, inertia };
    }
    return (best as { centers: Points }).centers;
  }
}

/** Moves centers and counts by a batch, in place; the inertia is that before. */
function step(
  batch: Points,
  weights: Float64Array,
  centers: Points,
  counts: Float64Array,
): { readonly inertia: number } {
  const labels = new Int32Array(batch.rows);
  assignNearest(batch, centers, labels);
  const inertia = inertiaOf(batch, weights, centers, labels);
  for (let row = 0; row < batch.rows; row += 1) {
    const [k, weight] = [labels[row] as number, weights[row] as number];
    counts[k] = (counts[k] as number) + weight;
    const share = weight / (counts[k] as number);
    for (let col = 0; col < batch.cols; col += 1) {
      const at = k * batch.cols + col;
      const own = centers.data[at] as number;
      centers.data[at] = own + share * ((batch.data[row * batch.cols + col] as number) - own);
    }
  }
  return { inertia };
}

function inertiaOf(points: Points, weights: Float64Array, centers: Points, labels: Int32Array): number {
  let sum = 0;
  for (let row = 0; row < points.rows; row += 1)
    sum += (weights[row] as number) * squaredDistance(points, row, centers, labels[row] as number);
  return sum;
}

function meanVariance({ data, rows, cols }: Points): number {
  let sum = 0;
  for (let col = 0; col < cols; col += 1) {
    let mean = 0;
    for (let row = 0; row < rows; row += 1) mean += (data[row * cols + col] as number) / rows;
    for (let row = 0; row < rows; row += 1) sum += ((data[row * cols + col] as number) - mean) ** 2 / rows;
  }
  return sum / cols;
}
