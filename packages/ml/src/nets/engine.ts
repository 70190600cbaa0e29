import type { Matrix } from '../data/features.ts';

/** What a hidden layer makes of its sums. */
export type Activation = 'relu' | 'tanh' | 'sigmoid' | 'identity';

/**
 * What the outputs are, and with that the loss of a row: `'softmax'` shares of classes and their cross-entropy,
 * `'sigmoid'` a probability an output and the sum of their cross-entropies, `'identity'` numbers and the sum of their
 * squared errors.
 */
export type OutputKind = 'softmax' | 'sigmoid' | 'identity';

/** How weights follow gradients, with all settings. Formulas: `updateRules`. */
export type Solver =
  | { readonly name: 'sgd'; readonly learningRate: number; readonly momentum: number; readonly nesterov: boolean }
  | {
      readonly name: 'adam';
      readonly learningRate: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
    }
  | { readonly name: 'adagrad'; readonly learningRate: number; readonly epsilon: number }
  | { readonly name: 'rmsprop'; readonly learningRate: number; readonly decay: number; readonly epsilon: number };

/** A multilayer perceptron: what it is made of, without its weights. */
export interface NetSpec {
  /** Inputs, units of each hidden layer, outputs. */
  readonly sizes: readonly number[];
  readonly activation: Activation;
  readonly output: OutputKind;
  readonly solver: Solver;
}

/**
 * Weights, and what the solver remembers of earlier steps, all as 32-bit floats. A net that is opened with it goes on
 * as if it had never been closed.
 */
export interface NetState {
  /** For each layer, its weights (`inputs x outputs`, row after row), then its biases. */
  readonly weights: readonly Float32Array[];
  /** As many as `slotsOf(solver)` times the weights, all of the first slot first. Each has the shape of its weights. */
  readonly slots: readonly Float32Array[];
  /** Steps taken so far. */
  readonly steps: number;
}

/** Rows of one step. */
export interface Batch {
  /** Dense or CSR; its data are 32-bit floats. */
  readonly X: Matrix;
  /** Rows x outputs. */
  readonly targets: Float32Array;
  /** A weight a row; all 1 where there are none. */
  readonly weights: Float32Array | undefined;
  /** For each hidden layer, what its values are multiplied with: rows x units, 0 or 1 / keepProb. Empty: no dropout. */
  readonly masks: readonly Float32Array[];
}

/**
 * A net that learns. A step computes the gradient of the mean over the rows of weight times loss, and moves the weights
 * by the solver's formula. Numbers are 32-bit floats; engines differ by no more than their rounding.
 */
export interface Net {
  step(batch: Batch): void | Promise<void>;
  /** The sum over rows of weight times loss, of all steps since it was asked for last. */
  takeLoss(): number | Promise<number>;
  /** Copies of what it is now. */
  state(): NetState | Promise<NetState>;
  /** Frees what it holds. Closing again is fine. */
  close(): void;
}

/** A way to compute nets. */
export interface Engine {
  readonly name: string;
  /** A net of these weights. The state is copied. */
  open(spec: NetSpec, state: NetState): Net | Promise<Net>;
}

/** How many arrays a solver keeps for each array of weights. */
export function slotsOf(solver: Solver): number {
  switch (solver.name) {
    case 'adam':
      return 2;
    case 'sgd':
      return solver.momentum > 0 ? 1 : 0;
    case 'adagrad':
    case 'rmsprop':
      return 1;
  }
}
