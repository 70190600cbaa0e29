import { show } from '../base/constraints.ts';
import { InputError, ParameterError } from '../base/errors.ts';
import { isMissing } from '../data/cells.ts';
import type { Cell } from '../data/features.ts';
import { type Label, uniqueLabels } from '../data/labels.ts';

/** Categories of columns: found in X, sorted, missing ones last; or as given. */
export type Categories = 'auto' | readonly (readonly Cell[])[];

/** Categories of each column. @throws InputError for cells of several kinds, or not among the given ones */
export function categoriesOf(
  columns: readonly (readonly Cell[])[],
  given: Categories,
  isStrict: boolean,
  owner: string,
): Cell[][] {
  if (given === 'auto') {
    return columns.map((cells) => {
      const present = cells.filter((cell): cell is Label => !isMissing(cell));
      const sorted: Cell[] = uniqueLabels(present);
      return present.length < cells.length ? [...sorted, null] : sorted;
    });
  }
  if (given.length !== columns.length) {
    throw new ParameterError(
      `categories of ${owner} are a list for each column. Got ${given.length} lists for ${columns.length} columns.`,
    );
  }
  const lists = given.map((list) => list.map((cell) => (isMissing(cell) ? null : cell)));
  for (const [c, cells] of isStrict ? columns.entries() : []) codesIn(cells, lists[c] as Cell[], 'error', owner, c);
  return lists;
}

/** Positions of cells among categories; -1 for unknown ones, where they are ignored. @throws InputError otherwise */
export function codesIn(
  cells: readonly Cell[],
  categories: readonly Cell[],
  handleUnknown: 'error' | 'ignore',
  owner: string,
  column: number | string,
): Int32Array {
  const positions = new Map(categories.map((category, position) => [category, position]));
  return Int32Array.from(cells, (cell) => {
    const position = positions.get(isMissing(cell) ? null : cell);
    if (position === undefined && handleUnknown === 'error') {
      throw new InputError(
        `Found unknown category ${show(cell)} in column ${column} during transform of ${owner}. Set handleUnknown: 'ignore' to leave such cells out.`,
      );
    }
    return position ?? -1;
  });
}
