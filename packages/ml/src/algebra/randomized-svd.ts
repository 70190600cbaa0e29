import type { Design } from '../linear/design.ts';
import { addScaled, dot } from '../optimize/lbfgs.ts';
import type { RandomState } from '../random/random-state.ts';
import { multiply, turned } from './matrix-products.ts';
import { joined, type Svd, svd } from './svd.ts';

export interface RandomizedOptions {
  readonly components: number;
  /** Directions besides, which make the last components exact. */
  readonly oversamples: number;
  /** Power iterations; null: 7 for few components, else 4. */
  readonly iterations: number | null;
  readonly random: RandomState;
}

/**
 * The largest singular values of a dense or sparse matrix, by what it makes of random directions: the same directions
 * as scikit-learn's `randomized_svd` for the same seed.
 * Source: Halko, Martinsson and Tropp, Finding structure with randomness, SIAM Review 53, 2011.
 */
export function randomizedSvd(X: Design, { components, oversamples, iterations, random }: RandomizedOptions): Svd {
  const isWide = X.rows < X.cols;
  const [long, short] = isWide ? [X.cols, X.rows] : [X.rows, X.cols];
  const count = Math.min(components + oversamples, short);
  const steps = iterations ?? (components < 0.1 * short ? 7 : 4);
  /** Of the short side to the long one, and back; vectors row after row. */
  const out = (vectors: Float64Array): Float64Array => (isWide ? back(X, vectors, count) : through(X, vectors, count));
  const home = (vectors: Float64Array): Float64Array => (isWide ? through(X, vectors, count) : back(X, vectors, count));

  let vectors = turned(random.normal(0, 1, short * (components + oversamples)), short, components + oversamples);
  vectors = vectors.slice(0, count * short);
  for (let step = 0; step < steps; step += 1) {
    vectors = orthonormal(out(vectors), count);
    vectors = orthonormal(home(vectors), count);
  }
  const basis = orthonormal(out(vectors), count);
  const { singular, left, right } = svd(home(basis), count, short);
  const lifted = new Float64Array(components * long);
  const kept = joined(left.slice(0, components));
  multiply(kept, basis, lifted, { rows: components, inner: count, cols: long });
  const ofLong = Array.from({ length: components }, (_, k) => lifted.subarray(k * long, (k + 1) * long));
  const ofShort = right.slice(0, components);
  return {
    singular: singular.slice(0, components),
    left: isWide ? ofShort : ofLong,
    right: isWide ? ofLong : ofShort,
  };
}

/** Products of the matrix and vectors. */
function through(X: Design, vectors: Float64Array, count: number): Float64Array {
  const products = new Float64Array(X.rows * count);
  X.times(vectors, count, X.cols, products);
  return turned(products, X.rows, count);
}

/** Products of the turned matrix and vectors. */
function back(X: Design, vectors: Float64Array, count: number): Float64Array {
  const products = new Float64Array(count * X.cols);
  X.addTransposed(turned(vectors, count, X.rows), count, X.cols, products);
  return products;
}

/** Vectors that span the same and are orthogonal, by Gram and Schmidt, each vector twice. */
function orthonormal(vectors: Float64Array, count: number): Float64Array {
  const length = vectors.length / count;
  const rows = Array.from({ length: count }, (_, k) => vectors.subarray(k * length, (k + 1) * length));
  for (const [k, row] of rows.entries()) {
    const before = Math.sqrt(dot(row, row));
    for (let pass = 0; pass < 2; pass += 1) {
      for (const other of rows.slice(0, k)) addScaled(row, -dot(other, row), other);
    }
    const norm = Math.sqrt(dot(row, row));
    const scale = norm > 1e-14 * before ? 1 / norm : 0;
    for (let i = 0; i < length; i += 1) row[i] = (row[i] as number) * scale;
  }
  return vectors;
}
