import { MoreThuente } from './more-thuente.ts';

/** A function to be minimized: writes its gradient, returns its value. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface LbfgsOptions {
  readonly maxIter: number;
  /** Ends when no element of the gradient is larger. */
  readonly gtol: number;
  /** Ends when an iteration lowers the value by less than this share. scipy's default is 2.2e-9. */
  readonly ftol?: number;
  /** Pairs of steps and changes of the gradient that are kept. */
  readonly memory?: number;
  /** Evaluations of the function. */
  readonly maxFun?: number;
}

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  readonly iterations: number;
  readonly evaluations: number;
  readonly converged: boolean;
}

const EPSILON = 2 ** -52;
const LINE_SEARCH = { decrease: 1e-3, curvature: 0.9, narrow: 0.1, minStep: 0, maxStep: 1e10 };
const MAX_STEPS = 20;

/**
 * Limited-memory BFGS, iteration for iteration as scipy's L-BFGS-B without bounds: its scaling, line search, skipped
 * updates and tests of convergence. Sources: Liu and Nocedal, 1989; Zhu, Byrd, Lu and Nocedal, 1997.
 */
export function lbfgs(objective: Objective, start: Float64Array, options: LbfgsOptions): Minimum {
  const { maxIter, gtol, ftol = 2.220446049250313e-9, memory = 10, maxFun = 15_000 } = options;
  let x = start.slice();
  let gradient = new Float64Array(x.length);
  let value = objective(x, gradient);
  let evaluations = 1;
  let iterations = 0;
  let xNext = new Float64Array(x.length);
  let gradientNext = new Float64Array(x.length);
  const pairs = new Pairs(memory);
  const done = (converged: boolean): Minimum => ({ x, value, iterations, evaluations, converged });
  if (largest(gradient) <= gtol) return done(true);

  for (;;) {
    const direction = pairs.direction(gradient);
    const slope = dot(gradient, direction);
    const before = value;
    let found: { step: number; value: number; slope: number } | undefined;
    if (slope < 0) {
      const first = iterations === 0 ? Math.min(1 / Math.sqrt(dot(direction, direction)), 1e10) : 1;
      const search = new MoreThuente(first, value, slope, LINE_SEARCH);
      for (let tries = 0; tries < MAX_STEPS; tries += 1) {
        const { step } = search;
        for (let i = 0; i < x.length; i += 1) xNext[i] = (x[i] as number) + step * (direction[i] as number);
        const valueThere = objective(xNext, gradientNext);
        evaluations += 1;
        const slopeThere = dot(gradientNext, direction);
        if (search.next(valueThere, slopeThere)) continue;
        found = { step, value: valueThere, slope: slopeThere };
        break;
      }
    }
    if (found === undefined) {
      if (pairs.isEmpty) return done(false);
      pairs.clear();
      continue;
    }
    iterations += 1;
    const gradientBefore = gradient;
    value = found.value;
    [x, xNext] = [xNext, x];
    [gradient, gradientNext] = [gradientNext, gradient];
    if (iterations >= maxIter) return done(largest(gradient) <= gtol);
    if (evaluations > maxFun) return done(false);
    if (largest(gradient) <= gtol) return done(true);
    if (before - value <= ftol * Math.max(Math.abs(before), Math.abs(value), 1)) return done(true);

    const curvature = (found.slope - slope) * found.step;
    if (curvature > EPSILON * -slope * found.step) {
      const change = new Float64Array(x.length);
      for (let i = 0; i < x.length; i += 1) {
        change[i] = (gradient[i] as number) - (gradientBefore[i] as number);
        direction[i] = (direction[i] as number) * found.step;
      }
      pairs.add(direction, change, curvature);
    }
  }
}

/** The last steps and changes of the gradient, which stand for the inverse of the Hessian. */
class Pairs {
  private readonly steps: Float64Array[] = [];
  private readonly changes: Float64Array[] = [];
  private readonly curvatures: number[] = [];
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  get isEmpty(): boolean {
    return this.steps.length === 0;
  }

  clear(): void {
    this.steps.length = 0;
    this.changes.length = 0;
    this.curvatures.length = 0;
  }

  add(step: Float64Array, change: Float64Array, curvature: number): void {
    this.steps.push(step);
    this.changes.push(change);
    this.curvatures.push(curvature);
    if (this.steps.length <= this.limit) return;
    this.steps.shift();
    this.changes.shift();
    this.curvatures.shift();
  }

  /** The quasi-Newton direction, by two loops over the pairs. */
  direction(gradient: Float64Array): Float64Array {
    const { steps, changes, curvatures } = this;
    const way = gradient.map((each) => -each);
    const shares: number[] = [];
    for (let k = steps.length - 1; k >= 0; k -= 1) {
      const share = dot(steps[k] as Float64Array, way) / (curvatures[k] as number);
      shares[k] = share;
      addScaled(way, -share, changes[k] as Float64Array);
    }
    const last = changes.at(-1);
    if (last !== undefined) {
      const scale = (curvatures.at(-1) as number) / dot(last, last);
      for (let i = 0; i < way.length; i += 1) way[i] = (way[i] as number) * scale;
    }
    for (let k = 0; k < steps.length; k += 1) {
      const share = dot(changes[k] as Float64Array, way) / (curvatures[k] as number);
      addScaled(way, (shares[k] as number) - share, steps[k] as Float64Array);
    }
    return way;
  }
}

/** The sum of products. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** Adds a multiple of b to a. */
export function addScaled(a: Float64Array, factor: number, b: Float64Array): void {
  for (let i = 0; i < a.length; i += 1) a[i] = (a[i] as number) + factor * (b[i] as number);
}

function largest(values: Float64Array): number {
  let max = 0;
  for (let i = 0; i < values.length; i += 1) max = Math.max(max, Math.abs(values[i] as number));
  return max;
}
