import { show } from '../base/constraints.ts';
import { InputError, ParameterError } from '../base/errors.ts';
import type { DenseMatrix } from '../data/features.ts';
import { openWorkspace } from '../numerics/workspace.ts';
import { bfgs } from './bfgs.ts';
import { forwardDifferences } from './finite-differences.ts';
import { lbfgs, type Objective } from './lbfgs.ts';
import { nelderMead } from './nelder-mead.ts';

export interface MinimizeOptions {
  readonly method?: 'bfgs' | 'l-bfgs' | 'nelder-mead';
  /**
   * A function that gives the gradient; or true where `f` gives the value and the gradient, as `valueAndGrad` does.
   * Without it, differences to points beside are taken: an evaluation for each element of x. `'nelder-mead'` asks for none.
   */
  readonly gradient?: true | ((x: Float64Array) => ArrayLike<number>);
  /** 200 times the elements of x; 15,000 for `'l-bfgs'`. */
  readonly maxIter?: number;
  /** Evaluations of the function: for `'l-bfgs'` 15,000, for `'nelder-mead'` 200 times the elements of x. */
  readonly maxFun?: number;
  /** Ends when no element of the gradient is larger: 1e-5. */
  readonly gtol?: number;
  /** `'l-bfgs'`: ends when an iteration lowers the value by less than this share: 2.2e-9. */
  readonly ftol?: number;
  /** `'l-bfgs'`: steps that are kept: 10. */
  readonly memory?: number;
  /** `'nelder-mead'`: ends when corners are nearer to each other than this, 1e-4, */
  readonly xatol?: number;
  /** and their values too: 1e-4. */
  readonly fatol?: number;
}

/** What was found, with the fields of scipy's OptimizeResult. */
export interface MinimizeResult {
  readonly x: Float64Array;
  /** The value there. */
  readonly fun: number;
  /** The gradient there; none for `'nelder-mead'`. */
  readonly jac?: Float64Array;
  /** Iterations. */
  readonly nit: number;
  /** Evaluations of the function, those for differences too. */
  readonly nfev: number;
  /** Evaluations of the gradient; none for `'nelder-mead'`. */
  readonly njev?: number;
  readonly success: boolean;
  /** 0: converged, 1: out of iterations or evaluations, 2: no step lowers the value any more. */
  readonly status: number;
  readonly message: string;
  /** `'bfgs'`: the approximate inverse of the Hessian. */
  readonly hessInv?: DenseMatrix;
  /** `'l-bfgs'`: the approximate inverse of the Hessian times a vector, which is all that is kept of it. */
  readonly hessInvTimes?: (v: Float64Array) => Float64Array;
  /** `'nelder-mead'`: corners and their values, the best first. */
  readonly finalSimplex?: readonly [corners: Float64Array[], values: Float64Array];
}

const ENDS = {
  gradient: [0, 'Optimization terminated successfully: the gradient is below gtol.'],
  value: [0, 'Optimization terminated successfully: the value falls by less than ftol.'],
  converged: [0, 'Optimization terminated successfully: the simplex is smaller than xatol and fatol.'],
  maxIter: [1, 'Maximum number of iterations has been exceeded.'],
  maxFun: [1, 'Maximum number of function evaluations has been exceeded.'],
  lineSearch: [2, 'Desired error not necessarily achieved due to precision loss: no step lowers the value.'],
} as const;

/**
 * Minimizes a function of several numbers, as scipy's `minimize` with its defaults: BFGS, L-BFGS, Nelder-Mead.
 * @throws InputError for a start that is empty or not finite, and gradients of another length; ParameterError for another method
 * @example
 * const f = (x: Value) => add(pow(sub(x.at(0), 1), 2), pow(x.at(1), 2));
 * minimize(trace(valueAndGrad(f)), [5, 5], { method: 'l-bfgs', gradient: true }).x; // near [1, 0]
 */
