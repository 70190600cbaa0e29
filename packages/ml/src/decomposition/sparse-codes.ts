import { multiply } from '../algebra/matrix-products.ts';

export interface SparseCodeOptions {
  /** Weight of the sum of absolute codes. */
  readonly alpha: number;
  /** Codes are not below zero. */
  readonly positive: boolean;
}

const MAX_ROUNDS = 1000;

/**
 * Codes of rows in a dictionary: for each row x the u that minimizes |x - u V|^2 / 2 + alpha |u|_1, by coordinate
 * descent on the products of the atoms. Rows x atoms.
 * Source: Friedman, Hastie and Tibshirani, Regularization paths for generalized linear models, 2010.
 */
export function sparseCodes(
  X: Float64Array,
  dictionary: Float64Array,
  [rows, atoms, cols]: readonly [number, number, number],
  { alpha, positive }: SparseCodeOptions,
): Float64Array {
  const gram = new Float64Array(atoms * atoms);
  multiply(dictionary, dictionary, gram, { rows: atoms, inner: cols, cols: atoms, turnB: true });
  const targets = new Float64Array(rows * atoms);
  multiply(X, dictionary, targets, { rows, inner: cols, cols: atoms, turnB: true });
  const codes = new Float64Array(rows * atoms);
  for (let row = 0; row < rows; row += 1) {
    const left = targets.subarray(row * atoms, (row + 1) * atoms); // products of atoms with what is not explained yet
    const own = codes.subarray(row * atoms, (row + 1) * atoms);
    const scale = left.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      let largest = 0;
      for (let k = 0; k < atoms; k += 1) {
        const square = gram[k * atoms + k] as number;
        if (square === 0) continue;
        const before = own[k] as number;
        const pull = (left[k] as number) + square * before;
        const shrunk = Math.max(Math.abs(pull) - alpha, 0) / square;
        const after = pull > 0 ? shrunk : positive ? 0 : -shrunk;
        if (after === before) continue;
        own[k] = after;
        const change = after - before;
        for (let j = 0; j < atoms; j += 1) left[j] = (left[j] as number) - change * (gram[k * atoms + j] as number);
        largest = Math.max(largest, Math.abs(change) * square);
      }
      if (largest <= 1e-9 * scale) break;
    }
  }
  return codes;
}
