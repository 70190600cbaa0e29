import { InputError } from '../base/errors.ts';
import { type Features, rowCount } from '../data/features.ts';
import type { Labels } from '../data/labels.ts';
import { type Rows, take } from '../data/take.ts';
import type { RandomState } from '../random/random-state.ts';
import { type PartSizes, partSizes, ShuffleSplit, StratifiedShuffleSplit } from './shuffle-split.ts';
import type { Split } from './splitter.ts';

export interface TrainTestSplitOptions extends PartSizes {
  readonly randomState?: number | RandomState | null;
  /** True by default; with false the last rows are the test part. */
  readonly shuffle?: boolean;
  /** Labels to keep in proportion. */
  readonly stratify?: Labels | null;
}

/** Train and test part of each array, in turn. */
export type Halves<T extends readonly Rows[]> = T extends readonly [
  infer First extends Rows,
  ...infer Rest extends readonly Rows[],
]
  ? [First, First, ...Halves<Rest>]
  : [];

/**
 * Cuts arrays of equal length into a train and a test part, a quarter of the rows where no size is given.
 * Follows scikit-learn's `train_test_split`: the same seed, the same rows.
 * @throws InputError for different lengths, and sizes that rows cannot have
 * @example const [XTrain, XTest, yTrain, yTest] = trainTestSplit([X, y], { randomState: 0, stratify: y });
 */
export function trainTestSplit<const T extends readonly [Rows, ...Rows[]]>(
  arrays: T,
  options: TrainTestSplitOptions = {},
): Halves<T> {
  const counts = arrays.map((each) => rowCount(each as Features));
  const [rows = 0] = counts;
  if (counts.some((count) => count !== rows))
    throw new InputError(`The arrays must have equally many rows. Got ${counts.join(', ')}.`);
  const { train, test } = splitOnce(rows, options);
  return arrays.flatMap((each) => [take(each, train), take(each, test)]) as Halves<T>;
}

function splitOnce(
  rows: number,
  { shuffle = true, stratify, randomState = null, ...sizes }: TrainTestSplitOptions,
): Split {
  const { train, test } = partSizes(rows, sizes, 0.25);
  if (!shuffle) {
    if (stratify) throw new InputError('stratify needs shuffle: true, for labels are kept in proportion by drawing.');
    const all = Int32Array.from({ length: train + test }, (_, row) => row);
    return { train: all.subarray(0, train), test: all.subarray(train) };
  }
  const options = { nSplits: 1, trainSize: train, testSize: test, randomState };
  const splits = stratify
    ? new StratifiedShuffleSplit(options).split(rows, stratify)
    : new ShuffleSplit(options).split(rows);
  return splits.next().value as Split;
}
