import { BOOLEAN, type Constraints, real, show } from '../base/constraints.ts';
import { ParameterError } from '../base/errors.ts';
import { Estimator } from '../base/estimator.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import type { DenseMatrix, Features } from '../data/features.ts';

export interface MinMaxScalerParams {
  /** What the least and the largest value of a column become. */
  readonly featureRange: readonly [number, number];
  /** Values beyond those of `fit` are cut to the range. */
  readonly clip: boolean;
}

/** Scales columns to a range. NaN is a missing value: it counts for nothing, and stays. X: dense. */
export class MinMaxScaler extends Estimator<MinMaxScalerParams> {
  static override readonly defaults: MinMaxScalerParams = { featureRange: [0, 1], clip: false };
  static override readonly constraints: Constraints = {
    featureRange: [{ is: 'pair', of: real('(-inf, inf)') }],
    clip: [BOOLEAN],
  };
  declare dataMin_: Float64Array;
  declare dataMax_: Float64Array;
  /** Columns are multiplied by this, */
  declare scale_: Float64Array;
  /** and this is added. */
  declare min_: Float64Array;
  /** Columns of X. */
  declare nFeaturesIn_: number;

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'transformer', allowsNaN: true };
  }

  async fit(X: Features, _y?: unknown): Promise<this> {
    this.checkParams();
    const [low, high] = this.params.featureRange;
    if (low >= high)
      throw new ParameterError(
        `MinMaxScaler: featureRange goes from the smaller to the larger. Got ${show([low, high])}.`,
      );
    const { data, cols } = checkFeatures(X, { owner: 'MinMaxScaler', allowsNaN: true });
    const least = new Float64Array(cols).fill(Number.NaN);
    const largest = new Float64Array(cols).fill(Number.NaN);
    for (let i = 0; i < data.length; i += 1) {
      const value = data[i] as number;
      const column = i % cols;
      if (Number.isNaN(value)) continue;
      if (!((least[column] as number) <= value)) least[column] = value;
      if (!((largest[column] as number) >= value)) largest[column] = value;
    }
    this.forget();
    this.dataMin_ = least;
    this.dataMax_ = largest;
    this.scale_ = least.map((from, column) => {
      const range = (largest[column] as number) - from;
      return (high - low) / (range < 10 * 2 ** -52 ? 1 : range);
    });
    this.min_ = least.map((from, column) => low - from * (this.scale_[column] as number));
    this.nFeaturesIn_ = cols;
    return this;
  }

  async transform(X: Features): Promise<DenseMatrix> {
    this.checkFitted();
    const matrix = this.checked(X);
    const [low, high] = this.params.featureRange;
    const data = matrix.data.map((value, i) => {
      const column = i % matrix.cols;
      const scaled = value * (this.scale_[column] as number) + (this.min_[column] as number);
      return this.params.clip ? Math.min(Math.max(scaled, low), high) : scaled;
    });
    return { ...matrix, data };
  }

  /** What `transform` made of X, back. */
  async inverseTransform(X: Features): Promise<DenseMatrix> {
    this.checkFitted();
    const matrix = this.checked(X);
    const data = matrix.data.map(
      (value, i) => (value - (this.min_[i % matrix.cols] as number)) / (this.scale_[i % matrix.cols] as number),
    );
    return { ...matrix, data };
  }

  private checked(X: Features): DenseMatrix {
    return checkFeatures(X, { owner: 'MinMaxScaler', allowsNaN: true, cols: this.nFeaturesIn_ });
  }
}
