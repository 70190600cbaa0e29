import { InputError } from '../base/errors.ts';
import type { Features } from '../data/features.ts';
import { rowCount } from '../data/features.ts';
import type { Labels } from '../data/labels.ts';

/** Rows to fit on and rows to score on, as positions. */
export interface Split {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/** What cuts data into rows to fit on and rows to score on. */
export interface Splitter {
  /** How many splits it makes. */
  getNSplits(X?: SplitInput, y?: Labels | null, groups?: Labels | null): number;
  /** @throws InputError for data that cannot be cut so */
  split(X: SplitInput, y?: Labels | null, groups?: Labels | null): Iterable<Split>;
}

/** Data, of which only the number of rows counts; or a number of rows. */
export type SplitInput = Features | ArrayLike<unknown> | number;

/** Number of rows. @throws InputError where labels or groups are not as many */
export function rowsOf(
  X: SplitInput,
  columns: { readonly [name: string]: ArrayLike<unknown> | null | undefined } = {},
): number {
  const rows = typeof X === 'number' ? X : rowCount(X as Features);
  for (const [name, { length }] of Object.entries(columns).flatMap(([name, each]) =>
    each ? [[name, each] as const] : [],
  ))
    if (length !== rows) throw new InputError(`X and ${name} have different numbers of rows: ${rows} and ${length}.`);
  return rows;
}

/** The split whose test rows are those of which `isTest` holds; both parts in the order of the rows. */
export function splitBy(rows: number, isTest: (row: number) => boolean): Split {
  const train: number[] = [];
  const test: number[] = [];
  for (let row = 0; row < rows; row += 1) (isTest(row) ? test : train).push(row);
  return { train: Int32Array.from(train), test: Int32Array.from(test) };
}
