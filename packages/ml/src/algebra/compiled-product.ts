import { openWorkspace, type Workspace } from '../numerics/workspace.ts';
import type { ProductSizes } from './matrix-products.ts';

/** Below so many multiplications, and below so many of each number that is copied, the way to WebAssembly costs more. */
const LEAST = 2 ** 14;
const LEAST_EACH = 2;
/** About how many numbers of the first matrix are copied at a time, and in how many rows of it at least. */
const BLOCK = 2 ** 17;
const LEAST_ROWS = 256;

/** The product by WebAssembly, where there is some and the product is large enough; else false, and nothing is done. */
export function multiplyCompiled(a: Float64Array, b: Float64Array, out: Float64Array, sizes: ProductSizes): boolean {
  const { rows, inner, cols, turnA = false, turnB = false } = sizes;
  const count = rows * inner * cols;
  const numbers = rows * inner + inner * cols + rows * cols;
  if (count < LEAST || count < LEAST_EACH * numbers || (turnA && turnB)) return false;
  const step = Math.max(LEAST_ROWS, Math.floor(BLOCK / (turnA ? rows : inner)));
  const space = openWorkspace({ bytes: 8 * numbers });
  try {
    if (space.kernels === 'plain') return false;
    if (turnA) addSlices(space, a, b, out, sizes, step);
    else putRows(space, a, b, out, sizes, step);
    return true;
  } finally {
    space.close();
  }
}

/** Some rows of the result after the other. */
function putRows(
  space: Workspace,
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
  { rows, inner, cols, turnB }: ProductSizes,
  step: number,
): void {
  const right = space.copied(b);
  for (let from = 0; from < rows; from += step) {
    const to = Math.min(from + step, rows);
    space.during(() => {
      const [start, end] = [from * inner, to * inner];
      const left = a === b ? right.subarray(start, end) : space.copied(a.subarray(start, end));
      const part = space.float64((to - from) * cols);
      space.f64[turnB ? 'gemmNT' : 'gemmNN'](to - from, cols, inner, left, right, part, false);
      out.set(part, from * cols);
    });
  }
}

/** Some terms of all sums after the other: of a turned first matrix these are rows. */
function addSlices(
  space: Workspace,
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
  { rows, inner, cols }: ProductSizes,
  step: number,
): void {
  const sums = space.float64(rows * cols);
  for (let from = 0; from < inner; from += step) {
    const to = Math.min(from + step, inner);
    space.during(() => {
      const left = space.copied(a.subarray(from * rows, to * rows));
      const right = a === b ? left : space.copied(b.subarray(from * cols, to * cols));
      space.f64.gemmTN(rows, cols, to - from, left, right, sums, true);
    });
  }
  out.set(sums);
}
