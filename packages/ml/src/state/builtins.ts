import type { EstimatorClass } from '../base/estimator.ts';

/** Estimators of this package, whose states need no registration. */
export const BUILTINS: readonly unknown[] = [];

export function builtin(name: string): EstimatorClass | undefined {
  return (BUILTINS as readonly EstimatorClass[]).find((each) => each.name === name);
}
