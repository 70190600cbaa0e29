import { InputError } from '../base/errors.ts';
import type { Label } from '../data/labels.ts';
import type { Weighted } from './accuracy-score.ts';
import { checkFinite, checkSameLength, labelsOf, weightsOf } from './checks.ts';
import { type Scores, scoreColumns } from './roc-auc-score.ts';

export interface LogLossOptions extends Weighted {
  /** The labels that columns are for, sorted; all that occur where it is left out. */
  readonly labels?: ArrayLike<Label> | undefined;
  /** The mean over samples, or with false the sum. */
  readonly normalize?: boolean | undefined;
  /** Probabilities are held within this and 1 less this; by default the smallest step of doubles, 2^-52. */
  readonly eps?: number | undefined;
}

/**
 * The mean negative logarithm of the probability that was given to the right label. Follows scikit-learn's `log_loss` (1.2).
 * @param yProba of the second label, for two; or rows x labels, which are scaled to sum to 1
 * @throws InputError for different lengths, no sample, a single label without `labels`, or as many columns as there are no labels
 * @example logLoss(['spam', 'ham', 'ham', 'spam'], [[0.1, 0.9], [0.9, 0.1], [0.8, 0.2], [0.35, 0.65]]); // 0.21616…
 */
export function logLoss(
  yTrue: ArrayLike<Label>,
  yProba: Scores,
  { labels, normalize = true, eps = Number.EPSILON, sampleWeight }: LogLossOptions = {},
): number {
  const given = scoreColumns(yProba);
  const [first = []] = given;
  const length = checkSameLength({ yTrue, yProba: first });
  given.forEach((column) => void checkFinite('yProba', column));
  const weights = weightsOf(sampleWeight, length);
  const all = labels === undefined ? labelsOf(yTrue) : labelsOf(labels);
  if (all.length < 2)
    throw new InputError(`There must be two labels or more. Got ${all.join(', ')}. Give all with the labels option.`);
  const columns = given.length === 1 ? [Array.from(first, (share) => 1 - share), first] : given;
  if (columns.length !== all.length)
    throw new InputError(`yProba must have one column a label, ${all.length}. Got ${columns.length}.`);
  const places = new Map(all.map((label, at) => [label, at]));
  const held = (share: number): number => Math.min(Math.max(share, eps), 1 - eps);
  let [sum, total] = [0, 0];
  for (let at = 0; at < length; at += 1) {
    const place = places.get(yTrue[at] as Label);
    if (place === undefined) throw new InputError(`yTrue has ${String(yTrue[at])}, which is not among labels.`);
    const shares = columns.map((column) => held(column[at] as number));
    const weight = weights?.[at] ?? 1;
    sum -= weight * Math.log((shares[place] as number) / shares.reduce((a, b) => a + b, 0));
    total += weight;
  }
  return normalize ? sum / total : sum;
}
