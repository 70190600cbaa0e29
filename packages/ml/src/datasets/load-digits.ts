import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { DenseMatrix } from '../data/features.ts';

/** A data set: a row of X and an element of y for each sample. */
export interface Dataset<X, Y> {
  readonly X: X;
  readonly y: Y;
}

/**
 * 1,797 handwritten digits of 8 x 8 pixels from 0 to 16, and which they are. It comes with the package.
 * Source: scikit-learn (BSD-3-Clause), from the test set of Alpaydin and Kaynak's digits, UCI, 1998.
 */
export function loadDigits(): Dataset<DenseMatrix, Int32Array> {
  const text = gunzipSync(readFileSync(new URL('../../data/digits.csv.gz', import.meta.url))).toString('latin1');
  const lines = text.trimEnd().split('\n');
  const cols = 64;
  const data = new Float64Array(lines.length * cols);
  const y = new Int32Array(lines.length);
  for (const [row, line] of lines.entries()) {
    const cells = line.split(',').map(Number);
    data.set(cells.slice(0, cols), row * cols);
    y[row] = cells[cols] as number;
  }
  return { X: { data, rows: lines.length, cols }, y };
}
