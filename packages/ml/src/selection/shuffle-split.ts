import { InputError, ParameterError } from '../base/errors.ts';
import { encodeLabels, type Labels } from '../data/labels.ts';
import { checkRandomState, type RandomState } from '../random/random-state.ts';
import { rowsOf, type Split, type SplitInput, type Splitter } from './splitter.ts';

/** How large the parts are: a share of the rows below 1, or a number of rows; what one leaves where the other is left out. */
export interface PartSizes {
  readonly testSize?: number | null | undefined;
  readonly trainSize?: number | null | undefined;
}

export interface ShuffleSplitOptions extends PartSizes {
  /** 10 by default. */
  readonly nSplits?: number;
  readonly randomState?: number | RandomState | null | undefined;
}

/**
 * Random parts, drawn anew for each split. Follows scikit-learn's `ShuffleSplit`: the same seed, the same rows.
 * A tenth is the test part where no size is given.
 * @throws ParameterError for fewer than 1 split
 * @example new ShuffleSplit({ nSplits: 1, testSize: 0.25, randomState: 1234 }).split(X);
 */
export class ShuffleSplit implements Splitter {
  readonly nSplits: number;
  readonly sizes: PartSizes;
  readonly randomState: number | RandomState | null;

  constructor({ nSplits = 10, testSize = null, trainSize = null, randomState = null }: ShuffleSplitOptions = {}) {
    if (!Number.isInteger(nSplits) || nSplits < 1)
      throw new ParameterError(`nSplits of ${new.target.name} must be an integer, 1 or more. Got ${nSplits}.`);
    this.nSplits = nSplits;
    this.sizes = { testSize, trainSize };
    this.randomState = randomState;
  }

  getNSplits(): number {
    return this.nSplits;
  }

  *split(X: SplitInput, _y?: Labels | null): Generator<Split> {
    const rows = rowsOf(X);
    const { train, test } = partSizes(rows, this.sizes, 0.1);
    const random = checkRandomState(this.randomState);
    for (let split = 0; split < this.nSplits; split += 1) {
      const order = random.permutation(rows);
      yield { test: order.slice(0, test), train: order.slice(test, test + train) };
    }
  }
}

/**
 * As `ShuffleSplit`, with each label as frequent in both parts as in all. Follows scikit-learn's `StratifiedShuffleSplit`.
 * @throws ParameterError as `ShuffleSplit`
 */
export class StratifiedShuffleSplit extends ShuffleSplit {
  override *split(X: SplitInput, y?: Labels | null): Generator<Split> {
    if (!y) throw new InputError('StratifiedShuffleSplit needs y, the labels that it keeps in proportion.');
    const rows = rowsOf(X, { y });
    const sizes = partSizes(rows, this.sizes, 0.1);
    const { classes, codes } = encodeLabels(y);
    const own = classes.map((): number[] => []);
    codes.forEach((code, row) => void own[code]?.push(row));
    const counts = own.map(({ length }) => length);
    if (Math.min(...counts) < 2)
      throw new InputError('The least frequent label has 1 row, which cannot be in both parts. Each needs 2 or more.');
    for (const [name, size] of Object.entries(sizes))
      if (size < classes.length)
        throw new InputError(`The ${name} part has ${size} rows, fewer than there are labels, ${classes.length}.`);
    const random = checkRandomState(this.randomState);
    for (let split = 0; split < this.nSplits; split += 1) {
      const forTrain = proportions(counts, sizes.train, random);
      const left = counts.map((count, label) => count - (forTrain[label] as number));
      const forTest = proportions(left, sizes.test, random);
      const train: number[] = [];
      const test: number[] = [];
      own.forEach((list, label) => {
        const order = Array.from(random.permutation(list.length), (at) => list[at] as number);
        const [first, second] = [forTrain[label] as number, forTest[label] as number];
        train.push(...order.slice(0, first));
        test.push(...order.slice(first, first + second));
      });
      yield { train: Int32Array.from(random.permutation(train)), test: Int32Array.from(random.permutation(test)) };
    }
  }
}

/** Rows of both parts. @throws InputError for sizes that rows cannot have */
export function partSizes(
  rows: number,
  { testSize, trainSize }: PartSizes,
  defaultTest: number,
): { readonly train: number; readonly test: number } {
  const given = { testSize: testSize ?? (trainSize == null ? defaultTest : null), trainSize };
  for (const [name, size] of Object.entries(given))
    if (size != null && !(Number.isInteger(size) ? size > 0 && size < rows : size > 0 && size < 1))
      throw new InputError(`${name} must be a share between 0 and 1, or a number of rows below ${rows}. Got ${size}.`);
  const count = (size: number, round: (x: number) => number): number => (size < 1 ? round(size * rows) : size);
  const test =
    given.testSize == null ? rows - count(trainSize as number, Math.floor) : count(given.testSize, Math.ceil);
  const train = trainSize == null ? rows - test : count(trainSize, Math.floor);
  if (train + test > rows)
    throw new InputError(`testSize and trainSize are ${test} and ${train} rows, more than there are, ${rows}.`);
  if (train === 0)
    throw new InputError(`With ${rows} rows, testSize ${testSize} and trainSize ${trainSize}, none is left to fit on.`);
  return { train, test };
}

/** So many of each, in proportion; what rounding leaves goes to the largest remainders, drawn among equal ones. */
function proportions(counts: readonly number[], draws: number, random: RandomState): number[] {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const exact = counts.map((count) => (count / all) * draws);
  const floored = exact.map(Math.floor);
  let missing = Math.trunc(draws - floored.reduce((sum, count) => sum + count, 0));
  const remainders = exact.map((share, at) => share - (floored[at] as number));
  for (const value of [...new Set(remainders)].sort((a, b) => b - a)) {
    if (missing <= 0) break;
    const equal = remainders.flatMap((remainder, at) => (remainder === value ? [at] : []));
    const some = Math.min(equal.length, missing);
    for (const at of random.permutation(equal).slice(0, some)) (floored[at] as number)++;
    missing -= some;
  }
  return floored;
}
