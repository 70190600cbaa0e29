import { flipSigns } from '../algebra/flip-signs.ts';
import { gram, multiply } from '../algebra/matrix-products.ts';
import { randomizedSvd } from '../algebra/randomized-svd.ts';
import { joined, type Svd, svd } from '../algebra/svd.ts';
import { symmetricEigen } from '../algebra/symmetric-eigen.ts';
import { BOOLEAN, type Constraints, integer, NULL, oneOf, RANDOM_STATE, real } from '../base/constraints.ts';
import { InputError } from '../base/errors.ts';
import { Estimator } from '../base/estimator.ts';
import type { Transformer } from '../base/interfaces.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { doublesOf } from '../data/doubles-of.ts';
import type { DenseMatrix, Features } from '../data/features.ts';
import { checkRandomState, type RandomState } from '../random/random-state.ts';
import { centred, columnMeans } from './centre.ts';

export interface PCAParams {
  /** How many components are kept; a share from (0, 1): as many as have that share of the variance; null: all. */
  readonly nComponents: number | null;
  /** Transformed columns get the variance 1. */
  readonly whiten: boolean;
  /**
   * `'full'`: singular values of X, exact for small ones too. `'covariance'`: eigenvalues of the covariance, much
   * faster where rows are many. `'randomized'`: the largest ones only, faster still. `'auto'`: covariance up to 1,000
   * columns and ten times as many rows; randomized for large X and few components; else full.
   */
  readonly svdSolver: 'auto' | 'full' | 'covariance' | 'randomized';
  /** Power iterations of the randomized solver; `'auto'`: 7 for few components, else 4. */
  readonly iteratedPower: number | 'auto';
  readonly nOversamples: number;
  readonly randomState: number | RandomState | null;
}

/**
 * Principal components: the directions in which centred data vary most. X: dense, finite numbers. The largest
 * coefficient of each component is positive. Follows scikit-learn's `PCA`.
 *
 * @example
 * const pca = await new PCA({ nComponents: 2 }).fit(X);
 * await pca.transform(X); // rows x 2
 */
export class PCA extends Estimator<PCAParams> implements Transformer<DenseMatrix> {
  static override readonly defaults: PCAParams = {
    nComponents: null,
    whiten: false,
    svdSolver: 'auto',
    iteratedPower: 'auto',
    nOversamples: 10,
    randomState: null,
  };
  static override readonly constraints: Constraints = {
    nComponents: [integer('[1, inf)'), real('(0, 1)'), NULL],
    whiten: [BOOLEAN],
    svdSolver: [oneOf('auto', 'full', 'covariance', 'randomized')],
    iteratedPower: [integer('[0, inf)'), oneOf('auto')],
    nOversamples: [integer('[1, inf)')],
    randomState: [RANDOM_STATE],
  };

