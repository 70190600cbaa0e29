import type { Solver } from './engine.ts';

/**
 * Moves weights by a gradient. `step` counts from 1; `slots` are those of these weights.
 * Sources: Kingma and Ba 2015 with the epsilon of their section 2, as TensorFlow has it; Sutskever 2013 (momentum);
 * Duchi 2011 (Adagrad); Hinton's lecture 6e (RMSProp).
 */
export function update(
  solver: Solver,
  step: number,
  weights: Float32Array,
  gradient: Float32Array,
  slots: readonly Float32Array[],
): void {
  const [first, second] = slots as [Float32Array, Float32Array];
  const { length } = weights;
  switch (solver.name) {
    case 'sgd': {
      const { learningRate, momentum, nesterov } = solver;
      for (let i = 0; i < length; i += 1) {
        const g = gradient[i] as number;
        if (momentum > 0) first[i] = momentum * (first[i] as number) + g;
        const way = momentum === 0 ? g : nesterov ? g + momentum * (first[i] as number) : (first[i] as number);
        weights[i] = (weights[i] as number) - learningRate * way;
      }
      return;
    }
    case 'adam': {
      const { beta1, beta2, epsilon } = solver;
      const rate = adamRate(solver, step);
      for (let i = 0; i < length; i += 1) {
        const g = gradient[i] as number;
        const mean = beta1 * (first[i] as number) + (1 - beta1) * g;
        const square = beta2 * (second[i] as number) + (1 - beta2) * g * g;
        first[i] = mean;
        second[i] = square;
        weights[i] = (weights[i] as number) - (rate * mean) / (Math.sqrt(square) + epsilon);
      }
      return;
    }
    case 'adagrad':
    case 'rmsprop': {
      const { learningRate, epsilon } = solver;
      const [keep, add] = solver.name === 'adagrad' ? [1, 1] : [solver.decay, 1 - solver.decay];
      for (let i = 0; i < length; i += 1) {
        const g = gradient[i] as number;
        const square = keep * (first[i] as number) + add * g * g;
        first[i] = square;
        weights[i] = (weights[i] as number) - (learningRate * g) / (Math.sqrt(square) + epsilon);
      }
    }
  }
}

/** Adam's learning rate at a step, which counts from 1: both means are corrected by it for their start at zero. */
export function adamRate(solver: Solver & { name: 'adam' }, step: number): number {
  return (solver.learningRate * Math.sqrt(1 - solver.beta2 ** step)) / (1 - solver.beta1 ** step);
}
