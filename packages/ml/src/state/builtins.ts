import type { EstimatorClass } from '../base/estimator.ts';
import { ColumnTransformer } from '../compose/column-transformer.ts';
import { FeatureUnion } from '../compose/feature-union.ts';
import { Pipeline } from '../compose/pipeline.ts';
import { LogisticRegression } from '../linear/logistic-regression.ts';

/** Estimators of this package, whose states need no registration. */
export const BUILTINS: readonly unknown[] = [ColumnTransformer, FeatureUnion, LogisticRegression, Pipeline];

export function builtin(name: string): EstimatorClass | undefined {
  return (BUILTINS as readonly EstimatorClass[]).find((each) => each.name === name);
}
