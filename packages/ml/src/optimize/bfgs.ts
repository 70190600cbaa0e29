import { dot, type Objective } from './lbfgs.ts';
import { MoreThuente } from './more-thuente.ts';

export interface BfgsOptions {
  readonly maxIter: number;
  /** Ends when no element of the gradient is larger. */
  readonly gtol: number;
}

export interface BfgsMinimum {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
  /** The approximate inverse of the Hessian, row after row. */
  readonly inverse: Float64Array;
  readonly iterations: number;
  readonly reason: 'gradient' | 'maxIter' | 'lineSearch';
}

const LINE_SEARCH = { decrease: 1e-4, curvature: 0.9, narrow: 1e-14, minStep: 1e-100, maxStep: 1e100 };
const MAX_STEPS = 100;

/**
 * BFGS with the line search of Moré and Thuente, with scipy's first steps and end.
 * Source: Nocedal and Wright, Numerical Optimization, 2006, chapter 6.
 */
export function bfgs(objective: Objective, start: Float64Array, { maxIter, gtol }: BfgsOptions): BfgsMinimum {
  const size = start.length;
  let x = start.slice();
  let gradient = new Float64Array(size);
  let value = objective(x, gradient);
  let before = value + Math.sqrt(dot(gradient, gradient)) / 2;
  const inverse = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) inverse[i * size + i] = 1;
  let iterations = 0;
  const done = (reason: BfgsMinimum['reason']): BfgsMinimum => ({ x, value, gradient, inverse, iterations, reason });

  while (!gradient.every((each) => Math.abs(each) <= gtol)) {
    if (iterations >= maxIter) return done('maxIter');
    const direction = times(inverse, gradient).map((each) => -each);
    const slope = dot(gradient, direction);
    const guess = (2.02 * (value - before)) / slope;
    let search = new MoreThuente(guess > 0 ? Math.min(1, guess) : 1, value, slope, LINE_SEARCH);
    const next = new Float64Array(size);
    const gradientNext = new Float64Array(size);
    let step = 0;
    let valueNext = value;
    let slopeNext = slope;
    for (let tries = 0; tries < MAX_STEPS; tries += 1) {
      step = search.step;
      for (let i = 0; i < size; i += 1) next[i] = (x[i] as number) + step * (direction[i] as number);
      valueNext = objective(next, gradientNext);
      slopeNext = dot(gradientNext, direction);
      if (!Number.isFinite(valueNext) || !Number.isFinite(slopeNext)) {
        // outside of where the function is defined: nearer, and never there again
        search = new MoreThuente(step / 10, value, slope, { ...LINE_SEARCH, maxStep: step / 2 });
      } else if (!search.next(valueNext, slopeNext)) break;
    }
    const isFlatter = valueNext === value && Math.abs(slopeNext) < Math.abs(slope);
    if (!(valueNext < value || isFlatter)) return done('lineSearch');
    iterations += 1;
    const change = gradientNext.map((each, i) => each - (gradient[i] as number));
    update(
      inverse,
      direction.map((each) => each * step),
      change,
    );
    before = value;
    [x, value, gradient] = [next, valueNext, gradientNext];
  }
  return done('gradient');
}

/** The inverse after a step and its change of the gradient, in place. */
function update(inverse: Float64Array, step: Float64Array, change: Float64Array): void {
  const size = step.length;
  const along = dot(change, step);
  const rho = along === 0 ? 1000 : 1 / along;
  const bent = times(inverse, change);
  const own = rho * (1 + rho * dot(change, bent));
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j < size; j += 1) {
      const [a, b] = [step[i] as number, step[j] as number];
      const crossed = (bent[i] as number) * b + a * (bent[j] as number);
      inverse[i * size + j] = (inverse[i * size + j] as number) + own * a * b - rho * crossed;
    }
  }
}

function times(matrix: Float64Array, v: Float64Array): Float64Array {
  return v.map((_, i) => dot(matrix.subarray(i * v.length, (i + 1) * v.length), v));
}
