import { show } from '../base/constraints.ts';
import { ParameterError } from '../base/errors.ts';
import type { Solver } from './engine.ts';

/** Settings of a solver, by name: `learningRate` for all of them, others as `SOLVERS` has them. */
export type SolverKwargs = Readonly<Record<string, number | boolean>>;

export type SolverName = Solver['name'];

/** Solvers with TensorFlow's settings, where it has any. */
const SOLVERS: Readonly<Record<SolverName, SolverKwargs>> = {
  adam: { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  sgd: { learningRate: 0.01, momentum: 0, nesterov: false },
  adagrad: { learningRate: 0.01, epsilon: 1e-7 },
  rmsprop: { learningRate: 0.001, decay: 0.9, epsilon: 1e-7 },
};

/** A solver with all of its settings. @throws ParameterError for settings that it does not have, or that are out of range */
export function solverOf(name: SolverName, kwargs: SolverKwargs | null, owner: string): Solver {
  const settings = SOLVERS[name];
  for (const [key, value] of Object.entries(kwargs ?? {})) {
    const known = settings[key];
    const below = key === 'learningRate' || key === 'epsilon' ? Number.POSITIVE_INFINITY : 1;
    const fits = typeof value === 'number' ? value >= 0 && value < below : typeof value === 'boolean';
    if (known !== undefined && typeof known === typeof value && fits) continue;
    throw new ParameterError(
      `The 'solverKwargs' parameter of ${owner} must have, for solver '${name}', some of ${Object.keys(settings).join(', ')}: numbers from 0, those that are shares below 1. Got ${key}: ${show(value)} instead.`,
    );
  }
  return { name, ...settings, ...kwargs } as Solver;
}
