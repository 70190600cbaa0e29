import { addScaled, dot } from './lbfgs.ts';

/** A function with its derivatives. `hessianTimes` is at the point of the last `gradient`. */
export interface SmoothFunction {
  /** The value at w. */
  value(w: Float64Array): number;
  /** The gradient at the point of the last `value`. */
  gradient(w: Float64Array, out: Float64Array): void;
  hessianTimes(v: Float64Array, out: Float64Array): void;
}

/** Result of a minimization by Newton steps. */
export interface NewtonMinimum {
  readonly w: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
}

/**
 * Trust region Newton steps by conjugate gradients, from zero, until the gradient has shrunk to `tolerance` times
 * what it was: the method of liblinear for L2-regularized logistic regression.
 * Source: Lin, Weng and Keerthi, Trust region Newton method for large-scale logistic regression, JMLR 9, 2008.
 */
export function trustRegionNewton(fn: SmoothFunction, size: number, tolerance: number, maxIter: number): NewtonMinimum {
  let w = new Float64Array(size);
  const gradient = new Float64Array(size);
  let value = fn.value(w);
  fn.gradient(w, gradient);
  let radius = norm(gradient);
  const target = tolerance * radius;
  let converged = radius <= target;
  let iterations = 0;
  while (iterations < maxIter && !converged) {
    const { step, residual } = conjugateGradients(fn, gradient, radius);
    const next = w.slice();
    addScaled(next, 1, step);
    const slope = dot(gradient, step);
    const predicted = -0.5 * (slope - dot(step, residual));
    const valueNext = fn.value(next);
    const actual = value - valueNext;
    const length = norm(step);
    if (iterations === 0) radius = Math.min(radius, length);
    radius = resized(radius, length, actual, predicted, slope);
    if (actual > 1e-4 * predicted) {
      iterations += 1;
      w = next;
      value = valueNext;
      fn.gradient(w, gradient);
      converged = norm(gradient) <= target;
    }
    const isFlat = Math.abs(actual) <= 1e-12 * Math.abs(value) && Math.abs(predicted) <= 1e-12 * Math.abs(value);
    if (value < -1e32 || Number.isNaN(actual) || isFlat || (Math.abs(actual) <= 0 && predicted <= 0)) break;
  }
  return { w, iterations, converged };
}

/** The radius after a step that did `actual` where `predicted` was expected. */
function resized(radius: number, length: number, actual: number, predicted: number, slope: number): number {
  const bend = -actual - slope;
  const share = bend <= 0 ? 4 : Math.max(0.25, -0.5 * (slope / bend));
  if (actual < 1e-4 * predicted) return Math.min(Math.max(share, 0.25) * length, 0.5 * radius);
  if (actual < 0.25 * predicted) return Math.max(0.25 * radius, Math.min(share * length, 0.5 * radius));
  if (actual < 0.75 * predicted) return Math.max(0.25 * radius, Math.min(share * length, 4 * radius));
  return Math.max(radius, Math.min(share * length, 4 * radius));
}

/** A step that roughly solves the Newton equations within the radius, and what is left of them. */
function conjugateGradients(
  fn: SmoothFunction,
  gradient: Float64Array,
  radius: number,
): { readonly step: Float64Array; readonly residual: Float64Array } {
  const step = new Float64Array(gradient.length);
  const residual = gradient.map((each) => -each);
  const way = residual.slice();
  const curved = new Float64Array(gradient.length);
  const target = 0.1 * norm(gradient);
  let square = dot(residual, residual);
  while (norm(residual) > target) {
    fn.hessianTimes(way, curved);
    let share = square / dot(way, curved);
    addScaled(step, share, way);
    if (norm(step) > radius) {
      addScaled(step, -share, way);
      share = toBoundary(step, way, radius);
      addScaled(step, share, way);
      addScaled(residual, -share, curved);
      break;
    }
    addScaled(residual, -share, curved);
    const squareNext = dot(residual, residual);
    const keep = squareNext / square;
    for (let i = 0; i < way.length; i += 1) way[i] = keep * (way[i] as number) + (residual[i] as number);
    square = squareNext;
  }
  return { step, residual };
}

/** How far along `way` the boundary of the region is. */
function toBoundary(step: Float64Array, way: Float64Array, radius: number): number {
  const along = dot(step, way);
  const free = radius * radius - dot(step, step);
  const wayWay = dot(way, way);
  const root = Math.sqrt(along * along + wayWay * free);
  return along >= 0 ? free / (along + root) : (root - along) / wayWay;
}

function norm(values: Float64Array): number {
  return Math.sqrt(dot(values, values));
}
