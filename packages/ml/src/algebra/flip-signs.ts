import type { Svd } from './svd.ts';

/** Singular vectors with the signs that make the largest coefficient of each right one positive; they are else arbitrary. */
export function flipSigns({ singular, left, right }: Svd): Svd {
  const signs = right.map((vector) => {
    const largest = vector.reduce((best, each) => (Math.abs(each) > Math.abs(best) ? each : best), 0);
    return largest < 0 ? -1 : 1;
  });
  const flipped = (vectors: readonly Float64Array[]): Float64Array[] =>
    vectors.map((vector, k) => vector.map((each) => each * (signs[k] as number)));
  return { singular, left: flipped(left), right: flipped(right) };
}
