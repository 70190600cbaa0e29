import { toDense } from '../data/convert.ts';
import { isSparse, type Matrix } from '../data/features.ts';

/** Weighted means and population variances of columns, without NaN, and the weight that each had. */
export interface Moments {
  readonly means: Float64Array;
  readonly variances: Float64Array;
  readonly totals: Float64Array;
}

/** In two passes, for what one pass loses to rounding. */
export function moments(X: Matrix, weights: Float64Array): Moments {
  const { cols } = X;
  const means = new Float64Array(cols);
  const variances = new Float64Array(cols);
  const totals = new Float64Array(cols);
  const all = weights.reduce((sum, each) => sum + each, 0);
  const visit = isSparse(X) ? eachStored : eachCell;
  const stored = new Float64Array(cols);
  const missing = new Float64Array(cols);
  visit(X, (row, column, value) => {
    const weight = weights[row] as number;
    if (Number.isNaN(value)) missing[column] = (missing[column] as number) + weight;
    else {
      means[column] = (means[column] as number) + weight * value;
      stored[column] = (stored[column] as number) + weight;
    }
  });
  for (let column = 0; column < cols; column += 1) {
    totals[column] = all - (missing[column] as number);
    means[column] = (means[column] as number) / (totals[column] as number);
  }
  visit(X, (row, column, value) => {
    if (Number.isNaN(value)) return;
    const away = value - (means[column] as number);
    variances[column] = (variances[column] as number) + (weights[row] as number) * away * away;
  });
  for (let column = 0; column < cols; column += 1) {
    const zeros = (totals[column] as number) - (stored[column] as number);
    const sum = (variances[column] as number) + zeros * (means[column] as number) ** 2;
    variances[column] = sum / (totals[column] as number);
  }
  return { means, variances, totals };
}

type Visit = (row: number, column: number, value: number) => void;

function eachCell(X: Matrix, visit: Visit): void {
  const { data, rows, cols } = toDense(X);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < cols; column += 1) visit(row, column, data[row * cols + column] as number);
  }
}

function eachStored(X: Matrix, visit: Visit): void {
  if (!isSparse(X)) return;
  for (let row = 0; row < X.rows; row += 1) {
    for (let k = X.indptr[row] as number; k < (X.indptr[row + 1] as number); k += 1) {
      visit(row, X.indices[k] as number, X.data[k] as number);
    }
  }
}
