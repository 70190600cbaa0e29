import { addScaled, dot } from '../optimize/lbfgs.ts';

/** What `leastSquares` found. */
export interface LeastSquares {
  /** A weight a column: of all minimizers the shortest. */
  readonly weights: Float64Array;
  /** Singular values, the largest first. */
  readonly singular: Float64Array;
  /** Singular values that count. */
  readonly rank: number;
}

const EPSILON = 2 ** -52;

/**
 * Minimizes |A w - b|^2 + alpha |w|^2 by the singular values of A: Householder's QR, then one-sided Jacobi rotations.
 * @param columns of A; they and b are overwritten
 */
export function leastSquares(columns: Float64Array[], b: Float64Array, alpha: number): LeastSquares {
  const cols = columns.length;
  if (b.length >= cols) {
    reduce(columns, b);
    const triangle = columns.map((column) => column.slice(0, cols));
    const turns = rotate(triangle, identity(cols));
    const lengths = triangle.map((column) => Math.sqrt(dot(column, column)));
    const weights = new Float64Array(cols);
    const { cut, ...found } = ranked(lengths, b.length, cols, alpha);
    for (const [k, length] of lengths.entries()) {
      if (length <= cut) continue;
      const share = dot(triangle[k] as Float64Array, b.subarray(0, cols)) / (length * length + alpha);
      addScaled(weights, share, turns[k] as Float64Array);
    }
    return { weights, ...found };
  }
  const rows = Array.from(b, (_, row) => Float64Array.from(columns, (column) => column[row] as number));
  const turns = rotate(rows, identity(b.length));
  const lengths = rows.map((row) => Math.sqrt(dot(row, row)));
  const weights = new Float64Array(cols);
  const { cut, ...found } = ranked(lengths, b.length, cols, alpha);
  for (const [k, length] of lengths.entries()) {
    if (length <= cut) continue;
    addScaled(weights, dot(turns[k] as Float64Array, b) / (length * length + alpha), rows[k] as Float64Array);
  }
  return { weights, ...found };
}

function ranked(
  lengths: readonly number[],
  rows: number,
  cols: number,
  alpha: number,
): { readonly cut: number; readonly singular: Float64Array; readonly rank: number } {
  const singular = Float64Array.from(lengths).sort().reverse();
  const largest = singular[0] as number;
  const noise = EPSILON * largest * Math.max(rows, cols);
  const rank = singular.filter((each) => each > noise).length;
  return { cut: alpha > 0 ? 0 : noise, singular, rank };
}

/** Makes the columns upper triangular by reflections, b along with them. */
function reduce(columns: readonly Float64Array[], b: Float64Array): void {
  for (const [k, column] of columns.entries()) {
    const mirror = column.slice(k);
    const length = Math.sqrt(dot(mirror, mirror));
    if (length === 0) continue;
    mirror[0] = (mirror[0] as number) + ((mirror[0] as number) >= 0 ? length : -length);
    const square = dot(mirror, mirror);
    for (const each of [...columns.slice(k), b]) {
      const tail = each.subarray(k);
      addScaled(tail, (-2 * dot(mirror, tail)) / square, mirror);
    }
    column.fill(0, k + 1);
  }
}

/** Turns vectors in pairs until all cosines are below the tolerance; `turns` along with them. Source: Hestenes, 1958. */
export function rotate(
  vectors: readonly Float64Array[],
  turns: Float64Array[],
  tolerance: number = EPSILON,
): Float64Array[] {
  for (let sweep = 0; sweep < 60; sweep += 1) {
    let isDone = true;
    for (let p = 0; p < vectors.length - 1; p += 1) {
      for (let q = p + 1; q < vectors.length; q += 1) {
        const [a, c] = [vectors[p] as Float64Array, vectors[q] as Float64Array];
        const [aa, cc, ac] = [dot(a, a), dot(c, c), dot(a, c)];
        if (Math.abs(ac) <= tolerance * Math.sqrt(aa * cc) || ac === 0) continue;
        isDone = false;
        const zeta = (cc - aa) / (2 * ac);
        const tangent = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        const cosine = 1 / Math.sqrt(1 + tangent * tangent);
        turn(a, c, cosine, cosine * tangent);
        turn(turns[p] as Float64Array, turns[q] as Float64Array, cosine, cosine * tangent);
      }
    }
    if (isDone) break;
  }
  return turns;
}

function turn(a: Float64Array, b: Float64Array, cosine: number, sine: number): void {
  for (let i = 0; i < a.length; i += 1) {
    const [x, y] = [a[i] as number, b[i] as number];
    a[i] = cosine * x - sine * y;
    b[i] = sine * x + cosine * y;
  }
}

function identity(size: number): Float64Array[] {
  return Array.from({ length: size }, (_, k) => {
    const row = new Float64Array(size);
    row[k] = 1;
    return row;
  });
}
