import type { DenseMatrix } from './features.ts';

/** The position of the largest number of each row, the first of several. */
export function largestOfRows({ data, rows, cols }: DenseMatrix): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => {
    let best = 0;
    for (let k = 1; k < cols; k += 1)
      if ((data[row * cols + k] as number) > (data[row * cols + best] as number)) best = k;
    return best;
  });
}
