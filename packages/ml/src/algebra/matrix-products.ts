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

/** Inner lengths that stay in the cache. */
const DEPTH = 512;

/**
 * The product of two dense matrices, row after row; all dense products of the package that count go through here.
 * An element is summed in the same order wherever it is, so that a row's product does not depend on other rows.
 */
export function multiply(a: Float64Array, b: Float64Array, out: Float64Array, sizes: ProductSizes): void {
  const { rows, inner, cols, turnA = false, turnB = false } = sizes;
  const left = turnA ? turned(a, inner, rows) : a;
  const right = turnB ? b : turned(b, inner, cols);
  out.fill(0);
  for (let from = 0; from < inner; from += DEPTH) {
    const to = Math.min(from + DEPTH, inner);
    for (let i = 0; i < rows; i += 4) {
      for (let j = 0; j < cols; j += 4) {
        if (i + 4 <= rows && j + 4 <= cols) addTile(left, right, out, i, j, from, to, inner, cols);
        else addEdge(left, right, out, i, Math.min(i + 4, rows), j, Math.min(j + 4, cols), from, to, inner, cols);
      }
    }
  }
}

/** The products of the columns with each other: symmetric, cols x cols. */
export function gram(a: Float64Array, rows: number, cols: number): Float64Array {
  return gramOfRows(turned(a, rows, cols), cols, rows);
}

/** The products of `count` vectors, one after the other, with each other: symmetric, count x count. */
export function gramOfRows(vectors: Float64Array, count: number, length: number): Float64Array {
  const out = new Float64Array(count * count);
  for (let from = 0; from < length; from += DEPTH) {
    const to = Math.min(from + DEPTH, length);
    for (let i = 0; i < count; i += 4) {
      for (let j = i; j < count; j += 4) {
        if (j + 4 <= count) addTile(vectors, vectors, out, i, j, from, to, length, count);
        else addEdge(vectors, vectors, out, i, Math.min(i + 4, count), j, count, from, to, length, count);
      }
    }
  }
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

/** Adds to 4 x 4 elements the products of 4 rows and 4 rows, sums in registers. */
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
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  let s20 = 0;
  let s21 = 0;
  let s22 = 0;
  let s23 = 0;
  let s30 = 0;
  let s31 = 0;
  let s32 = 0;
  let s33 = 0;
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
  const at = i * cols + j;
  addFour(out, at, s00, s01, s02, s03);
  addFour(out, at + cols, s10, s11, s12, s13);
  addFour(out, at + 2 * cols, s20, s21, s22, s23);
  addFour(out, at + 3 * cols, s30, s31, s32, s33);
}

function addFour(out: Float64Array, at: number, s0: number, s1: number, s2: number, s3: number): void {
  out[at] = (out[at] as number) + s0;
  out[at + 1] = (out[at + 1] as number) + s1;
  out[at + 2] = (out[at + 2] as number) + s2;
  out[at + 3] = (out[at + 3] as number) + s3;
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
        let sum = 0;
        for (let k = from; k < to; k += 1) sum += (a[i * inner + k] as number) * (b[j * inner + k] as number);
        out[i * cols + j] = (out[i * cols + j] as number) + sum;
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
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let k = from; k < to; k += 1) {
    const y = one[o + k] as number;
    s0 += (four[f0 + k] as number) * y;
    s1 += (four[f1 + k] as number) * y;
    s2 += (four[f2 + k] as number) * y;
    s3 += (four[f3 + k] as number) * y;
  }
  out[at] = (out[at] as number) + s0;
  out[at + stride] = (out[at + stride] as number) + s1;
  out[at + 2 * stride] = (out[at + 2 * stride] as number) + s2;
  out[at + 3 * stride] = (out[at + 3 * stride] as number) + s3;
}
