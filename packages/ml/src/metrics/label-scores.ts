import type { Label } from '../data/labels.ts';
import { type Average, type LabelScoreOptions, precisionRecallFscore } from './precision-recall-fscore.ts';

export interface AverageOptions extends LabelScoreOptions {
  /** How the scores of labels become one; `'binary'` by default, the score of `posLabel`. */
  readonly average?: Average | undefined;
}

/**
 * Of what was predicted to have a label, the share that has it. Follows scikit-learn's `precision_score`.
 * @throws InputError as `precisionRecallFscore`
 * @example precisionScore([0, 1, 1, 0], [0, 1, 1, 1]); // 2 / 3
 */
export function precisionScore(
  yTrue: ArrayLike<Label>,
  yPred: ArrayLike<Label>,
  { average = 'binary', ...options }: AverageOptions = {},
): number {
  return precisionRecallFscore(yTrue, yPred, { ...options, average }).precision;
}

/**
 * Of what has a label, the share that was predicted to have it. Follows scikit-learn's `recall_score`.
 * @throws InputError as `precisionRecallFscore`
 * @example recallScore([0, 1, 1, 0], [0, 1, 0, 1]); // 0.5
 */
export function recallScore(
  yTrue: ArrayLike<Label>,
  yPred: ArrayLike<Label>,
  { average = 'binary', ...options }: AverageOptions = {},
): number {
  return precisionRecallFscore(yTrue, yPred, { ...options, average }).recall;
}

/**
 * The weighted harmonic mean of precision and recall; `beta` is the weight of recall. Follows scikit-learn's `fbeta_score`.
 * @throws InputError as `precisionRecallFscore`
 * @example fbetaScore([0, 1, 1, 0], [0, 1, 1, 1], { beta: 2 }); // 10 / 11
 */
export function fbetaScore(
  yTrue: ArrayLike<Label>,
  yPred: ArrayLike<Label>,
  { average = 'binary', beta, ...options }: AverageOptions & { readonly beta: number },
): number {
  return precisionRecallFscore(yTrue, yPred, { ...options, average, beta }).fscore;
}

/**
 * The harmonic mean of precision and recall. Follows scikit-learn's `f1_score`.
 * @throws InputError as `precisionRecallFscore`
 * @example f1Score([0, 1, 1, 0], [0, 1, 1, 1]); // 0.8
 */
export function f1Score(yTrue: ArrayLike<Label>, yPred: ArrayLike<Label>, options: AverageOptions = {}): number {
  return fbetaScore(yTrue, yPred, { ...options, beta: 1 });
}

/**
 * The mean of the recalls of all labels that occur, so that a rare label counts as much as a frequent one.
 * Follows scikit-learn's `balanced_accuracy_score`.
 * @throws InputError as `precisionRecallFscore`
 * @example balancedAccuracyScore([0, 0, 0, 1], [0, 0, 0, 0]); // 0.5
 */
export function balancedAccuracyScore(
  yTrue: ArrayLike<Label>,
  yPred: ArrayLike<Label>,
  { sampleWeight }: Pick<LabelScoreOptions, 'sampleWeight'> = {},
): number {
  const { recall, support } = precisionRecallFscore(yTrue, yPred, { sampleWeight, zeroDivision: 0 });
  const there = recall.filter((_, at) => support[at] !== 0);
  return there.reduce((sum, value) => sum + value, 0) / there.length;
}
