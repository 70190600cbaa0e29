import type { ProductSizes } from './matrix-products.ts';

/** Inner lengths that stay in the cache. */
const DEPTH = 512;

/** Adds to `out` the products of the rows of a with the rows of b: rows x inner, cols x inner. */
export function addTiles(a: Float64Array, b: Float64Array, out: Float64Array, sizes: ProductSizes): void {
  const { rows, inner, cols } = sizes;
  for (let from = 0; from < inner; from += DEPTH) {
    const to = Math.min(from + DEPTH, inner);
    for (let i = 0; i < rows; i += 4) {
      for (let j = 0; j < cols; j += 4) {
        if (i + 4 <= rows && j + 4 <= cols) addTile(a, b, out, i, j, from, to, inner, cols);
        else addEdge(a, b, out, i, Math.min(i + 4, rows), j, Math.min(j + 4, cols), from, to, inner, cols);
      }
    }
  }
}

/** The same of vectors with each other, where the second is not before the first. */
export function addUpperTiles(vectors: Float64Array, out: Float64Array, count: number, length: number): void {
  for (let from = 0; from < length; from += DEPTH) {
    const to = Math.min(from + DEPTH, length);
    for (let i = 0; i < count; i += 4) {
      for (let j = i; j < count; j += 4) {
        if (j + 4 <= count) addTile(vectors, vectors, out, i, j, from, to, length, count);
        else addEdge(vectors, vectors, out, i, Math.min(i + 4, count), j, count, from, to, length, count);
      }
    }
  }
}

/** Adds to 4 x 4 elements the products of 4 rows and 4 rows, sums in registers, which go on from what is there. */
function addTile(
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
  i: number,
  j: number,
  from: number,
  to: number,
  inner: number,
  cols: number,
): void {
  const a0 = i * inner;
  const a1 = a0 + inner;
  const a2 = a1 + inner;
  const a3 = a2 + inner;
  const b0 = j * inner;
  const b1 = b0 + inner;
  const b2 = b1 + inner;
  const b3 = b2 + inner;
  const at = i * cols + j;
  const at1 = at + cols;
  const at2 = at1 + cols;
  const at3 = at2 + cols;
  let s00 = out[at] as number;
  let s01 = out[at + 1] as number;
  let s02 = out[at + 2] as number;
  let s03 = out[at + 3] as number;
  let s10 = out[at1] as number;
  let s11 = out[at1 + 1] as number;
  let s12 = out[at1 + 2] as number;
  let s13 = out[at1 + 3] as number;
  let s20 = out[at2] as number;
  let s21 = out[at2 + 1] as number;
  let s22 = out[at2 + 2] as number;
  let s23 = out[at2 + 3] as number;
  let s30 = out[at3] as number;
  let s31 = out[at3 + 1] as number;
  let s32 = out[at3 + 2] as number;
  let s33 = out[at3 + 3] as number;
  for (let k = from; k < to; k += 1) {
    const x0 = a[a0 + k] as number;
    const x1 = a[a1 + k] as number;
    const x2 = a[a2 + k] as number;
    const x3 = a[a3 + k] as number;
    const y0 = b[b0 + k] as number;
    const y1 = b[b1 + k] as number;
    const y2 = b[b2 + k] as number;
    const y3 = b[b3 + k] as number;
    s00 += x0 * y0;
    s01 += x0 * y1;
    s02 += x0 * y2;
    s03 += x0 * y3;
    s10 += x1 * y0;
    s11 += x1 * y1;
    s12 += x1 * y2;
    s13 += x1 * y3;
    s20 += x2 * y0;
    s21 += x2 * y1;
    s22 += x2 * y2;
    s23 += x2 * y3;
    s30 += x3 * y0;
    s31 += x3 * y1;
    s32 += x3 * y2;
    s33 += x3 * y3;
  }
  putFour(out, at, s00, s01, s02, s03);
  putFour(out, at1, s10, s11, s12, s13);
  putFour(out, at2, s20, s21, s22, s23);
  putFour(out, at3, s30, s31, s32, s33);
}

function putFour(out: Float64Array, at: number, s0: number, s1: number, s2: number, s3: number): void {
  out[at] = s0;
  out[at + 1] = s1;
  out[at + 2] = s2;
  out[at + 3] = s3;
}

/** The same for what is left at the edges: by fours as far as they go. */
function addEdge(
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
  i0: number,
  i1: number,
  j0: number,
  j1: number,
  from: number,
  to: number,
  inner: number,
  cols: number,
): void {
  if (i1 - i0 === 4) {
    for (let j = j0; j < j1; j += 1) addStrip(a, i0 * inner, b, j * inner, out, i0 * cols + j, cols, from, to, inner);
  } else if (j1 - j0 === 4) {
    for (let i = i0; i < i1; i += 1) addStrip(b, j0 * inner, a, i * inner, out, i * cols + j0, 1, from, to, inner);
  } else {
    for (let i = i0; i < i1; i += 1) {
      for (let j = j0; j < j1; j += 1) {
        let sum = out[i * cols + j] as number;
        for (let k = from; k < to; k += 1) sum += (a[i * inner + k] as number) * (b[j * inner + k] as number);
        out[i * cols + j] = sum;
      }
    }
  }
}

/** Adds the products of four rows and one. */
function addStrip(
  four: Float64Array,
  f0: number,
  one: Float64Array,
  o: number,
  out: Float64Array,
  at: number,
  stride: number,
  from: number,
  to: number,
  inner: number,
): void {
  const f1 = f0 + inner;
  const f2 = f1 + inner;
  const f3 = f2 + inner;
  let s0 = out[at] as number;
  let s1 = out[at + stride] as number;
  let s2 = out[at + 2 * stride] as number;
  let s3 = out[at + 3 * stride] as number;
  for (let k = from; k < to; k += 1) {
    const y = one[o + k] as number;
    s0 += (four[f0 + k] as number) * y;
    s1 += (four[f1 + k] as number) * y;
    s2 += (four[f2 + k] as number) * y;
    s3 += (four[f3 + k] as number) * y;
  }
  out[at] = s0;
  out[at + stride] = s1;
  out[at + 2 * stride] = s2;
  out[at + 3 * stride] = s3;
}
