import { InputError, ParameterError } from '../base/errors.ts';
import { encodeLabels, type Labels } from '../data/labels.ts';
import { checkRandomState, type RandomState } from '../random/random-state.ts';
import { checkFolds, foldSizes, type KFoldOptions, tooFew } from './k-fold.ts';
import { rowsOf, type Split, type SplitInput, type Splitter, splitBy } from './splitter.ts';

export interface StratifiedKFoldOptions extends KFoldOptions {
  /**
   * How rows of a label go to folds. `'balanced'`, today's recipe: so that folds are of equal size too. `'contiguous'`,
   * that of scikit-learn until 0.21: each label's rows are cut as `KFold` cuts, so that the first folds are larger.
   */
  readonly recipe?: 'balanced' | 'contiguous';
}

/**
 * As `KFold`, with each label as frequent in each part as in all. Follows scikit-learn's `StratifiedKFold`.
 * Warns where a label has fewer rows than there are splits.
 * @throws ParameterError as `KFold`
 * @example for (const { train, test } of new StratifiedKFold({ nSplits: 3 }).split(X, y)) { … }
 */
export class StratifiedKFold implements Splitter {
  readonly nSplits: number;
  readonly shuffle: boolean;
  readonly randomState: number | RandomState | null;
  readonly recipe: 'balanced' | 'contiguous';

  constructor({ nSplits = 5, shuffle = false, randomState = null, recipe = 'balanced' }: StratifiedKFoldOptions = {}) {
    checkFolds('StratifiedKFold', nSplits, shuffle, randomState);
    if (recipe !== 'balanced' && recipe !== 'contiguous')
      throw new ParameterError(`recipe of StratifiedKFold must be 'balanced' or 'contiguous'. Got ${String(recipe)}.`);
    this.nSplits = nSplits;
    this.shuffle = shuffle;
    this.randomState = randomState;
    this.recipe = recipe;
  }

  getNSplits(): number {
    return this.nSplits;
  }

  *split(X: SplitInput, y?: Labels | null): Generator<Split> {
    if (!y) throw new InputError('StratifiedKFold needs y, the labels that it keeps in proportion.');
    const rows = rowsOf(X, { y });
    const { nSplits, recipe } = this;
    const labels = rowsByLabel(y);
    if (labels.every(({ length }) => length < nSplits))
      throw tooFew(nSplits, `labels that have ${Math.max(0, ...labels.map(({ length }) => length))} rows at most`);
    const fewest = Math.min(...labels.map(({ length }) => length));
    if (fewest < nSplits)
      process.emitWarning(`The least frequent label has ${fewest} rows, fewer than ${nSplits} splits.`, {
        code: 'JOBLOOM_RARE_LABEL',
      });
    const random = this.shuffle ? checkRandomState(this.randomState) : undefined;
    const foldOf = new Int32Array(rows);
    const sizes =
      recipe === 'balanced' ? balancedSizes(labels, nSplits) : labels.map((own) => foldSizes(own.length, nSplits));
    labels.forEach((own, label) => {
      const folds = (sizes[label] as number[]).flatMap((size, fold) => new Array<number>(size).fill(fold));
      random?.shuffle(folds);
      own.forEach((row, at) => {
        foldOf[row] = folds[at] as number;
      });
    });
    for (let fold = 0; fold < nSplits; fold += 1) yield splitBy(rows, (row) => foldOf[row] === fold);
  }
}

/** Rows of each label, labels in the order in which they first occur. */
function rowsByLabel(y: Labels): number[][] {
  const { classes, codes } = encodeLabels(y);
  const lists = classes.map((): number[] => []);
  codes.forEach((code, row) => void lists[code]?.push(row));
  return lists.sort(([a = 0], [b = 0]) => a - b);
}

/** How many rows of each label go to each fold: labels are dealt out in turn, one label after the other. */
function balancedSizes(labels: readonly (readonly number[])[], nSplits: number): number[][] {
  let dealt = 0;
  return labels.map(({ length }) => {
    const sizes = new Array<number>(nSplits).fill(0);
    for (let count = 0; count < length; count += 1, dealt += 1) (sizes[dealt % nSplits] as number)++;
    return sizes;
  });
}
