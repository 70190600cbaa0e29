import type { Features, Matrix } from '../data/features.ts';
import type { Label, Labels } from '../data/labels.ts';
import type { AnyEstimator } from './estimator.ts';

/** A value, or a promise of it: estimators of your own may answer at once. */
export type Awaitable<T> = T | Promise<T>;

/** What `fit` and `score` take besides X and y. */
export interface FitOptions {
  /** A weight a row, zero or more. Weight 2 counts as the row twice. */
  readonly sampleWeight?: ArrayLike<number> | undefined;
}

/** Targets of a regressor: a number a row. */
export type Targets = ArrayLike<number>;

/** Predicts a label a row. */
export interface Classifier<L extends Label = Label> extends AnyEstimator {
  /** Labels, sorted. */
  classes_: L[];
  fit(X: Features, y: Labels<L>, options?: FitOptions): Awaitable<this>;
  /** A label a row. */
  predict(X: Features): Awaitable<L[]>;
  /** Rows x classes, in the order of `classes_`. */
  predictProba?(X: Features): Awaitable<Matrix>;
  /** Rows x 1 for two classes, above zero for the second; rows x classes for more. */
  decisionFunction?(X: Features): Awaitable<Matrix>;
  /** Accuracy. */
  score(X: Features, y: Labels<L>, options?: FitOptions): Awaitable<number>;
}

/** Predicts a number a row. */
export interface Regressor extends AnyEstimator {
  fit(X: Features, y: Targets, options?: FitOptions): Awaitable<this>;
  predict(X: Features): Awaitable<Float64Array>;
  /** R2. */
  score(X: Features, y: Targets, options?: FitOptions): Awaitable<number>;
}

/** Makes other features of X. */
export interface Transformer<Out = Features> extends AnyEstimator {
  fit(X: Features, y?: Labels, options?: FitOptions): Awaitable<this>;
  transform(X: Features): Awaitable<Out>;
  fitTransform?(X: Features, y?: Labels, options?: FitOptions): Awaitable<Out>;
}
