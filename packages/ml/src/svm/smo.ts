/** A problem of two classes, as the solver sees it. */
export interface SmoProblem {
  readonly rows: number;
  /** Rows of the first class come first. */
  readonly first: number;
  /** The largest multiplier of each row. */
  readonly costs: Float64Array;
  /** Kernels of each row with itself. */
  readonly diagonal: Float64Array;
  /** Kernels of a row with all rows; those of the two calls before it must stay as they were. */
  row(t: number): Float64Array;
}

export interface SmoOptions {
  readonly tol: number;
  readonly shrinking: boolean;
  /** Iterations; -1 for as many as it takes, up to ten million and 100 a row. */
  readonly maxIter: number;
}

/** Decision of a row x: the sum of `coefficients[t]` times the kernel of t and x, and the intercept; above zero for the first class. */
export interface SmoSolution {
  readonly coefficients: Float64Array;
  readonly intercept: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Stands for curvatures that are not above zero, which some kernels have. */
const FLAT = 1e-12;

/**
 * The dual of a support vector machine with two classes, by sequential minimal optimization: pairs of multipliers, the
 * second chosen with second-order information, and rows that are likely to stay at their bounds left out meanwhile.
 * Sources: Platt, 1998; Fan, Chen and Lin, 2005 (working set WSS 2); Chang and Lin, 2011 (LIBSVM: stopping, shrinking).
 *
 * Signed multipliers `b` are from `low` to `high`, and `v` is the target minus the decision without its intercept: rows
 * that can rise have no larger v than rows that can fall when it is solved.
 */
export function smo(problem: SmoProblem, { tol, shrinking, maxIter }: SmoOptions): SmoSolution {
  const { rows, first, costs, diagonal } = problem;
  const b = new Float64Array(rows);
  const v = Float64Array.from({ length: rows }, (_, t) => (t < first ? 1 : -1));
  const low = costs.map((cost, t) => (t < first ? 0 : -cost));
  const high = costs.map((cost, t) => (t < first ? cost : 0));
  const limit = maxIter < 0 ? Math.max(1e7, 100 * rows) : maxIter;
  const period = Math.min(rows, 1000);
  /** Rows that take part, of all. */
  const active = Int32Array.from({ length: rows }, (_, t) => t);
  /** Whether a row's multiplier can rise, and whether it can fall. */
  const canRise = Uint8Array.from(b, (value, t) => (value < (high[t] as number) ? 1 : 0));
  const canFall = Uint8Array.from(b, (value, t) => (value > (low[t] as number) ? 1 : 0));
  let count = rows;
  let wasNear = false;
  let iterations = 0;
  let left = period;

  /** The largest v of rows that can rise, and the smallest of rows that can fall. */
  const gap = (): [rising: number, falling: number] => {
    let rising = Number.NEGATIVE_INFINITY;
    let falling = Number.POSITIVE_INFINITY;
    for (let k = 0; k < count; k += 1) {
      const t = active[k] as number;
      const value = v[t] as number;
      if (value > rising && canRise[t] === 1) rising = value;
      if (value < falling && canFall[t] === 1) falling = value;
    }
    return [rising, falling];
  };

  /** Makes v of rows that were left out right again, and takes them in. */
  const restore = (): void => {
    if (count === rows) return;
    const out = active.subarray(count);
    for (const t of out) v[t] = t < first ? 1 : -1;
    for (let s = 0; s < rows; s += 1) {
      const factor = b[s] as number;
      if (factor === 0) continue;
      const row = problem.row(s);
      for (const t of out) v[t] = (v[t] as number) - factor * (row[t] as number);
    }
    count = rows;
  };

  const shrink = (): void => {
    const [rising, falling] = gap();
    if (!wasNear && rising - falling <= tol * 10) {
      wasNear = true;
      restore();
    }
    for (let k = 0; k < count; ) {
      const t = active[k] as number;
      const value = v[t] as number;
      const isStuck = (canRise[t] === 0 && value > rising) || (canFall[t] === 0 && value < falling);
      if (isStuck) {
        count -= 1;
        active[k] = active[count] as number;
        active[count] = t;
      } else k += 1;
    }
  };

  let converged = false;
  /** The row that can rise with the largest v, and that v. */
  let i = -1;
  let rising = Number.NEGATIVE_INFINITY;
  const findRising = (): void => {
    i = -1;
    rising = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < count; k += 1) {
      const t = active[k] as number;
      if ((v[t] as number) <= rising || canRise[t] === 0) continue;
      rising = v[t] as number;
      i = t;
    }
  };
  findRising();
  while (iterations < limit) {
    left -= 1;
    if (left === 0) {
      left = period;
      if (shrinking) shrink();
      findRising();
    }
    let j = -1;
    let falling = Number.POSITIVE_INFINITY;
    let best = 0;
    const rowI = i < 0 ? v : problem.row(i);
    const own = diagonal[i] as number;
    for (let k = 0; k < count && i >= 0; k += 1) {
      const t = active[k] as number;
      if (canFall[t] === 0) continue;
      const value = v[t] as number;
      if (value < falling) falling = value;
      const difference = rising - value;
      if (difference <= 0) continue;
      const curvature = own + (diagonal[t] as number) - 2 * (rowI[t] as number);
      const gain = (difference * difference) / (curvature > 0 ? curvature : FLAT);
      if (gain >= best) {
        best = gain;
        j = t;
      }
    }
    if (j < 0 || rising - falling < tol) {
      if (count === rows) {
        converged = true;
        break;
      }
      restore();
      left = 1; // look at all rows once, and shrink again if they are not solved
      const [up, down] = gap();
      if (up - down < tol) {
        converged = true;
        break;
      }
      findRising();
      continue;
    }
    iterations += 1;
    const curvature = own + (diagonal[j] as number) - 2 * (rowI[j] as number);
    const wanted = (rising - (v[j] as number)) / (curvature > 0 ? curvature : FLAT);
    const room = Math.min((high[i] as number) - (b[i] as number), (b[j] as number) - (low[j] as number));
    const step = Math.min(wanted, room);
    // At a bound exactly, so that rows there are known to be there.
    b[i] = step >= (high[i] as number) - (b[i] as number) ? (high[i] as number) : (b[i] as number) + step;
    b[j] = step >= (b[j] as number) - (low[j] as number) ? (low[j] as number) : (b[j] as number) - step;
    for (const t of [i, j]) {
      canRise[t] = (b[t] as number) < (high[t] as number) ? 1 : 0;
      canFall[t] = (b[t] as number) > (low[t] as number) ? 1 : 0;
    }
    const rowJ = problem.row(j);
    i = -1;
    rising = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < count; k += 1) {
      const t = active[k] as number;
      const value = (v[t] as number) - step * ((rowI[t] as number) - (rowJ[t] as number));
      v[t] = value;
      if (value <= rising || canRise[t] === 0) continue;
      rising = value;
      i = t;
    }
  }
  restore();
  return { coefficients: b, intercept: interceptOf(b, v, low, high, gap()), iterations, converged };
}

/** The mean of v where rows are at no bound; the middle of what bounds leave where there are none. */
function interceptOf(
  b: Float64Array,
  v: Float64Array,
  low: Float64Array,
  high: Float64Array,
  [rising, falling]: readonly [number, number],
): number {
  let sum = 0;
  let free = 0;
  for (let t = 0; t < b.length; t += 1) {
    if ((b[t] as number) <= (low[t] as number) || (b[t] as number) >= (high[t] as number)) continue;
    sum += v[t] as number;
    free += 1;
  }
  return free > 0 ? sum / free : (rising + falling) / 2;
}