  /** Components x columns, of length 1, those of the largest variance first. */
  declare components_: DenseMatrix;
  /** Variances along the components. */
  declare explainedVariance_: Float64Array;
  /** Their shares of all variance. */
  declare explainedVarianceRatio_: Float64Array;
  declare singularValues_: Float64Array;
  declare mean_: Float64Array;
  /** Mean variance along what was left out. */
  declare noiseVariance_: number;
  declare nComponents_: number;
  declare nSamples_: number;
  /** Columns of X. */
  declare nFeaturesIn_: number;

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'transformer' };
  }

  /** @throws ParameterError, InputError: for more components than rows or columns too */
  async fit(X: Features, _y?: unknown): Promise<this> {
    this.checkParams();
    const { rows, cols, data } = checkFeatures(X, { owner: 'PCA' });
    const most = Math.min(rows, cols);
    const { nComponents } = this.params;
    if (nComponents !== null && nComponents > most)
      throw new InputError(
        `PCA: nComponents must be at most ${most}, the smaller of rows and columns. Got ${nComponents}.`,
      );
    const means = columnMeans(doublesOf(data), rows, cols);
    const centredX = centred(doublesOf(data), means);
    let total = 0;
    for (let i = 0; i < centredX.length; i += 1) total += (centredX[i] as number) ** 2;
    const freedom = Math.max(rows - 1, 1);
    const { singular, right } = flipSigns(this.decomposed({ data: centredX, rows, cols }, nComponents ?? most));
    const variances = singular.map((each) => each ** 2 / freedom);
    const totalVariance = total / freedom;
    const ratios = variances.map((each) => (totalVariance === 0 ? 0 : each / totalVariance));
    const count = countOf(nComponents ?? most, ratios);
    const kept = variances.slice(0, count);
    this.forget();
    this.components_ = { data: joined(right.slice(0, count)), rows: count, cols };
    this.explainedVariance_ = kept;
    this.explainedVarianceRatio_ = ratios.slice(0, count);
    this.singularValues_ = singular.slice(0, count);
    this.mean_ = means;
    const left = totalVariance - kept.reduce((sum, each) => sum + each, 0);
    this.noiseVariance_ = count < most ? Math.max(left, 0) / (most - count) : 0;
    this.nComponents_ = count;
    this.nSamples_ = rows;
    this.nFeaturesIn_ = cols;
    return this;
  }

  async transform(X: Features): Promise<DenseMatrix> {
    this.checkFitted();
    const { data, rows, cols } = checkFeatures(X, { owner: 'PCA', cols: this.nFeaturesIn_ });
    const out = new Float64Array(rows * this.nComponents_);
    const sizes = { rows, inner: cols, cols: this.nComponents_, turnB: true };
    multiply(centred(doublesOf(data), this.mean_), this.components_.data as Float64Array, out, sizes);
    if (this.params.whiten) {
      const scales = this.whitening();
      for (let i = 0; i < out.length; i += 1) out[i] = (out[i] as number) / (scales[i % scales.length] as number);
    }
    return { data: out, rows, cols: this.nComponents_ };
  }

  /** Rows in the columns of X, from their components: without what was left out. */
  async inverseTransform(Y: Features): Promise<DenseMatrix> {
    this.checkFitted();
    const { data, rows } = checkFeatures(Y, { owner: 'PCA', cols: this.nComponents_ });
    const { mean_, nFeaturesIn_: cols } = this;
    const scales = this.params.whiten ? this.whitening() : undefined;
    const scaled = doublesOf(data).map((each, i) => each * (scales?.[i % scales.length] ?? 1));
    const out = new Float64Array(rows * cols);
    multiply(scaled, this.components_.data as Float64Array, out, { rows, inner: this.nComponents_, cols });
    return { data: out.map((each, i) => each + (mean_[i % cols] as number)), rows, cols };
  }

  getFeatureNamesOut(): string[] {
    this.checkFitted();
    return Array.from({ length: this.nComponents_ }, (_, k) => `pca${k}`);
  }

  /** Deviations along the components; 1 where there is none, but for rounding. */
  private whitening(): Float64Array {
    const noise = 1e-15 * (this.explainedVariance_[0] as number);
    return this.explainedVariance_.map((variance) => (variance <= noise ? 1 : Math.sqrt(variance)));
  }

  private decomposed(X: { data: Float64Array; rows: number; cols: number }, wanted: number): Svd {
    const { data, rows, cols } = X;
    switch (this.solver(rows, cols, wanted)) {
      case 'randomized': {
        const { iteratedPower, nOversamples, randomState } = this.params;
        return randomizedSvd(X, {
          components: wanted,
          oversamples: nOversamples,
          iterations: iteratedPower === 'auto' ? null : iteratedPower,
          random: checkRandomState(randomState),
        });
      }
      case 'covariance': {
        const { values, vectors } = symmetricEigen(gram(data, rows, cols), cols);
        return { singular: values.map((each) => Math.sqrt(Math.max(each, 0))), left: [], right: vectors };
      }
      default:
        return svd(data, rows, cols);
    }
  }

  private solver(rows: number, cols: number, wanted: number): Exclude<PCAParams['svdSolver'], 'auto'> {
    const { svdSolver } = this.params;
    if (svdSolver === 'randomized' && wanted < 1)
      throw new InputError("PCA: svdSolver 'randomized' takes a number of components, and no share of the variance.");
    if (svdSolver !== 'auto') return svdSolver;
    if (cols <= 1000 && rows >= 10 * cols) return 'covariance';
    const isLarge = Math.max(rows, cols) > 500;
    return isLarge && wanted >= 1 && wanted < 0.8 * Math.min(rows, cols) ? 'randomized' : 'full';
  }
}

/** As many as have the share, where it is a share. */
function countOf(wanted: number, ratios: Float64Array): number {
  if (wanted >= 1) return wanted;
  let sum = 0;
  const last = ratios.findIndex((ratio) => {
    sum += ratio;
    return sum > wanted;
  });
  return last < 0 ? ratios.length : last + 1;
}
