import { flipSigns } from '../algebra/flip-signs.ts';
import { multiply } from '../algebra/matrix-products.ts';
import { randomizedSvd } from '../algebra/randomized-svd.ts';
import { joined, type Svd, svd } from '../algebra/svd.ts';
import { type Constraints, integer, oneOf, RANDOM_STATE } from '../base/constraints.ts';
import { InputError } from '../base/errors.ts';
import { Estimator } from '../base/estimator.ts';
import type { Transformer } from '../base/interfaces.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { toDense } from '../data/convert.ts';
import { doublesOf } from '../data/doubles-of.ts';
import type { DenseMatrix, Features, Matrix } from '../data/features.ts';
import { designOf } from '../linear/design.ts';
import { moments } from '../preprocessing/moments.ts';
import { checkRandomState, type RandomState } from '../random/random-state.ts';

export interface TruncatedSVDParams {
  readonly nComponents: number;
  /** `'exact'` makes X dense. */
  readonly algorithm: 'randomized' | 'exact';
  /** Power iterations of the randomized algorithm. */
  readonly nIter: number;
  readonly nOversamples: number;
  readonly randomState: number | RandomState | null;
}

/**
 * The largest singular values of X as it is, not centred: so that CSR matrices stay sparse. Of counts and tf-idf of
 * documents it is latent semantic analysis. X: dense or CSR, finite numbers. Follows scikit-learn's `TruncatedSVD`.
 *
 * @example
 * const topics = await new TruncatedSVD({ nComponents: 100 }).fitTransform(tfidf); // rows x 100
 */
export class TruncatedSVD extends Estimator<TruncatedSVDParams> implements Transformer<DenseMatrix> {
  static override readonly defaults: TruncatedSVDParams = {
    nComponents: 2,
    algorithm: 'randomized',
    nIter: 5,
    nOversamples: 10,
    randomState: null,
  };
  static override readonly constraints: Constraints = {
    nComponents: [integer('[1, inf)')],
    algorithm: [oneOf('randomized', 'exact')],
    nIter: [integer('[0, inf)')],
    nOversamples: [integer('[1, inf)')],
    randomState: [RANDOM_STATE],
  };

  /** Components x columns, of length 1. The largest coefficient of each is positive. */
  declare components_: DenseMatrix;
  declare singularValues_: Float64Array;
  /** Variances of the transformed columns. */
  declare explainedVariance_: Float64Array;
  /** Their shares of the variance of all columns. */
  declare explainedVarianceRatio_: Float64Array;
  /** Columns of X. */
  declare nFeaturesIn_: number;

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'transformer', sparse: true };
  }

  /** @throws ParameterError, InputError: for more components than rows or columns too */
  async fit(X: Features, _y?: unknown): Promise<this> {
    this.checkParams();
    const matrix = checkFeatures(X, { owner: 'TruncatedSVD', sparse: true });
    const { nComponents } = this.params;
    const most = Math.min(matrix.rows, matrix.cols);
    if (nComponents > most)
      throw new InputError(
        `TruncatedSVD: nComponents must be at most ${most}, the smaller of rows and columns. Got ${nComponents}.`,
      );
    const { singular, right } = flipSigns(this.decomposed(matrix));
    this.forget();
    this.components_ = { data: joined(right.slice(0, nComponents)), rows: nComponents, cols: matrix.cols };
    this.singularValues_ = singular.slice(0, nComponents);
    this.nFeaturesIn_ = matrix.cols;
    const ones = new Float64Array(matrix.rows).fill(1);
    const all = moments(matrix, ones).variances.reduce((sum, each) => sum + each, 0);
    this.explainedVariance_ = moments(await this.transform(matrix), ones).variances;
    this.explainedVarianceRatio_ = this.explainedVariance_.map((each) => (all === 0 ? 0 : each / all));
    return this;
  }

  async transform(X: Features): Promise<DenseMatrix> {
    this.checkFitted();
    const matrix = checkFeatures(X, { owner: 'TruncatedSVD', sparse: true, cols: this.nFeaturesIn_ });
    const { data, rows: count } = this.components_;
    const out = new Float64Array(matrix.rows * count);
    designOf(matrix).times(data as Float64Array, count, matrix.cols, out);
    return { data: out, rows: matrix.rows, cols: count };
  }

  async fitTransform(X: Features): Promise<DenseMatrix> {
    return (await this.fit(X)).transform(X);
  }

  /** Rows in the columns of X, from their components. */
  async inverseTransform(Y: Features): Promise<DenseMatrix> {
    this.checkFitted();
    const { data, rows: inner, cols } = this.components_;
    const given = checkFeatures(Y, { owner: 'TruncatedSVD', cols: inner });
    const out = new Float64Array(given.rows * cols);
    multiply(doublesOf(given.data), data as Float64Array, out, { rows: given.rows, inner, cols });
    return { data: out, rows: given.rows, cols };
  }

  getFeatureNamesOut(): string[] {
    this.checkFitted();
    return Array.from({ length: this.components_.rows }, (_, k) => `truncatedsvd${k}`);
  }

  private decomposed(X: Matrix): Svd {
    const { algorithm, nComponents, nIter, nOversamples, randomState } = this.params;
    if (algorithm === 'exact') return svd(doublesOf(toDense(X).data), X.rows, X.cols);
    return randomizedSvd(X, {
      components: nComponents,
      oversamples: nOversamples,
      iterations: nIter,
      random: checkRandomState(randomState),
    });
  }
}
