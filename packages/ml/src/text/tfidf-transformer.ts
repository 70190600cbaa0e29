import { BOOLEAN, type Constraints, NULL, oneOf } from '../base/constraints.ts';
import { Estimator } from '../base/estimator.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { checkFeatures } from '../data/check-features.ts';
import { toCsr } from '../data/convert.ts';
import type { CsrMatrix, Features } from '../data/features.ts';

export interface TfidfTransformerParams {
  /** Rows are scaled to length 1 by this norm; null: as they are. */
  readonly norm: 'l1' | 'l2' | null;
  /** Counts are weighed by how rare a term is. */
  readonly useIdf: boolean;
  /** As if one more document had every term once. */
  readonly smoothIdf: boolean;
  /** 1 + log(count) in the place of the count. */
  readonly sublinearTf: boolean;
}

/** Weights of terms, of how many of `rows` documents have each. */
export function idfOf(X: CsrMatrix, smooth: boolean): Float64Array {
  const documents = new Float64Array(X.cols);
  for (const column of X.indices) documents[column] = (documents[column] as number) + 1;
  const more = smooth ? 1 : 0;
  return documents.map((count) => Math.log((X.rows + more) / (count + more)) + 1);
}

/** Counts, weighted and scaled; X is left as it is. */
export function weighted(X: CsrMatrix, params: TfidfTransformerParams, idf: Float64Array | undefined): CsrMatrix {
  const { norm, sublinearTf } = params;
  const data = Float64Array.from(X.data);
  for (let row = 0; row < X.rows; row += 1) {
    const [from, to] = [X.indptr[row] as number, X.indptr[row + 1] as number];
    let size = 0;
    for (let k = from; k < to; k += 1) {
      const count = data[k] as number;
      const value = (sublinearTf ? Math.log(count) + 1 : count) * (idf?.[X.indices[k] as number] ?? 1);
      data[k] = value;
      size += norm === 'l2' ? value * value : Math.abs(value);
    }
    const length = norm === 'l2' ? Math.sqrt(size) : size;
    if (norm === null || length === 0) continue;
    for (let k = from; k < to; k += 1) data[k] = (data[k] as number) / length;
  }
  return { ...X, data };
}

/**
 * Counts of terms to weights: count times log of how rare the term is, rows scaled to length 1, as scikit-learn has it.
 * X: counts, dense or CSR. Gives a CSR matrix of doubles.
 */
export class TfidfTransformer extends Estimator<TfidfTransformerParams> {
  static override readonly defaults: TfidfTransformerParams = {
    norm: 'l2',
    useIdf: true,
    smoothIdf: true,
    sublinearTf: false,
  };
  static override readonly constraints: Constraints = {
    norm: [oneOf('l1', 'l2'), NULL],
    useIdf: [BOOLEAN],
    smoothIdf: [BOOLEAN],
    sublinearTf: [BOOLEAN],
  };
  /** A weight for each term; none without `useIdf`. */
  declare idf_: Float64Array | undefined;
  /** Columns of X. */
  declare nFeaturesIn_: number;

  override get tags(): Tags {
    return { ...DEFAULT_TAGS, kind: 'transformer', sparse: true };
  }

  async fit(X: Features, _y?: unknown): Promise<this> {
    this.checkParams();
    const counts = toCsr(checkFeatures(X, { owner: 'TfidfTransformer', sparse: true }));
    this.forget();
    if (this.params.useIdf) this.idf_ = idfOf(counts, this.params.smoothIdf);
    this.nFeaturesIn_ = counts.cols;
    return this;
  }

  async transform(X: Features): Promise<CsrMatrix> {
    this.checkFitted();
    const checks = { owner: 'TfidfTransformer', sparse: true, cols: this.nFeaturesIn_ } as const;
    return weighted(toCsr(checkFeatures(X, checks)), this.params, this.idf_);
  }
}
