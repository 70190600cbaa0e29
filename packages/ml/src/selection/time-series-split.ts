import { InputError, ParameterError } from '../base/errors.ts';
import { checkFolds, tooFew } from './k-fold.ts';
import { rowsOf, type Split, type SplitInput, type Splitter } from './splitter.ts';

export interface TimeSeriesSplitOptions {
  /** 5 by default. */
  readonly nSplits?: number;
  /** The most rows to fit on; all that come before where it is left out. */
  readonly maxTrainSize?: number | null;
  /** Rows of each test part; rows / (nSplits + 1) where it is left out. */
  readonly testSize?: number | null;
  /** Rows left out between the two parts. */
  readonly gap?: number;
}

/**
 * For rows in the order of time: each test part comes after all rows that are fitted on. Follows scikit-learn's `TimeSeriesSplit`.
 * @throws ParameterError for fewer than 2 splits, or sizes that are no whole numbers
 * @example [...new TimeSeriesSplit({ nSplits: 2 }).split(6)][0]; // { train: [0, 1], test: [2, 3] }
 */
export class TimeSeriesSplit implements Splitter {
  readonly nSplits: number;
  readonly maxTrainSize: number | null;
  readonly testSize: number | null;
  readonly gap: number;

  constructor({ nSplits = 5, maxTrainSize = null, testSize = null, gap = 0 }: TimeSeriesSplitOptions = {}) {
    checkFolds('TimeSeriesSplit', nSplits);
    for (const [name, value, least] of [
      ['maxTrainSize', maxTrainSize, 1],
      ['testSize', testSize, 1],
      ['gap', gap, 0],
    ] as const)
      if (value !== null && !(Number.isInteger(value) && value >= least))
        throw new ParameterError(`${name} of TimeSeriesSplit must be an integer, ${least} or more. Got ${value}.`);
    this.nSplits = nSplits;
    this.maxTrainSize = maxTrainSize;
    this.testSize = testSize;
    this.gap = gap;
  }

  getNSplits(): number {
    return this.nSplits;
  }

  *split(X: SplitInput): Generator<Split> {
    const rows = rowsOf(X);
    const { nSplits, gap, maxTrainSize } = this;
    if (nSplits + 1 > rows) throw tooFew(nSplits, `${rows} rows in time`);
    const testSize = this.testSize ?? Math.floor(rows / (nSplits + 1));
    if (rows - gap - testSize * nSplits <= 0)
      throw new InputError(
        `${nSplits} test parts of ${testSize} rows and a gap of ${gap} leave none of ${rows} rows to fit on.`,
      );
    const range = (from: number, to: number): Int32Array =>
      Int32Array.from({ length: to - from }, (_, at) => from + at);
    for (let start = rows - nSplits * testSize; start < rows; start += testSize) {
      const end = start - gap;
      yield {
        train: range(maxTrainSize === null ? 0 : Math.max(0, end - maxTrainSize), end),
        test: range(start, start + testSize),
      };
    }
  }
}
