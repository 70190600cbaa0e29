import { checkClasses, type Label } from '../data/labels.ts';
import { checkSameLength, weightsOf } from './checks.ts';

/** What metrics that weigh samples take. */
export interface Weighted {
  /** One weight a sample; 1 for each where it is left out. */
  readonly sampleWeight?: ArrayLike<number> | undefined;
}

/**
 * The share of samples whose label is predicted, from 0 to 1; with `normalize: false` their number, or weight.
 * Follows scikit-learn's `accuracy_score`.
 * @throws InputError for different lengths, no sample, and numbers that are no classes
 * @example accuracyScore([0, 1, 2, 3], [0, 2, 1, 3]); // 0.5
 */
export function accuracyScore(
  yTrue: ArrayLike<Label>,
  yPred: ArrayLike<Label>,
  { normalize = true, sampleWeight }: Weighted & { readonly normalize?: boolean | undefined } = {},
): number {
  const length = checkSameLength({ yTrue, yPred });
  checkClasses(yTrue);
  checkClasses(yPred);
  const weights = weightsOf(sampleWeight, length);
  let right = 0;
  let all = 0;
  for (let at = 0; at < length; at += 1) {
    const weight = weights === undefined ? 1 : (weights[at] as number);
    all += weight;
    if (yTrue[at] === yPred[at]) right += weight;
  }
  return normalize ? right / all : right;
}
