import type { Kernels } from '../numerics/kernels.ts';
import type { Workspace } from '../numerics/workspace.ts';
import { MoreThuente } from './more-thuente.ts';

/** A function to be minimized: writes its gradient, returns its value. Both arrays are of the workspace. */
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
  /** An array of the workspace. */
  readonly x: Float64Array;
  readonly value: number;
  /** So is this. */
  readonly gradient: Float64Array;
  readonly iterations: number;
  readonly evaluations: number;
  readonly converged: boolean;
  /** Why it ended. */
  readonly reason: 'gradient' | 'value' | 'maxIter' | 'maxFun' | 'lineSearch';
  /** The approximate inverse of the Hessian, times a vector; as long as the workspace is open. */
  inverseTimes(v: Float64Array): Float64Array;
}

const EPSILON = 2 ** -52;
const LINE_SEARCH = { decrease: 1e-3, curvature: 0.9, narrow: 0.1, minStep: 0, maxStep: 1e10 };
const MAX_STEPS = 20;

/**
 * Limited-memory BFGS, iteration for iteration as scipy's L-BFGS-B without bounds: its scaling, line search, skipped
 * updates and tests of convergence. Sources: Liu and Nocedal, 1989; Zhu, Byrd, Lu and Nocedal, 1997.
 * @param start an array of the workspace, which is left as it is
 */
export function lbfgs(objective: Objective, start: Float64Array, space: Workspace, options: LbfgsOptions): Minimum {
  const { maxIter, gtol, ftol = 2.220446049250313e-9, memory = 10, maxFun = 15_000 } = options;
  const n = start.length;
  const { dot, axpy } = space.f64;
  let x = space.float64(n);
  x.set(start);
  let gradient = space.float64(n);
  let value = objective(x, gradient);
  let evaluations = 1;
  let iterations = 0;
  let xNext = space.float64(n);
  let gradientNext = space.float64(n);
  const direction = space.float64(n);
  const pairs = new Pairs(memory, n, space);
  const done = (reason: Minimum['reason']): Minimum => ({
    x,
    value,
    gradient,
    iterations,
    evaluations,
    converged: reason === 'gradient' || reason === 'value',
    reason,
    inverseTimes(v) {
      const [turned, way] = [space.float64(n), space.float64(n)];
      turned.set(v.map((each) => -each));
      pairs.direct(turned, way);
      return way;
    },
  });
  if (largest(gradient) <= gtol) return done('gradient');

  for (;;) {
    pairs.direct(gradient, direction);
    const slope = dot(n, gradient, direction);
    const before = value;
    let found: { step: number; value: number; slope: number } | undefined;
    if (slope < 0) {
      const first = iterations === 0 ? Math.min(1 / Math.sqrt(dot(n, direction, direction)), 1e10) : 1;
      const search = new MoreThuente(first, value, slope, LINE_SEARCH);
      for (let tries = 0; tries < MAX_STEPS; tries += 1) {
        const { step } = search;
        xNext.set(x);
        axpy(n, step, direction, xNext);
        const valueThere = objective(xNext, gradientNext);
        evaluations += 1;
        const slopeThere = dot(n, gradientNext, direction);
        if (search.next(valueThere, slopeThere)) continue;
        found = { step, value: valueThere, slope: slopeThere };
        break;
      }
    }
    if (found === undefined) {
      if (pairs.isEmpty) return done('lineSearch');
      pairs.clear();
      continue;
    }
    iterations += 1;
    const gradientBefore = gradient;
    value = found.value;
    [x, xNext] = [xNext, x];
    [gradient, gradientNext] = [gradientNext, gradient];
    if (iterations >= maxIter) return done(largest(gradient) <= gtol ? 'gradient' : 'maxIter');
    if (evaluations > maxFun) return done('maxFun');
    if (largest(gradient) <= gtol) return done('gradient');
    if (before - value <= ftol * Math.max(Math.abs(before), Math.abs(value), 1)) return done('value');

    const curvature = (found.slope - slope) * found.step;
    if (curvature > EPSILON * -slope * found.step) {
      pairs.add(direction, found.step, gradient, gradientBefore, curvature);
    }
  }
}

interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  curvature: number;
  share: number;
}

/** The last steps and changes of the gradient, which stand for the inverse of the Hessian. */
class Pairs {
  private readonly kernels: Kernels<Float64Array>;
  private readonly n: number;
  /** The oldest first. */
  private kept: Pair[] = [];
  private spare: Pair[];

  constructor(limit: number, n: number, space: Workspace) {
    this.kernels = space.f64;
    this.n = n;
    const make = (): Pair => ({ step: space.float64(n), change: space.float64(n), curvature: 0, share: 0 });
    this.spare = Array.from({ length: limit }, make);
  }

  get isEmpty(): boolean {
    return this.kept.length === 0;
  }

  clear(): void {
    this.spare.push(...this.kept);
    this.kept = [];
  }

  add(way: Float64Array, step: number, gradient: Float64Array, before: Float64Array, curvature: number): void {
    const { n } = this;
    const pair = this.spare.pop() ?? this.kept.shift();
    if (pair === undefined) return;
    pair.step.set(way);
    this.kernels.scale(n, step, pair.step);
    pair.change.set(gradient);
    this.kernels.axpy(n, -1, before, pair.change);
    pair.curvature = curvature;
    this.kept.push(pair);
  }

  /** The quasi-Newton direction, by two loops over the pairs. */
  direct(gradient: Float64Array, way: Float64Array): void {
    const { kept, n } = this;
    const { dot, axpy, scale } = this.kernels;
    way.set(gradient);
    scale(n, -1, way);
    for (const pair of kept.toReversed()) {
      pair.share = dot(n, pair.step, way) / pair.curvature;
      axpy(n, -pair.share, pair.change, way);
    }
    const last = kept.at(-1);
    if (last !== undefined) scale(n, last.curvature / dot(n, last.change, last.change), way);
    for (const pair of kept) {
      const share = dot(n, pair.change, way) / pair.curvature;
      axpy(n, pair.share - share, pair.step, way);
    }
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
