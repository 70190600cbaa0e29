import { addScaled, dot } from '../optimize/lbfgs.ts';

/** Eigenvalues of a symmetric matrix, the largest first, and the eigenvector of each. */
export interface SymmetricEigen {
  readonly values: Float64Array;
  readonly vectors: readonly Float64Array[];
}

const EPSILON = 2 ** -52;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix: reflections to three diagonals, then QL steps with implicit shifts.
 * Source: Golub and Van Loan, Matrix Computations, 2013, section 8.3.
 * @param matrix size x size; overwritten
 */
export function symmetricEigen(matrix: Float64Array, size: number): SymmetricEigen {
  const rows = Array.from({ length: size }, (_, i) => matrix.subarray(i * size, (i + 1) * size));
  const { diagonal, beside, mirrors } = tridiagonal(rows);
  const vectors = Array.from({ length: size }, (_, i) => {
    const row = new Float64Array(size);
    row[i] = 1;
    return row;
  });
  implicitQl(diagonal, beside, vectors);
  for (const vector of vectors) {
    for (let k = mirrors.length - 1; k >= 0; k -= 1) {
      const mirror = mirrors[k] as Float64Array;
      const tail = vector.subarray(k + 1);
      addScaled(tail, -dot(mirror, tail), mirror);
    }
  }
  const order = Array.from(diagonal, (_, i) => i).sort((a, b) => (diagonal[b] as number) - (diagonal[a] as number));
  return {
    values: Float64Array.from(order, (i) => diagonal[i] as number),
    vectors: order.map((i) => vectors[i] as Float64Array),
  };
}

/** Reflects to a matrix of three diagonals. Mirrors have the length that makes them twice their projection. */
function tridiagonal(rows: readonly Float64Array[]): {
  readonly diagonal: Float64Array;
  readonly beside: Float64Array;
  readonly mirrors: Float64Array[];
} {
  const size = rows.length;
  const beside = new Float64Array(size);
  const mirrors: Float64Array[] = [];
  for (let k = 0; k < size - 1; k += 1) {
    const mirror = Float64Array.from(
      { length: size - k - 1 },
      (_, i) => (rows[k + 1 + i] as Float64Array)[k] as number,
    );
    const length = Math.sqrt(dot(mirror, mirror));
    const first = mirror[0] as number;
    const target = first > 0 ? -length : length;
    beside[k] = k === size - 2 ? first : target;
    if (k === size - 2) break;
    mirror[0] = first - target;
    const square = dot(mirror, mirror);
    mirrors.push(mirror);
    if (square === 0) continue;
    const scale = Math.sqrt(2 / square);
    for (let i = 0; i < mirror.length; i += 1) mirror[i] = (mirror[i] as number) * scale;
    const tails = rows.slice(k + 1).map((row) => row.subarray(k + 1));
    const products = Float64Array.from(tails, (tail) => dot(tail, mirror));
    addScaled(products, -dot(products, mirror) / 2, mirror);
    for (const [i, tail] of tails.entries()) {
      const a = mirror[i] as number;
      const b = products[i] as number;
      for (let j = 0; j < tail.length; j += 1)
        tail[j] = (tail[j] as number) - a * (products[j] as number) - b * (mirror[j] as number);
    }
  }
  return { diagonal: Float64Array.from(rows, (row, i) => row[i] as number), beside, mirrors };
}

/** Makes the diagonal the eigenvalues; vectors are turned along. */
function implicitQl(diagonal: Float64Array, beside: Float64Array, vectors: readonly Float64Array[]): void {
  const size = diagonal.length;
  for (let low = 0; low < size; low += 1) {
    for (let tries = 0; ; tries += 1) {
      let high = low;
      for (; high < size - 1; high += 1) {
        const scale = Math.abs(diagonal[high] as number) + Math.abs(diagonal[high + 1] as number);
        if (Math.abs(beside[high] as number) <= EPSILON * scale) break;
      }
      if (high === low || tries === 60) break;
      const gap = ((diagonal[low + 1] as number) - (diagonal[low] as number)) / (2 * (beside[low] as number));
      const root = Math.hypot(gap, 1);
      let g =
        (diagonal[high] as number) -
        (diagonal[low] as number) +
        (beside[low] as number) / (gap + (gap >= 0 ? root : -root));
      let sine = 1;
      let cosine = 1;
      let shift = 0;
      let i = high - 1;
      for (; i >= low; i -= 1) {
        const f = sine * (beside[i] as number);
        const b = cosine * (beside[i] as number);
        const r = Math.hypot(f, g);
        beside[i + 1] = r;
        if (r === 0) {
          diagonal[i + 1] = (diagonal[i + 1] as number) - shift;
          beside[high] = 0;
          break;
        }
        sine = f / r;
        cosine = g / r;
        g = (diagonal[i + 1] as number) - shift;
        const h = ((diagonal[i] as number) - g) * sine + 2 * cosine * b;
        shift = sine * h;
        diagonal[i + 1] = g + shift;
        g = cosine * h - b;
        turn(vectors[i] as Float64Array, vectors[i + 1] as Float64Array, cosine, sine);
      }
      if (i >= low) continue;
      diagonal[low] = (diagonal[low] as number) - shift;
      beside[low] = g;
      beside[high] = 0;
    }
  }
}

function turn(a: Float64Array, b: Float64Array, cosine: number, sine: number): void {
  for (let k = 0; k < a.length; k += 1) {
    const x = a[k] as number;
    const y = b[k] as number;
    b[k] = sine * x + cosine * y;
    a[k] = cosine * x - sine * y;
  }
}
