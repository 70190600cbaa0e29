import { InputError } from '../base/errors.ts';
import type { Label } from '../data/labels.ts';
import type { Weighted } from './accuracy-score.ts';
import { checkSameLength, labelsOf, weightsOf } from './checks.ts';
import { warnUndefined } from './undefined-metric.ts';

export type Average = 'binary' | 'micro' | 'macro' | 'weighted';

export interface LabelScoreOptions extends Weighted {
  /** Labels that count, and their order; all that occur where it is left out. */
  readonly labels?: ArrayLike<Label> | undefined;
  /** The label that `average: 'binary'` scores; 1 by default, true among booleans. */
  readonly posLabel?: Label | undefined;
  /** What stands for a share of nothing; without it 0, and a warning. */
  readonly zeroDivision?: 0 | 1 | undefined;
}

export interface FscoreOptions extends LabelScoreOptions {
  /** Weight of recall in the F score; 1 by default. */
  readonly beta?: number | undefined;
}

/** Scores of each label, in the order of `labels`. */
export interface LabelScores {
  readonly precision: number[];
  readonly recall: number[];
  readonly fscore: number[];
  /** Samples, or weight, of each label. */
  readonly support: number[];
}

/** The same over all labels. */
export interface AveragedScores {
  readonly precision: number;
  readonly recall: number;
  readonly fscore: number;
}

/** What precision, recall and F are made of: for each label predicted rightly, predicted, and there. */
interface Counts {
  readonly right: number[];
  readonly predicted: number[];
  readonly there: number[];
}

/**
 * Precision, recall, F score and support of each label, or with `average` one of each for all.
 * Follows scikit-learn's `precision_recall_fscore_support` (1.2), multilabel input apart.
 * @throws InputError for different lengths, no sample, or labels that `average: 'binary'` cannot score
 * @example precisionRecallFscore(['a', 'b', 'b'], ['a', 'a', 'b']).recall; // [1, 0.5]
 */
export function precisionRecallFscore(
  yTrue: ArrayLike<Label>,
  yPred: ArrayLike<Label>,
  options?: FscoreOptions & { readonly average?: null | undefined },
): LabelScores;
export function precisionRecallFscore(
  yTrue: ArrayLike<Label>,
  yPred: ArrayLike<Label>,
  options: FscoreOptions & { readonly average: Average },
): AveragedScores;
export function precisionRecallFscore(
  yTrue: ArrayLike<Label>,
  yPred: ArrayLike<Label>,
  options: FscoreOptions & { readonly average?: Average | null | undefined } = {},
): LabelScores | AveragedScores {
  const { average = null, beta = 1, zeroDivision } = options;
  const labels = scoredLabels(yTrue, yPred, options);
  const counts = countLabels(yTrue, yPred, labels, options.sampleWeight);
  const sums = average === 'micro' ? summed(counts) : counts;
  const share = (name: string, of: readonly number[], over: readonly number[]): number[] =>
    over.map((all, at) => {
      if (all !== 0) return (of[at] as number) / all;
      if (zeroDivision === undefined) warnUndefined(name);
      return zeroDivision ?? 0;
    });
  const precision = share('precision', sums.right, sums.predicted);
  const recall = share('recall', sums.right, sums.there);
  const square = beta ** 2;
  const fscore = precision.map((p, at) => {
    const r = recall[at] as number;
    if ((sums.predicted[at] as number) + (sums.there[at] as number) === 0) return zeroDivision ?? 0;
    return p + r === 0 ? 0 : ((1 + square) * p * r) / (square * p + r);
  });
  if (average === null) return { precision, recall, fscore, support: sums.there };
  const weights = average === 'weighted' ? counts.there : undefined;
  const mean = (values: readonly number[]): number => meanOf(values, weights, zeroDivision ?? 0);
  return { precision: mean(precision), recall: mean(recall), fscore: mean(fscore) };
}

function scoredLabels(
  yTrue: ArrayLike<Label>,
  yPred: ArrayLike<Label>,
  { average, labels, posLabel = 1 }: LabelScoreOptions & { readonly average?: Average | null | undefined },
): ArrayLike<Label> {
  const present = labelsOf(yTrue, yPred);
  if (average !== 'binary') return labels ?? present;
  if (present.length > 2)
    throw new InputError(
      `average: 'binary' scores one label of two, and there are ${present.length}. Choose 'micro', 'macro', 'weighted' or null.`,
    );
  if (posLabel === 1 && present.every((label) => typeof label === 'boolean')) return [true];
  if (!present.includes(posLabel) && present.length >= 2)
    throw new InputError(`posLabel must be one of the labels ${present.join(', ')}. Got ${String(posLabel)}.`);
  return [posLabel];
}

function countLabels(
  yTrue: ArrayLike<Label>,
  yPred: ArrayLike<Label>,
  labels: ArrayLike<Label>,
  sampleWeight: ArrayLike<number> | undefined,
): Counts {
  const length = checkSameLength({ yTrue, yPred });
  const weights = weightsOf(sampleWeight, length);
  const places = new Map(Array.from(labels, (label, at) => [label, at]));
  const zeros = (): number[] => new Array<number>(labels.length).fill(0);
  const counts = { right: zeros(), predicted: zeros(), there: zeros() };
  const add = (to: number[], label: Label, weight: number): void => {
    const place = places.get(label);
    if (place !== undefined) to[place] = (to[place] as number) + weight;
  };
  for (let at = 0; at < length; at += 1) {
    const weight = weights?.[at] ?? 1;
    const [was, said] = [yTrue[at] as Label, yPred[at] as Label];
    add(counts.there, was, weight);
    add(counts.predicted, said, weight);
    if (was === said) add(counts.right, was, weight);
  }
  return counts;
}

function summed({ right, predicted, there }: Counts): Counts {
  const sum = (values: readonly number[]): number[] => [values.reduce((all, value) => all + value, 0)];
  return { right: sum(right), predicted: sum(predicted), there: sum(there) };
}

function meanOf(values: readonly number[], weights: readonly number[] | undefined, ofNothing: number): number {
  let sum = 0;
  let all = 0;
  values.forEach((value, at) => {
    const weight = weights?.[at] ?? 1;
    sum += weight * value;
    all += weight;
  });
  return all === 0 ? ofNothing : sum / all;
}
