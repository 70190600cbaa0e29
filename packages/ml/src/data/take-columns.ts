import { show } from '../base/constraints.ts';
import { InputError } from '../base/errors.ts';
import { namesOf } from './check-features.ts';
import { toDense } from './convert.ts';
import { type Cell, type Features, isMatrix } from './features.ts';

/** Columns by position or name: a list gives a table, a single one its cells as a list (documents, for vectorizers). */
export type Columns = number | string | readonly number[] | readonly string[];

/**
 * The columns of X, in this order; of a matrix as a dense matrix.
 * @throws InputError for columns that do not exist, and names where X has none
 */
export function takeColumns(X: Features, columns: Columns): Features {
  if (isMatrix(X)) {
    const list = typeof columns === 'object' ? columns : [columns];
    return takeOfMatrix(X, list);
  }
  const rows = X as readonly unknown[];
  const names = namesOf(rows[0]);
  const width = names?.length ?? (rows[0] as ArrayLike<unknown> | undefined)?.length ?? 0;
  const keyOf = (column: number | string): number | string => {
    const key = names !== undefined && typeof column === 'number' ? names[at(column, width)] : column;
    const isKnown = names === undefined ? typeof key === 'number' : names.includes(key as string);
    if (!isKnown)
      throw new InputError(
        `X has no column ${show(column)}. It has ${names?.join(', ') ?? `${width} columns without names`}.`,
      );
    return typeof key === 'number' ? at(key, width) : (key as string);
  };
  const cell = (row: unknown, key: number | string): Cell => (row as Record<number | string, Cell>)[key];
  if (typeof columns !== 'object') {
    const key = keyOf(columns);
    return rows.map((row) => cell(row, key)) as string[];
  }
  const keys = columns.map(keyOf);
  if (names === undefined) return rows.map((row) => keys.map((key) => cell(row, key)));
  return rows.map((row) => Object.fromEntries(keys.map((key) => [key, cell(row, key)])));
}

function takeOfMatrix(X: Features, columns: readonly (number | string)[]): Features {
  const { rows, cols, data } = toDense(X);
  const positions = columns.map((column) => {
    if (typeof column === 'number') return at(column, cols);
    throw new InputError(`X is a matrix, whose columns have no names. Got ${show(column)}.`);
  });
  const taken = new (data.constructor as Float64ArrayConstructor)(rows * positions.length);
  let to = 0;
  for (let row = 0; row < rows; row += 1) {
    for (const column of positions) {
      taken[to] = data[row * cols + column] as number;
      to += 1;
    }
  }
  return { data: taken, rows, cols: positions.length };
}

/** A position; -1 is the last. */
function at(position: number, width: number): number {
  const column = position < 0 ? position + width : position;
  if (Number.isInteger(column) && column >= 0 && column < width) return column;
  throw new InputError(`X has no column ${position}. It has ${width}.`);
}
