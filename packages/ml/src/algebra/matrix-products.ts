import { multiplyCompiled } from './compiled-product.ts';
import { addTiles, addUpperTiles } from './product-tiles.ts';

/** Sizes of a product, after turning: rows x inner times inner x cols. */
export interface ProductSizes {
  readonly rows: number;
  readonly inner: number;
  readonly cols: number;
  /** The first matrix is stored inner x rows. */
  readonly turnA?: boolean;
  /** The second matrix is stored cols x inner. */
  readonly turnB?: boolean;
}

/**
 * The product of two dense matrices; all dense products of the package that count go through here. Large ones are
 * computed by WebAssembly where it is. An element is one running sum in the order of the inner index, wherever it is and
 * whoever computes it: the bits are the same, and a row's product does not depend on other rows.
 */
export function multiply(a: Float64Array, b: Float64Array, out: Float64Array, sizes: ProductSizes): void {
  const { rows, inner, cols, turnA = false, turnB = false } = sizes;
  if (multiplyCompiled(a, b, out, sizes)) return;
  const left = turnA ? turned(a, inner, rows) : a;
  const right = turnB ? b : turned(b, inner, cols);
  out.fill(0);
  addTiles(left, right, out, sizes);
}

/** The products of the columns with each other: symmetric, cols x cols. */
export function gram(a: Float64Array, rows: number, cols: number): Float64Array {
  const out = new Float64Array(cols * cols);
  if (multiplyCompiled(a, a, out, { rows: cols, inner: rows, cols, turnA: true })) return out;
  return gramOfRows(turned(a, rows, cols), cols, rows);
}

/** The products of `count` vectors, one after the other, with each other: symmetric, count x count. */
export function gramOfRows(vectors: Float64Array, count: number, length: number): Float64Array {
  const out = new Float64Array(count * count);
  if (multiplyCompiled(vectors, vectors, out, { rows: count, inner: length, cols: count, turnB: true })) return out;
  addUpperTiles(vectors, out, count, length);
  for (let i = 0; i < count; i += 1) {
    for (let j = i + 1; j < count; j += 1) out[j * count + i] = out[i * count + j] as number;
  }
  return out;
}

/** Columns as rows. */
export function turned(a: Float64Array, rows: number, cols: number): Float64Array {
  const out = new Float64Array(a.length);
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < cols; j += 1) out[j * rows + i] = a[i * cols + j] as number;
  }
  return out;
}
