import type { Matrix } from '../data/features.ts';
import { type Rows, take } from '../data/take.ts';
import { type Kernel, KernelRows } from './kernel.ts';
import { type ClassStarts, OwnClassRows, PairRows } from './pair-rows.ts';
import { type SmoOptions, type SmoSolution, smo } from './smo.ts';

/** What one machine for each pair of classes learned: pairs (0, 1), (0, 2), ..., (1, 2), ... */
export interface SvcFit {
  /** Rows that are a support vector in some pair, by class and then by position. */
  readonly support: Int32Array;
  readonly perClass: Int32Array;
  /**
   * (Classes - 1) x support vectors: what a support vector counts in its pairs with the other classes, in their order;
   * above zero on the side of the pair's first class.
   */
  readonly coefficients: Float64Array;
  readonly intercepts: Float64Array;
  readonly iterations: Int32Array;
  readonly converged: boolean;
}

/** Fits a machine for each pair of classes. Rows whose cost is zero are not there. */
export function fitPairs(
  X: Matrix,
  codes: Int32Array,
  classes: number,
  costs: Float64Array,
  kernel: Kernel,
  options: SmoOptions & { readonly cacheSize: number },
): SvcFit {
  const byClass = Array.from({ length: classes }, (): number[] => []);
  for (const [row, k] of codes.entries()) if ((costs[row] as number) > 0) (byClass[k] as number[]).push(row);
  const starts: number[] = [0];
  for (const rows of byClass) starts.push((starts.at(-1) as number) + rows.length);
  const order = Int32Array.from(byClass.flat());
  const sorted = take(X as Rows, order) as Matrix;
  const kernels = new KernelRows(kernel, sorted, sorted);
  const bytes = options.cacheSize * 2 ** 20;
  const own = new OwnClassRows(kernels, starts, classes > 2 ? bytes / 2 : 0);
  const scratch = new Float64Array(1);
  const diagonal = Float64Array.from(order, (_, place) => kernels.own(place, scratch));
  const pairs: { readonly rows: PairRows; readonly solution: SmoSolution }[] = [];
  for (let a = 0; a < classes; a += 1) {
    for (let b = a + 1; b < classes; b += 1) {
      const rows = new PairRows(kernels, own, starts, [a, b], classes > 2 ? bytes / 2 : bytes);
      const here = Int32Array.from({ length: rows.rows }, (_, t) => rows.place(t));
      const problem = {
        rows: rows.rows,
        first: rows.first,
        costs: Float64Array.from(here, (place) => costs[order[place] as number] as number),
        diagonal: Float64Array.from(here, (place) => diagonal[place] as number),
        row: (t: number) => rows.row(t),
      };
      pairs.push({ rows, solution: smo(problem, options) });
    }
  }
  return gathered(pairs, order, starts, classes);
}

function gathered(
  pairs: readonly { readonly rows: PairRows; readonly solution: SmoSolution }[],
  order: Int32Array,
  starts: ClassStarts,
  classes: number,
): SvcFit {
  const all = order.length;
  const full = new Float64Array((classes - 1) * all);
  const isSupport = new Uint8Array(all);
  let pair = 0;
  for (let a = 0; a < classes; a += 1) {
    for (let b = a + 1; b < classes; b += 1, pair += 1) {
      const { rows, solution } = pairs[pair] as (typeof pairs)[number];
      for (const [t, coefficient] of solution.coefficients.entries()) {
        if (coefficient === 0) continue;
        const place = rows.place(t);
        isSupport[place] = 1;
        full[(t < rows.first ? b - 1 : a) * all + place] = coefficient;
      }
    }
  }
  const places = Int32Array.from(isSupport.keys()).filter((place) => isSupport[place] === 1);
  const coefficients = new Float64Array((classes - 1) * places.length);
  for (let k = 0; k + 1 < classes; k += 1) {
    for (const [at, place] of places.entries()) coefficients[k * places.length + at] = full[k * all + place] as number;
  }
  return {
    support: places.map((place) => order[place] as number),
    perClass: Int32Array.from({ length: classes }, (_, k) => {
      const [from, to] = [starts[k] as number, starts[k + 1] as number];
      return isSupport.subarray(from, to).reduce((sum, each) => sum + each, 0);
    }),
    coefficients,
    intercepts: Float64Array.from(pairs, ({ solution }) => solution.intercept),
    iterations: Int32Array.from(pairs, ({ solution }) => solution.iterations),
    converged: pairs.every(({ solution }) => solution.converged),
  };
}
