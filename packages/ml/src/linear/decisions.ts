import type { DenseMatrix, Matrix } from '../data/features.ts';
import type { Label } from '../data/labels.ts';
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
export function labelsByDecision<L extends Label>({ data, rows, cols }: DenseMatrix, classes: readonly L[]): L[] {
  return Array.from({ length: rows }, (_, row) => {
    if (cols === 1) return classes[(data[row] as number) > 0 ? 1 : 0] as L;
    let best = 0;
    for (let k = 1; k < cols; k += 1) {
      if ((data[row * cols + k] as number) > (data[row * cols + best] as number)) best = k;
    }
    return classes[best] as L;
  });
}
