import type { Constraints } from '../base/constraints.ts';
import type { Tags } from '../base/tags.ts';
import type { CsrMatrix } from '../data/features.ts';
import { CountVectorizer, type CountVectorizerParams } from './count-vectorizer.ts';
import { idfOf, TfidfTransformer, type TfidfTransformerParams, weighted } from './tfidf-transformer.ts';

export interface TfidfVectorizerParams extends CountVectorizerParams, TfidfTransformerParams {}

/**
 * Documents to weights of their terms: CountVectorizer, then TfidfTransformer, as one.
 *
 * @example
 * const weights = await new TfidfVectorizer({ stopWords: 'english' }).fitTransform(documents);
 */
export class TfidfVectorizer extends CountVectorizer<TfidfVectorizerParams> {
  static override readonly defaults: TfidfVectorizerParams = {
    ...CountVectorizer.defaults,
    ...TfidfTransformer.defaults,
  };
  static override readonly constraints: Constraints = {
    ...CountVectorizer.constraints,
    ...TfidfTransformer.constraints,
  };
  /** A weight for each term; none without `useIdf`. */
  declare idf_: Float64Array | undefined;

  override get tags(): Tags {
    return { ...super.tags, stateless: false };
  }

  protected override learn(documents: readonly string[]): CsrMatrix {
    const counts = super.learn(documents);
    if (this.params.useIdf) this.idf_ = idfOf(counts, this.params.smoothIdf);
    return weighted(counts, this.params, this.idf_);
  }

  protected override count(documents: readonly string[]): CsrMatrix {
    return weighted(super.count(documents), this.params, this.idf_);
  }
}
