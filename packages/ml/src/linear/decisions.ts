import type { DenseMatrix, Matrix } from '../data/features.ts';
import type { Label } from '../data/labels.ts';
import { largestOfRows } from '../data/largest-of-rows.ts';
import { designOf } from './design.ts';

/** Rows x rows of `coef`: products, and intercepts. */
export function linearDecisions(X: Matrix, coef: DenseMatrix, intercept: Float64Array): DenseMatrix {
  const { rows: count, cols: stride } = coef;
  const data = new Float64Array(X.rows * count);
  designOf(X).times(coef.data as Float64Array, count, stride, data);
  for (let i = 0; i < data.length; i += 1) data[i] = (data[i] as number) + (intercept[i % count] as number);
  return { data, rows: X.rows, cols: count };
}

/** The class of the largest decision; where there is one decision a row, the second class above zero. */
export function labelsByDecision<L extends Label>(decisions: DenseMatrix, classes: readonly L[]): L[] {
  const { data, cols } = decisions;
  if (cols === 1) return Array.from(data, (each) => classes[each > 0 ? 1 : 0] as L);
  return Array.from(largestOfRows(decisions), (k) => classes[k] as L);
}
