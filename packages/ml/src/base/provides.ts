import { type AnyEstimator, Estimator } from './estimator.ts';

/** Whether an estimator has a method, as it stands: a pipeline predicts where its last step does. */
export function provides(estimator: AnyEstimator, method: string): boolean {
  return estimator instanceof Estimator
    ? estimator.provides(method)
    : typeof (estimator as unknown as Record<string, unknown>)[method] === 'function';
}
