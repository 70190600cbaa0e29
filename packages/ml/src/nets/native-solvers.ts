import type { Kernels } from '../numerics/kernels.ts';
import type { Workspace } from '../numerics/workspace.ts';
import { type Solver, slotsOf } from './engine.ts';

/** Weights, and what the solver remembers of each. */
export interface Learning {
  readonly weights: Float32Array;
  readonly slots: readonly Float32Array[];
}

/** Rows of weights that a step is for: see `Kernels`. */
export interface StepRows {
  readonly count: number;
  readonly width: number;
  readonly index: Int32Array | null;
  readonly last: Int32Array | null;
}

/** Rows may not lag behind by more steps: so many of Adam's rates are kept. */
export const MOST_LAG = 1024;

/**
 * The steps of a solver.
 * Sources: Kingma and Ba 2015 with the epsilon of their section 2, as TensorFlow has it; Sutskever 2013 (momentum);
 * Duchi 2011 (Adagrad); Hinton's lecture 6e (RMSProp).
 */
export class NativeSolver {
  /** How many arrays of slots there are. */
  readonly slots: number;
  /** Whether weights change in a step in which their gradient is zero, or what is remembered of them does. */
  readonly drifts: 'weights' | 'slots' | 'nothing';
  private readonly solver: Solver;
  private readonly kernels: Kernels<Float32Array>;
  private readonly rates: Float32Array;

  constructor(solver: Solver, space: Workspace) {
    this.solver = solver;
    this.kernels = space.f32;
    this.slots = slotsOf(solver);
    this.rates = space.float32(2 * MOST_LAG);
    this.drifts = driftOf(solver);
  }

  /** Begins a step, which counts from 1. */
  begin(step: number): void {
    if (this.solver.name === 'adam') this.rates[step % this.rates.length] = adamRate(this.solver, step);
  }

  /** Moves rows by their gradient; without one, brings them up to the step. */
  move({ count, width, index, last }: StepRows, step: number, learning: Learning, gradient: Float32Array | null): void {
    const { solver, kernels } = this;
    const { weights, slots } = learning;
    const [first, second] = slots as [Float32Array, Float32Array];
    switch (solver.name) {
      case 'sgd': {
        const { learningRate, momentum, nesterov } = solver;
        if (momentum > 0)
          kernels.momentum(count, width, index, last, step, weights, first, gradient, learningRate, momentum, nesterov);
        else if (gradient !== null) kernels.sgd(count, width, index, weights, gradient, learningRate);
        return;
      }
      case 'adam': {
        const { beta1, beta2, epsilon } = solver;
        const mask = this.rates.length - 1;
        kernels.adam(
          count,
          width,
          index,
          last,
          step,
          weights,
          first,
          second,
          gradient,
          this.rates,
          mask,
          beta1,
          beta2,
          epsilon,
        );
        return;
      }
      case 'adagrad': {
        const { learningRate, epsilon } = solver;
        if (gradient !== null) kernels.adagrad(count, width, index, weights, first, gradient, learningRate, epsilon);
        return;
      }
      case 'rmsprop': {
        const { learningRate, decay, epsilon } = solver;
        kernels.rmsprop(count, width, index, last, step, weights, first, gradient, learningRate, decay, epsilon);
      }
    }
  }
}

function driftOf(solver: Solver): NativeSolver['drifts'] {
  switch (solver.name) {
    case 'adam':
      return 'weights';
    case 'sgd':
      return solver.momentum > 0 ? 'weights' : 'nothing';
    case 'rmsprop':
      return 'slots';
    case 'adagrad':
      return 'nothing';
  }
}

/** Adam's learning rate at a step, which counts from 1: both means are corrected by it for their start at zero. */
export function adamRate(solver: Solver & { name: 'adam' }, step: number): number {
  return (solver.learningRate * Math.sqrt(1 - solver.beta2 ** step)) / (1 - solver.beta1 ** step);
}
