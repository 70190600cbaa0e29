import { doublesOf } from '../data/doubles-of.ts';
import { type CsrMatrix, isSparse, type Matrix } from '../data/features.ts';
import { designOf } from '../linear/design.ts';
import { openWorkspace } from '../numerics/workspace.ts';
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
export function randomizedSvd(X: Matrix, { components, oversamples, iterations, random }: RandomizedOptions): Svd {
  const isWide = X.rows < X.cols;
  const [long, short] = isWide ? [X.cols, X.rows] : [X.rows, X.cols];
  const count = Math.min(components + oversamples, short);
  const steps = iterations ?? (components < 0.1 * short ? 7 : 4);
  const products = isSparse(X) ? sparseProducts(X, count) : denseProducts(doublesOf(X.data), X.rows, X.cols, count);
  const { through, back } = products;
  const [out, home] = isWide ? [back, through] : [through, back];
  let vectors = turned(random.normal(0, 1, short * (components + oversamples)), short, components + oversamples);
  vectors = vectors.slice(0, count * short);
  let basis: Float64Array;
  let image: Float64Array;
  try {
    for (let step = 0; step < steps; step += 1) {
      vectors = orthonormal(out(vectors), count);
      vectors = orthonormal(home(vectors), count);
    }
    basis = orthonormal(out(vectors), count);
    image = home(basis);
  } finally {
    products.close();
  }
  const { singular, left, right } = svd(image, count, short);
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

/** Vectors in, vectors out, `count` of them, one after the other. */
type Product = (vectors: Float64Array) => Float64Array;

/** Products of a matrix and vectors as long as its rows, and of the turned matrix and vectors as long as its columns. */
interface Products {
  readonly through: Product;
  readonly back: Product;
  close(): void;
}

function sparseProducts(X: CsrMatrix, count: number): Products {
  const { rows, cols } = X;
  const design = designOf(X);
  return {
    through(vectors) {
      const products = new Float64Array(rows * count);
      design.times(vectors, count, cols, products);
      return turned(products, rows, count);
    },
    back(vectors) {
      const products = new Float64Array(count * cols);
      design.addTransposed(turned(vectors, count, rows), count, cols, products);
      return products;
    },
    close() {},
  };
}

/** With one copy of the data, for as long as they are used: of WebAssembly the data, else the turned data. */
function denseProducts(data: Float64Array, rows: number, cols: number, count: number): Products {
  const space = openWorkspace({ bytes: 8 * (data.length + count * (rows + cols)) });
  if (space.kernels === 'plain') {
    const columns = turned(data, rows, cols);
    const product = (vectors: Float64Array, other: Float64Array, inner: number, width: number): Float64Array => {
      const products = new Float64Array(count * width);
      multiply(vectors, other, products, { rows: count, inner, cols: width, turnB: true });
      return products;
    };
    return {
      through: (vectors) => product(vectors, data, cols, rows),
      back: (vectors) => product(vectors, columns, rows, cols),
      close() {},
    };
  }
  const matrix = space.copied(data);
  const [asRows, asColumns] = [space.float64(count * cols), space.float64(count * rows)];
  return {
    through(vectors) {
      asRows.set(vectors);
      space.f64.gemmNT(count, rows, cols, asRows, matrix, asColumns, false);
      return Float64Array.from(asColumns);
    },
    back(vectors) {
      asColumns.set(vectors);
      space.f64.gemmNN(count, cols, rows, asColumns, matrix, asRows, false);
      return Float64Array.from(asRows);
    },
    close: () => space.close(),
  };
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
