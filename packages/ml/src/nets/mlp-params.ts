import type { FitOptions } from '../base/interfaces.ts';
import type { Features } from '../data/features.ts';
import type { RandomState } from '../random/random-state.ts';
import type { CheckpointOptions } from './checkpoints.ts';
import type { EngineWish } from './choose-engine.ts';
import type { Activation } from './engine.ts';
import type { SolverKwargs, SolverName } from './solver-settings.ts';

export interface MlpParams {
  /** Units of each hidden layer. None: a linear model. */
  readonly hiddenUnits: readonly number[];
  /** Rows of a step. */
  readonly batchSize: number;
  /** How often all rows are seen. */
  readonly nEpochs: number;
  /** The chance of a hidden value to be kept in a step: 1 for no dropout. */
  readonly keepProb: number;
  readonly activation: Activation;
  readonly solver: SolverName;
  /** Settings of the solver, those that are to differ from TensorFlow's: `{ learningRate: 0.01 }`. */
  readonly solverKwargs: SolverKwargs | null;
  /** First weights are uniform within `initScale * sqrt(3 / inputs)`. */
  readonly initScale: number;
  readonly randomState: number | RandomState | null;
  /** The hidden layer whose values `transform` gives, from 0; null for the last. */
  readonly transformLayerIndex: number | null;
  /** What computes: see `tfStatus`. */
  readonly engine: EngineWish;
}

/** What a monitor is told of an epoch. */
export interface EpochStats {
  /** The mean loss of its steps. */
  readonly loss: number;
  /** Of `validation`, where it is given: accuracy, or R2. */
  readonly score?: number;
  /** Since `fit` began. */
  readonly seconds: number;
}

export interface MlpPartialFitOptions<E = unknown, Y = ArrayLike<unknown>> extends FitOptions {
  /** Called after each epoch, which counts from 0, with the estimator as it is by then. `true` ends the fit. */
  readonly monitor?: (epoch: number, estimator: E, stats: EpochStats) => unknown;
  /** Rows to score after each epoch. */
  readonly validation?: { readonly X: Features; readonly y: Y };
  /** A folder for event files, which TensorBoard draws: `loss`, and `score` where there is a `validation`. */
  readonly summary?: string;
}

export interface MlpFitOptions<E = unknown, Y = ArrayLike<unknown>> extends MlpPartialFitOptions<E, Y> {
  /**
   * Keeps the net each so many epochs, and goes on from the last that was kept for these parameters and data, with the
   * very result of a fit that was never interrupted. `nEpochs` may be raised in between. The monitor hears of epochs
   * that are computed, not of those that are read.
   */
  readonly checkpoint?: CheckpointOptions;
}
