import { isSparse, type Matrix } from '../data/features.ts';
import { DenseColumns } from './dense-columns.ts';
import { ProductColumns } from './product-columns.ts';
import { SparseColumns } from './sparse-columns.ts';

/**
 * What is left of targets after a linear function of columns, all centred by their weighted means, and how it changes
 * when the weight of a column does.
 */
export interface CentredColumns {
  readonly cols: number;
  /** Weighted means of the columns and of the targets; zeros where nothing is centred. */
  readonly means: Float64Array;
  readonly mean: number;
  /** Weighted squares of each centred column. */
  readonly norms: Float64Array;
  /** Weighted squares of the centred targets. */
  readonly targetSquares: number;
  /** The weighted product of a column and what is left. */
  product(column: number): number;
  /** Takes `change` times a column from what is left. */
  take(column: number, change: number): void;
  /** Weighted squares of what is left, and its weighted product with the centred targets. */
  left(): { readonly squares: number; readonly withTargets: number };
}

/** @param isCentred false: nothing is centred */
export function centredColumns(
  X: Matrix,
  y: Float64Array,
  sampleWeight: Float64Array,
  isCentred: boolean,
): CentredColumns {
  const total = sampleWeight.reduce((sum, each) => sum + each, 0);
  let mean = 0;
  if (isCentred) for (const [row, target] of y.entries()) mean += ((sampleWeight[row] as number) * target) / total;
  return isSparse(X)
    ? new SparseColumns(X, y, sampleWeight, isCentred ? total : 0, mean)
    : new ProductColumns(new DenseColumns(X, y, sampleWeight, isCentred ? total : 0, mean));
}
