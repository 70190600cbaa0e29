import { InputError } from '../base/errors.ts';
import { encodeLabels, type Labels } from '../data/labels.ts';
import { checkFolds, tooFew } from './k-fold.ts';
import { rowsOf, type Split, type SplitInput, type Splitter, splitBy } from './splitter.ts';

/**
 * Parts that share no group: all rows of a patient, say, are in the same one. Largest groups first, each to the part
 * that has fewest rows. Follows scikit-learn's `GroupKFold`; among groups of equal size the last in sorted order goes first.
 * @throws ParameterError for fewer than 2 splits
 * @example new GroupKFold({ nSplits: 3 }).split(X, y, patients);
 */
export class GroupKFold implements Splitter {
  readonly nSplits: number;

  constructor({ nSplits = 5 }: { readonly nSplits?: number } = {}) {
    checkFolds('GroupKFold', nSplits);
    this.nSplits = nSplits;
  }

  getNSplits(): number {
    return this.nSplits;
  }

  *split(X: SplitInput, _y?: Labels | null, groups?: Labels | null): Generator<Split> {
    if (!groups) throw new InputError('GroupKFold needs groups, one a row.');
    const rows = rowsOf(X, { groups });
    const { classes, codes } = encodeLabels(groups, { fractions: true });
    if (this.nSplits > classes.length) throw tooFew(this.nSplits, `${classes.length} groups`);
    const sizes = new Int32Array(classes.length);
    for (const code of codes) (sizes[code] as number)++;
    const bySize = Array.from(classes.keys())
      .sort((a, b) => (sizes[a] as number) - (sizes[b] as number))
      .reverse();
    const load = new Array<number>(this.nSplits).fill(0);
    const foldOf = new Int32Array(classes.length);
    for (const group of bySize) {
      const lightest = load.indexOf(Math.min(...load));
      load[lightest] = (load[lightest] as number) + (sizes[group] as number);
      foldOf[group] = lightest;
    }
    for (let fold = 0; fold < this.nSplits; fold += 1)
      yield splitBy(rows, (row) => foldOf[codes[row] as number] === fold);
  }
}
