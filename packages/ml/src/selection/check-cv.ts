import { ParameterError } from '../base/errors.ts';
import type { Labels } from '../data/labels.ts';
import { KFold } from './k-fold.ts';
import type { Split, SplitInput, Splitter } from './splitter.ts';
import { StratifiedKFold } from './stratified-k-fold.ts';

/** How data is cut: a number of folds, a splitter, or the splits themselves. Null: 5 folds. */
export type Cv =
  | number
  | Splitter
  | Iterable<{ readonly train: ArrayLike<number>; readonly test: ArrayLike<number> }>
  | null;

/**
 * The splits that `cv` stands for. A number of folds keeps labels in proportion for classifiers, as in scikit-learn.
 * @throws ParameterError for what is none of these; InputError for data that cannot be cut so
 */
export function splitsOf(
  cv: Cv | undefined,
  { X, y, groups, isClassifier }: { X: SplitInput; y?: Labels | null; groups?: Labels | null; isClassifier: boolean },
): Split[] {
  const splitter = typeof cv === 'number' || cv == null ? folds(cv ?? 5, isClassifier && y != null) : cv;
  if (typeof (splitter as Partial<Splitter>).split === 'function')
    return [...(splitter as Splitter).split(X, y, groups)];
  if (typeof (splitter as Partial<Iterable<unknown>>)[Symbol.iterator] !== 'function')
    throw new ParameterError('cv must be a number of folds, a splitter, or a list of { train, test }.');
  const splits = Array.from(splitter as Iterable<Split>, ({ train, test }) => ({
    train: Int32Array.from(train),
    test: Int32Array.from(test),
  }));
  if (splits.length === 0) throw new ParameterError('cv must have one split or more. Got none.');
  return splits;
}

function folds(nSplits: number, stratified: boolean): Splitter {
  return stratified ? new StratifiedKFold({ nSplits }) : new KFold({ nSplits });
}
