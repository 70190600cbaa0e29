import { InputError, ParameterError } from '../base/errors.ts';
import { checkRandomState, type RandomState } from '../random/random-state.ts';
import { rowsOf, type Split, type SplitInput, type Splitter, splitBy } from './splitter.ts';

export interface KFoldOptions {
  /** 5 by default. */
  readonly nSplits?: number;
  /** Rows are shuffled first. */
  readonly shuffle?: boolean;
  /** For shuffling: a seed, a RandomState, or null for another shuffle each time. */
  readonly randomState?: number | RandomState | null;
}

/**
 * Cuts rows into `nSplits` parts of neighbours; each is the test part once. The first parts are one larger where the
 * rows don't go up evenly. Follows scikit-learn's `KFold`, shuffles included.
 * @throws ParameterError for fewer than 2 splits, or a seed without shuffling
 * @example [...new KFold({ nSplits: 2 }).split(4)][0]; // { train: [2, 3], test: [0, 1] }
 */
export class KFold implements Splitter {
  readonly nSplits: number;
  readonly shuffle: boolean;
  readonly randomState: number | RandomState | null;

  constructor({ nSplits = 5, shuffle = false, randomState = null }: KFoldOptions = {}) {
    checkFolds('KFold', nSplits, shuffle, randomState);
    this.nSplits = nSplits;
    this.shuffle = shuffle;
    this.randomState = randomState;
  }

  getNSplits(): number {
    return this.nSplits;
  }

  *split(X: SplitInput): Generator<Split> {
    const rows = rowsOf(X);
    if (this.nSplits > rows) throw tooFew(this.nSplits, `${rows} rows`);
    const order = Int32Array.from({ length: rows }, (_, row) => row);
    if (this.shuffle) checkRandomState(this.randomState).shuffle(order);
    const foldOf = new Int32Array(rows);
    foldSizes(rows, this.nSplits).reduce((start, size, fold) => {
      for (const row of order.subarray(start, start + size)) foldOf[row] = fold;
      return start + size;
    }, 0);
    for (let fold = 0; fold < this.nSplits; fold += 1) yield splitBy(rows, (row) => foldOf[row] === fold);
  }
}

/** Sizes of parts, the first ones larger by one. */
export function foldSizes(rows: number, folds: number): number[] {
  return Array.from({ length: folds }, (_, fold) => Math.floor(rows / folds) + Number(fold < rows % folds));
}

/** @throws ParameterError as the constructors of fold splitters */
export function checkFolds(owner: string, nSplits: number, shuffle = false, randomState: unknown = null): void {
  if (!Number.isInteger(nSplits) || nSplits < 2)
    throw new ParameterError(`nSplits of ${owner} must be an integer, 2 or more. Got ${nSplits}.`);
  if (!shuffle && randomState !== null)
    throw new ParameterError(
      `randomState of ${owner} has no effect without shuffle: true. Set it, or leave randomState out.`,
    );
}

export function tooFew(nSplits: number, what: string): InputError {
  return new InputError(`Cannot make ${nSplits} splits of ${what}. Use fewer splits or more data.`);
}
