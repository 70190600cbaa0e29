import { InputError } from '../base/errors.ts';
import { toCsr, toDense } from '../data/convert.ts';
import type { CsrMatrix, DenseMatrix, Matrix } from '../data/features.ts';
import { isSparse } from '../data/features.ts';

/** Matrices side by side: sparse where one is, and less than `sparseThreshold` of all cells hold something. */
export function hStack(parts: readonly Matrix[], rows: number, sparseThreshold = 1): Matrix {
  for (const part of parts) {
    if (part.rows !== rows) throw new InputError(`a transformer made ${part.rows} rows of ${rows}.`);
  }
  if (!parts.some(isSparse)) return hStackDense(parts as readonly DenseMatrix[], rows);
  const stored = parts.reduce((sum, part) => sum + part.data.length, 0);
  const cells = parts.reduce((sum, part) => sum + part.rows * part.cols, 0);
  const isFull = sparseThreshold < 1 && stored >= sparseThreshold * cells;
  return isFull ? hStackDense(parts.map(toDense), rows) : hStackSparse(parts.map(toCsr), rows);
}

function hStackDense(parts: readonly DenseMatrix[], rows: number): DenseMatrix {
  const cols = parts.reduce((sum, part) => sum + part.cols, 0);
  const data = new Float64Array(rows * cols);
  let offset = 0;
  for (const part of parts) {
    for (let row = 0; row < rows; row += 1) {
      data.set(part.data.subarray(row * part.cols, (row + 1) * part.cols), row * cols + offset);
    }
    offset += part.cols;
  }
  return { data, rows, cols };
}

function hStackSparse(parts: readonly CsrMatrix[], rows: number): CsrMatrix {
  const stored = parts.reduce((sum, part) => sum + part.data.length, 0);
  const data = new Float64Array(stored);
  const indices = new Int32Array(stored);
  const indptr = new Int32Array(rows + 1);
  let at = 0;
  for (let row = 0; row < rows; row += 1) {
    let offset = 0;
    for (const part of parts) {
      for (let k = part.indptr[row] as number; k < (part.indptr[row + 1] as number); k += 1) {
        data[at] = part.data[k] as number;
        indices[at] = (part.indices[k] as number) + offset;
        at += 1;
      }
      offset += part.cols;
    }
    indptr[row + 1] = at;
  }
  return { data, indices, indptr, rows, cols: parts.reduce((sum, part) => sum + part.cols, 0) };
}
