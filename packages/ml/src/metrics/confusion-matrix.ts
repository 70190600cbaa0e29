import type { Label } from '../data/labels.ts';
import type { Weighted } from './accuracy-score.ts';
import { checkSameLength, labelsOf, weightsOf } from './checks.ts';

export interface ConfusionOptions extends Weighted {
  /** Which labels, in which order; all that occur, sorted, where it is left out. */
  readonly labels?: ArrayLike<Label> | undefined;
  /** Over what counts are divided: those of a true label, those of a predicted one, all; a share of nothing is 0. */
  readonly normalize?: 'true' | 'pred' | 'all' | undefined;
}

/**
 * How often label i was predicted as label j: row i, column j. Samples with other labels than `labels` don't count.
 * Follows scikit-learn's `confusion_matrix`.
 * @throws InputError for different lengths or no sample
 * @example confusionMatrix(['a', 'b', 'b'], ['a', 'a', 'b']); // [[1, 0], [1, 1]]
 */
export function confusionMatrix(
  yTrue: ArrayLike<Label>,
  yPred: ArrayLike<Label>,
  { labels, normalize, sampleWeight }: ConfusionOptions = {},
): number[][] {
  const length = checkSameLength({ yTrue, yPred });
  const weights = weightsOf(sampleWeight, length);
  const places = new Map(Array.from(labels ?? labelsOf(yTrue, yPred), (label, at) => [label, at]));
  const counts = Array.from(places, () => new Array<number>(places.size).fill(0));
  for (let at = 0; at < length; at += 1) {
    const row = places.get(yTrue[at] as Label);
    const column = places.get(yPred[at] as Label);
    if (row === undefined || column === undefined) continue;
    (counts[row] as number[])[column] = (counts[row]?.[column] as number) + (weights?.[at] ?? 1);
  }
  return normalize === undefined ? counts : shares(counts, normalize);
}

function shares(counts: number[][], over: 'true' | 'pred' | 'all'): number[][] {
  const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
  const rows = counts.map(sum);
  const columns = counts.map((_, column) => sum(counts.map((row) => row[column] as number)));
  const all = sum(rows);
  return counts.map((row, i) =>
    row.map((count, j) => {
      const total = over === 'true' ? rows[i] : over === 'pred' ? columns[j] : all;
      return total === 0 ? 0 : count / (total as number);
    }),
  );
}