export function minimize(
  f: (x: Float64Array) => number | readonly [number, ArrayLike<number>],
  x0: ArrayLike<number>,
  options: MinimizeOptions = {},
): MinimizeResult {
  const start = Float64Array.from(x0);
  if (start.length === 0 || !start.every(Number.isFinite))
    throw new InputError(`minimize starts from one finite number or more. Got ${show(Array.from(x0))}.`);
  const { method = 'bfgs', maxIter, gtol = 1e-5 } = options;
  const counted = new Counted(f, options.gradient);
  switch (method) {
    case 'nelder-mead': {
      const { maxFun = 200 * start.length, xatol = 1e-4, fatol = 1e-4 } = options;
      const limits = { maxIter: maxIter ?? 200 * start.length, maxFun, xatol, fatol };
      const { corners, iterations, reason } = nelderMead((x) => counted.value(x), start, limits);
      const { x, value } = corners[0] as (typeof corners)[number];
      const values = Float64Array.from(corners, (each) => each.value);
      const simplex = [corners.map((each) => each.x), values] as const;
      return { x, fun: value, nit: iterations, nfev: counted.nfev, ...ended(reason), finalSimplex: simplex };
    }
    case 'bfgs': {
      const found = bfgs(counted.objective, start, { maxIter: maxIter ?? 200 * start.length, gtol });
      const hessInv = { data: found.inverse, rows: start.length, cols: start.length };
      return { ...counted.result(found), hessInv };
    }
    case 'l-bfgs': {
      const { maxFun = 15_000, ftol = 2.220446049250313e-9, memory = 10 } = options;
      const space = openWorkspace({ plain: true }); // its arrays are ordinary ones, and outlast it
      const limits = { maxIter: maxIter ?? 15_000, maxFun, gtol, ftol, memory };
      const found = lbfgs(counted.objective, start, space, limits);
      return { ...counted.result(found), hessInvTimes: found.inverseTimes };
    }
    default:
      throw new ParameterError(`minimize: method is one of bfgs, l-bfgs, nelder-mead. Got ${show(method)}.`);
  }
}

function ended(reason: keyof typeof ENDS): Pick<MinimizeResult, 'success' | 'status' | 'message'> {
  const [status, message] = ENDS[reason];
  return { success: status === 0, status, message };
}

/** A function with its gradient, and how often they were evaluated. */
class Counted {
  nfev = 0;
  njev = 0;
  private readonly f: Parameters<typeof minimize>[0];
  private readonly gradient: MinimizeOptions['gradient'];

  constructor(f: Parameters<typeof minimize>[0], gradient: MinimizeOptions['gradient']) {
    this.f = f;
    this.gradient = gradient;
  }

  value(x: Float64Array): number {
    this.nfev += 1;
    const answer = this.f(x.slice());
    return typeof answer === 'number' ? answer : answer[0];
  }

  readonly objective: Objective = (x, out) => {
    this.njev += 1;
    if (this.gradient === true) {
      this.nfev += 1;
      const answer = this.f(x.slice());
      if (typeof answer === 'number')
        throw new InputError('minimize with gradient: true takes a function that gives [value, gradient].');
      return this.keep(answer[1], out, answer[0]);
    }
    const value = this.value(x);
    const gradient = this.gradient?.(x.slice()) ?? forwardDifferences((each) => this.value(each), x, value);
    return this.keep(gradient, out, value);
  };

  result(found: {
    readonly x: Float64Array;
    readonly value: number;
    readonly gradient: Float64Array;
    readonly iterations: number;
    readonly reason: keyof typeof ENDS;
  }): MinimizeResult {
    const { x, value, gradient, iterations, reason } = found;
    const counts = { nit: iterations, nfev: this.nfev, njev: this.njev };
    return { x, fun: value, jac: gradient, ...counts, ...ended(reason) };
  }

  private keep(gradient: ArrayLike<number>, out: Float64Array, value: number): number {
    if (gradient.length !== out.length)
      throw new InputError(`the gradient of ${out.length} numbers has as many. Got ${gradient.length}.`);
    out.set(gradient);
    return value;
  }
}
