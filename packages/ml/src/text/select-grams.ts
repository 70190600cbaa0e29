import { InputError } from '../base/errors.ts';
import { compareCodePoints } from '../data/labels.ts';
import type { GramCounts } from './gram-table.ts';

/** Which grams become features. */
export interface Selection {
  /** Documents that a gram is in, at least. */
  readonly minDocuments: number;
  /** At most. */
  readonly maxDocuments: number;
  /** Features: the most frequent ones; of equally frequent ones the first in order. */
  readonly limit: number | null;
}

/** Terms in order, and the column of each gram, or -1. @throws InputError where none remain */
export function selectGrams(
  counted: GramCounts,
  size: number,
  termOf: (gram: number) => string,
  selection: Selection,
): { readonly terms: string[]; readonly columnOf: Int32Array } {
  const documents = new Int32Array(size);
  const total = new Float64Array(size);
  for (let i = 0; i < counted.grams.length; i += 1) {
    const gram = counted.grams[i] as number;
    documents[gram] = (documents[gram] as number) + 1;
    total[gram] = (total[gram] as number) + (counted.counts[i] as number);
  }
  const { minDocuments, maxDocuments, limit } = selection;
  let grams: number[] = [];
  for (let gram = 0; gram < size; gram += 1) {
    const count = documents[gram] as number;
    if (count > 0 && count >= minDocuments && count <= maxDocuments) grams.push(gram);
  }
  if (grams.length === 0) {
    throw new InputError('After pruning, no terms remain. Try a lower minDf or a higher maxDf.');
  }
  if (limit !== null && grams.length > limit) grams = mostFrequent(grams, total, limit, termOf);
  const named = grams.map((gram): [string, number] => [termOf(gram), gram]);
  named.sort(([a], [b]) => compareCodePoints(a, b));
  const columnOf = new Int32Array(size).fill(-1);
  for (const [column, [, gram]] of named.entries()) columnOf[gram] = column;
  return { terms: named.map(([term]) => term), columnOf };
}

function mostFrequent(grams: number[], total: Float64Array, limit: number, termOf: (gram: number) => string): number[] {
  const sorted = Float64Array.from(grams, (gram) => total[gram] as number).sort();
  const least = sorted[sorted.length - limit] as number;
  const above = grams.filter((gram) => (total[gram] as number) > least);
  const ties = grams.filter((gram) => total[gram] === least);
  const named = ties.map((gram): [string, number] => [termOf(gram), gram]);
  named.sort(([a], [b]) => compareCodePoints(a, b));
  return [...above, ...named.slice(0, limit - above.length).map(([, gram]) => gram)];
}
