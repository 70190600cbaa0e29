import { type Constraints, integer, oneOf, RANDOM_STATE, real } from '../base/constraints.ts';
import { InputError } from '../base/errors.ts';
import { Estimator } from '../base/estimator.ts';
import type { FitOptions } from '../base/interfaces.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { checkSampleWeight } from '../data/check-targets.ts';
import { doublesOf } from '../data/doubles-of.ts';
import type { DenseMatrix, Features } from '../data/features.ts';
import { take } from '../data/take.ts';
import { centred, columnMeans } from '../decomposition/centre.ts';
import { checkRandomState, type RandomState } from '../random/random-state.ts';
import { kMeansPlusPlus } from './k-means-plus-plus.ts';
import { type Clustering, lloyd } from './lloyd.ts';
import { assignNearest, type Points, squaredDistance, squaredDistances } from './nearest-centers.ts';

export interface KMeansParams {
  readonly nClusters: number;
  /** Where centers start: far from each other, at random rows, or here. */
  readonly init: 'k-means++' | 'random' | DenseMatrix;
  /** How often it starts; the run of the least inertia is kept. Once where centers are given. */
  readonly nInit: number;
  readonly maxIter: number;
  /** Ends where centers move by less than this share of the mean variance of the columns. */
  readonly tol: number;
  readonly randomState: number | RandomState | null;
}

/** What clusterings around centers share: how they answer. */
export abstract class CenterClustering<P extends object> extends Estimator<P> {
  /** Clusters x columns. */
  declare clusterCenters_: DenseMatrix;
  /** Weighted sum of squared distances of rows to their centers. */
  declare inertia_: number;
  /** Columns of X. */
  declare nFeaturesIn_: number;

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'clusterer', sampleWeight: true };
  }

  abstract override fit(X: Features, y?: unknown, options?: FitOptions): Promise<this>;

  /** The nearest center of each row, by its position. */
  async predict(X: Features): Promise<Int32Array> {
    const points = this.checked(X);
    const labels = new Int32Array(points.rows);
    assignNearest(points, pointsOf(this.clusterCenters_), labels);
    return labels;
  }

  /** Distances to the centers: rows x clusters. */
  async transform(X: Features): Promise<DenseMatrix> {
    const points = this.checked(X);
    const centers = pointsOf(this.clusterCenters_);
    return { data: squaredDistances(points, centers).map(Math.sqrt), rows: points.rows, cols: centers.rows };
  }

  async fitPredict(X: Features, y?: unknown, options?: FitOptions): Promise<Int32Array> {
    return (await this.fit(X, y, options)).predict(X);
  }

  /** The sum of squared distances to the nearest centers, as a negative number: more is better. */
  async score(X: Features, _y?: unknown, options: FitOptions = {}): Promise<number> {
    const points = this.checked(X);
    const weights = checkSampleWeight(options.sampleWeight, points.rows, this.class.name);
    const centers = pointsOf(this.clusterCenters_);
    const labels = await this.predict(X);
    return -labels.reduce(
      (sum, label, row) => sum + (weights[row] as number) * squaredDistance(points, row, centers, label),
      0,
    );
  }

  getFeatureNamesOut(): string[] {
    this.checkFitted();
    return Array.from({ length: this.clusterCenters_.rows }, (_, k) => `${this.class.name.toLowerCase()}${k}`);
  }

  private checked(X: Features): Points {
    this.checkFitted();
    return pointsOf(checkFeatures(X, { owner: this.class.name, cols: this.nFeaturesIn_ }));
  }
}

/**
 * Clusters around means, by Lloyd's iterations from k-means++. X: dense, finite numbers. The same starts as
 * scikit-learn's `KMeans` for the same seed.
 *
 * @example
 * const model = await new KMeans({ nClusters: 3, randomState: 0 }).fit(X);
 * model.labels_; model.clusterCenters_; await model.predict(X);
 */
