import { BOOLEAN, type Constraints } from '../base/constraints.ts';
import { InputError } from '../base/errors.ts';
import { Estimator } from '../base/estimator.ts';
import type { FitOptions } from '../base/interfaces.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { checkSampleWeight } from '../data/check-targets.ts';
import { type Features, isSparse, type Matrix } from '../data/features.ts';
import { moments } from './moments.ts';
import { scaleColumns } from './scale-columns.ts';

export interface StandardScalerParams {
  /** Columns get the mean 0. Sparse X cannot. */
  readonly withMean: boolean;
  /** Columns get the variance 1. */
  readonly withStd: boolean;
}

/**
 * Centres and scales columns to mean 0 and variance 1. Constant columns are centred only. NaN is a missing value: it
 * counts for nothing, and stays. X: dense, or CSR with `withMean: false`. Gives what X is, Float32Array or Float64Array.
 */
export class StandardScaler extends Estimator<StandardScalerParams> {
  static override readonly defaults: StandardScalerParams = { withMean: true, withStd: true };
  static override readonly constraints: Constraints = { withMean: [BOOLEAN], withStd: [BOOLEAN] };
  declare mean_: Float64Array;
  /** Population variances; none without `withStd`. */
  declare var_: Float64Array | undefined;
  /** What columns are divided by; none without `withStd`. */
  declare scale_: Float64Array | undefined;
  /** Columns of X. */
  declare nFeaturesIn_: number;

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'transformer', sparse: true, allowsNaN: true, sampleWeight: true };
  }

  async fit(X: Features, _y?: unknown, options: FitOptions = {}): Promise<this> {
    this.checkParams();
    const matrix = this.checked(X);
    const weights = checkSampleWeight(options.sampleWeight, matrix.rows, 'StandardScaler');
    const { means, variances, totals } = moments(matrix, weights);
    this.forget();
    this.mean_ = means;
    this.nFeaturesIn_ = matrix.cols;
    if (!this.params.withStd) return this;
    this.var_ = variances;
    this.scale_ = variances.map((variance, column) => {
      const [total, mean] = [totals[column] as number, means[column] as number];
      const noise = total * 2 ** -52 * variance + (total * mean * 2 ** -52) ** 2;
      return variance <= noise ? 1 : Math.sqrt(variance);
    });
    return this;
  }

  async transform(X: Features): Promise<Matrix> {
    this.checkFitted();
    const matrix = this.checked(X, this.nFeaturesIn_);
    const shift = this.params.withMean ? this.mean_.map((mean) => -mean) : undefined;
    return scaleColumns(
      matrix,
      shift,
      this.scale_?.map((scale) => 1 / scale),
    );
  }

  /** What `transform` made of X, back. */
  async inverseTransform(X: Features): Promise<Matrix> {
    this.checkFitted();
    const scaled = scaleColumns(this.checked(X, this.nFeaturesIn_), undefined, this.scale_);
    return this.params.withMean ? scaleColumns(scaled, this.mean_, undefined) : scaled;
  }

  private checked(X: Features, cols?: number): Matrix {
    if (isSparse(X) && this.params.withMean) {
      throw new InputError('StandardScaler cannot center sparse matrices: pass withMean: false instead.');
    }
    return checkFeatures(X, { owner: 'StandardScaler', sparse: true, allowsNaN: true, cols });
  }
}
