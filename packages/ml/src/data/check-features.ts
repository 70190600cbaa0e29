import { show } from '../base/constraints.ts';
import { InputError } from '../base/errors.ts';
import { csrMatrix, type DenseMatrix, type Features, isMatrix, isSparse, type Matrix } from './features.ts';

/** What an estimator asks of X. */
export interface FeatureChecks {
  /** Its name, for messages. */
  readonly owner: string;
  /** CSR is taken as it is; refused otherwise. */
  readonly sparse?: boolean;
  /** NaN is a missing value. */
  readonly allowsNaN?: boolean;
  /** Rows that it needs. 1 otherwise. */
  readonly minRows?: number;
  /** Columns that it was fitted with. */
  readonly cols?: number | undefined;
}

/**
 * X as numbers: matrices as they are, `number[][]` and rows of numbers by name as a dense matrix.
 * @throws InputError for text, ragged rows, NaN and infinity, no rows or columns, another width than at fit
 */
export function checkFeatures(X: Features, checks: FeatureChecks & { readonly sparse: true }): Matrix;
export function checkFeatures(X: Features, checks: FeatureChecks): DenseMatrix;
export function checkFeatures(X: Features, checks: FeatureChecks): Matrix {
  const { owner, minRows = 1 } = checks;
  if (isSparse(X) && checks.sparse !== true) {
    throw new InputError(
      `A sparse matrix was passed, but ${owner} requires dense data. Use toDense(X) to convert to a dense matrix.`,
    );
  }
  const matrix = isMatrix(X) ? wellFormed(X) : fromRows(X, owner, checks.allowsNaN === true);
  if (matrix.rows < minRows) {
    throw new InputError(
      `Found array with ${matrix.rows} row(s) while a minimum of ${minRows} is required by ${owner}.`,
    );
  }
  if (matrix.cols < 1) throw new InputError(`Found array with 0 columns while a minimum of 1 is required by ${owner}.`);
  if (checks.cols !== undefined && checks.cols !== matrix.cols) {
    throw new InputError(`X has ${matrix.cols} features, but ${owner} is expecting ${checks.cols} features as input.`);
  }
  checkFinite(matrix, owner, checks.allowsNaN === true);
  return matrix;
}

function wellFormed(X: Matrix): Matrix {
  if (isSparse(X)) return csrMatrix(X);
  if (X.data.length === X.rows * X.cols) return X;
  throw new InputError(
    `a matrix of ${X.rows} rows and ${X.cols} columns has ${X.rows * X.cols} numbers. Got ${X.data.length}.`,
  );
}

function checkFinite(X: Matrix, owner: string, allowsNaN: boolean): void {
  const { data } = X;
  for (let i = 0; i < data.length; i += 1) {
    const value = data[i] as number;
    if (Number.isFinite(value)) continue;
    if (!Number.isNaN(value)) throw new InputError(`Input X contains infinity. ${owner} takes finite numbers.`);
    if (allowsNaN) continue;
    throw new InputError(
      `Input X contains NaN. ${owner} does not accept missing values encoded as NaN. Impute them first, with a SimpleImputer in a Pipeline for example.`,
    );
  }
}

function fromRows(X: Exclude<Features, Matrix>, owner: string, allowsNaN: boolean): DenseMatrix {
  if (!Array.isArray(X)) {
    throw new InputError(`X of ${owner} must be a matrix or a list of rows. Got ${show(X)}.`);
  }
  const rows = X as readonly unknown[];
  const first = rows[0];
  if (first === undefined)
    throw new InputError(`Found array with 0 row(s) while a minimum of 1 is required by ${owner}.`);
  if (typeof first === 'number') {
    throw new InputError(
      `Expected rows of numbers, got a list of numbers by ${owner}. Write X.map((x) => [x]) for a single column, or [X] for a single row.`,
    );
  }
  const names = namesOf(first);
  const cols = names?.length ?? (first as ArrayLike<unknown>).length;
  const data = new Float64Array(rows.length * cols);
  let at = 0;
  for (const [r, row] of rows.entries()) {
    if (typeof row !== 'object' || row === null) {
      throw new InputError(`X of ${owner} must be rows of numbers. Got ${show(row)} at row ${r}.`);
    }
    const width = names === undefined ? (row as ArrayLike<unknown>).length : Object.keys(row).length;
    if (width !== cols) {
      throw new InputError(`X of ${owner} is ragged: row 0 has ${cols} columns, row ${r} has ${width}.`);
    }
    for (let c = 0; c < cols; c += 1) {
      const cell = (row as Record<string | number, unknown>)[names?.[c] ?? c];
      data[at] = toNumber(cell, owner, r, names?.[c] ?? c, allowsNaN);
      at += 1;
    }
  }
  return { data, rows: rows.length, cols };
}

/** Names of the columns where rows are objects by name, and not lists. */
export function namesOf(row: unknown): string[] | undefined {
  return Array.isArray(row) || ArrayBuffer.isView(row) || typeof row !== 'object' || row === null
    ? undefined
    : Object.keys(row);
}

function toNumber(cell: unknown, owner: string, row: number, column: string | number, allowsNaN: boolean): number {
  if (typeof cell === 'number') return cell;
  if (typeof cell === 'boolean') return Number(cell);
  if (allowsNaN && (cell === null || cell === undefined)) return Number.NaN;
  throw new InputError(`X of ${owner} must be numbers. Got ${show(cell)} at row ${row}, column ${column}.`);
}
