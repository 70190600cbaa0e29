import { show } from '../base/constraints.ts';
import { InputError } from '../base/errors.ts';
import { namesOf } from './check-features.ts';
import { toDense } from './convert.ts';
import { type Cell, type Features, isMatrix, isSparse } from './features.ts';

/** X as columns of cells. */
export interface CellColumns {
  readonly rows: number;
  readonly columns: readonly (readonly Cell[])[];
  /** Names of the columns, where they have names. */
  readonly names: readonly string[] | undefined;
}

/** What was there at fit. */
interface Known {
  readonly cols?: number | undefined;
  readonly names?: readonly string[] | undefined;
}

/** X as columns of cells. @throws InputError for what are no rows, ragged rows, and other columns than at fit */
export function cellColumns(X: Features, owner: string, known: Known = {}): CellColumns {
  if (isSparse(X)) {
    throw new InputError(
      `A sparse matrix was passed, but ${owner} requires dense data. Use toDense(X) to convert to a dense matrix.`,
    );
  }
  if (isMatrix(X)) {
    const { data, rows, cols } = toDense(X);
    checkWidth(cols, owner, known);
    const columns = Array.from({ length: cols }, (_, column) =>
      Array.from({ length: rows }, (_each, row) => data[row * cols + column] as number),
    );
    return { rows, columns, names: undefined };
  }
  if (!Array.isArray(X) || X.length === 0) {
    throw new InputError(`Found array with 0 row(s) while a minimum of 1 is required by ${owner}.`);
  }
  const list = X as readonly unknown[];
  const first = list[0];
  if (typeof first !== 'object' || first === null) {
    throw new InputError(
      `Expected rows of cells, got a list of cells by ${owner}. Write X.map((x) => [x]) for a single column. Got ${show(first)}.`,
    );
  }
  const given = namesOf(first);
  const names = given === undefined ? undefined : (known.names ?? given);
  const width = names?.length ?? (first as ArrayLike<unknown>).length;
  if (width === 0) throw new InputError(`Found array with 0 columns while a minimum of 1 is required by ${owner}.`);
  checkWidth(width, owner, known);
  const columns = Array.from({ length: width }, (): Cell[] => []);
  for (const [r, row] of list.entries()) {
    const own = (names === undefined ? row : Object.keys(row as object)) as ArrayLike<Cell>;
    if (names === undefined ? own.length !== width : own.length < width) {
      throw new InputError(`X of ${owner} is ragged: ${width} columns are expected, row ${r} has ${own.length}.`);
    }
    for (const [c, column] of columns.entries()) {
      const key = names?.[c] ?? c;
      if (names !== undefined && !Object.hasOwn(row as object, key)) {
        throw new InputError(`X of ${owner} has no column '${key}' at row ${r}.`);
      }
      column.push((row as Record<string | number, Cell>)[key]);
    }
  }
  return { rows: list.length, columns, names };
}

function checkWidth(width: number, owner: string, { cols }: Known): void {
  if (cols === undefined || cols === width) return;
  throw new InputError(`X has ${width} features, but ${owner} is expecting ${cols} features as input.`);
}

/** Null, undefined and NaN. */
export function isMissing(cell: Cell): boolean {
  return cell === null || cell === undefined || (typeof cell === 'number' && Number.isNaN(cell));
}