export class KMeans extends CenterClustering<KMeansParams> {
  static override readonly defaults: KMeansParams = {
    nClusters: 8,
    init: 'k-means++',
    nInit: 10,
    maxIter: 300,
    tol: 1e-4,
    randomState: null,
  };
  static override readonly constraints: Constraints = {
    nClusters: [integer('[1, inf)')],
    init: [oneOf('k-means++', 'random'), { is: 'object' }],
    nInit: [integer('[1, inf)')],
    maxIter: [integer('[1, inf)')],
    tol: [real('[0, inf)')],
    randomState: [RANDOM_STATE],
  };

  /** The cluster of each row; -1 for rows of weight zero. */
  declare labels_: Int32Array;
  declare nIter_: number;

  /** @throws ParameterError, InputError: for fewer rows than clusters too */
  async fit(X: Features, _y?: unknown, options: FitOptions = {}): Promise<this> {
    this.checkParams();
    const { nClusters, nInit, maxIter, tol, randomState, init } = this.params;
    const all = checkFeatures(X, { owner: 'KMeans' });
    const allWeights = checkSampleWeight(options.sampleWeight, all.rows, 'KMeans');
    const used = Int32Array.from(allWeights.keys()).filter((row) => (allWeights[row] as number) > 0);
    const { data, rows, cols } = used.length === all.rows ? all : take(all, used);
    const weights = take(allWeights, used);
    checkEnough('KMeans', rows, nClusters);
    const means = columnMeans(doublesOf(data), rows, cols);
    const points: Points = { data: centred(doublesOf(data), means), rows, cols };
    const spread = points.data.reduce((sum, each) => sum + each * each, 0) / points.data.length;
    const random = checkRandomState(randomState);
    let best: Clustering | undefined;
    for (let run = 0; run < (typeof init === 'string' ? nInit : 1); run += 1) {
      const start = startOf(this.params, points, weights, means, random);
      const found = lloyd(points, weights, start, { maxIter, tolerance: tol * spread });
      if (best === undefined || found.inertia < best.inertia) best = found;
    }
    const { centers, labels, inertia, iterations } = best as Clustering;
    this.forget();
    this.clusterCenters_ = {
      data: centred(
        centers.data,
        means.map((mean) => -mean),
      ),
      rows: nClusters,
      cols,
    };
    this.inertia_ = inertia;
    this.labels_ = new Int32Array(all.rows).fill(-1);
    for (const [at, row] of used.entries()) this.labels_[row] = labels[at] as number;
    this.nIter_ = iterations;
    this.nFeaturesIn_ = cols;
    return this;
  }
}

/** Numbers as points. */
export function pointsOf({ data, rows, cols }: DenseMatrix): Points {
  return { data: doublesOf(data), rows, cols };
}

/** @throws InputError for fewer rows than clusters */
export function checkEnough(owner: string, rows: number, nClusters: number): void {
  if (rows < nClusters)
    throw new InputError(`${owner}: ${rows} rows with a weight are fewer than nClusters, ${nClusters}.`);
}

/** Centers to start from, less the means. @throws InputError for given ones of another shape */
function startOf(
  { init, nClusters }: KMeansParams,
  points: Points,
  weights: Float64Array,
  means: Float64Array,
  random: RandomState,
): Points {
  if (typeof init === 'string') {
    const rows =
      init === 'random'
        ? random.permutation(points.rows).slice(0, nClusters)
        : kMeansPlusPlus(points, weights, nClusters, random);
    return pointsOf(take<DenseMatrix>(points, rows));
  }
  const given = checkFeatures(init, { owner: 'init of KMeans', cols: points.cols });
  if (given.rows !== nClusters)
    throw new InputError(`KMeans: init must have ${nClusters} centers, as nClusters says. Got ${given.rows}.`);
  return { data: centred(doublesOf(given.data), means), rows: given.rows, cols: given.cols };
}
