import { InputError } from '../base/errors.ts';
import type { GramCounts } from './gram-table.ts';
import { numpyArgsort } from './numpy-argsort.ts';

/** Which grams become features. */
export interface Selection {
  /** Documents that a gram is in, at least. */
  readonly minDocuments: number;
  /** At most. */
  readonly maxDocuments: number;
  /** Features: the most frequent ones. */
  readonly limit: number | null;
}

/**
 * Those of the grams that become features, in the order that they are given in.
 * @throws InputError where none remain
 */
export function selectGrams(counted: GramCounts, sorted: Int32Array, selection: Selection): Int32Array {
  const documents = new Int32Array(sorted.length + 1);
  const total = new Float64Array(sorted.length + 1);
  for (let i = 0; i < counted.grams.length; i += 1) {
    const gram = counted.grams[i] as number;
    documents[gram] = (documents[gram] as number) + 1;
    total[gram] = (total[gram] as number) + (counted.counts[i] as number);
  }
  const { minDocuments, maxDocuments, limit } = selection;
  const candidates = sorted.filter((gram) => {
    const count = documents[gram] as number;
    return count > 0 && count >= minDocuments && count <= maxDocuments;
  });
  if (candidates.length === 0) {
    throw new InputError('After pruning, no terms remain. Try a lower minDf or a higher maxDf.');
  }
  if (limit === null || candidates.length <= limit) return candidates;
  const order = numpyArgsort(Float64Array.from(candidates, (gram) => -(total[gram] as number)));
  return order
    .subarray(0, limit)
    .sort()
    .map((place) => candidates[place] as number);
}
