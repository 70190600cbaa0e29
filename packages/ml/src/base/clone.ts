import { RandomState } from '../random/random-state.ts';
import { ParameterError } from './errors.ts';
import { type AnyEstimator, type EstimatorClass, isEstimator } from './estimator.ts';

/**
 * An unfitted estimator of the same class and parameters. Estimators among the parameters are cloned too, lists and
 * plain objects copied; a RandomState goes on from the same point, and functions and data are the same ones.
 * @throws ParameterError where the constructor changes what it is given
 */
export function clone<E extends AnyEstimator>(estimator: E): E {
  const params = Object.fromEntries(
    Object.entries(estimator.getParams(false)).map(([name, value]) => [name, cloneValue(value)]),
  );
  const type = estimator.constructor as unknown as EstimatorClass;
  const copy = (
    typeof type.fromParams === 'function'
      ? type.fromParams(params)
      : new (type as unknown as new (params: object) => AnyEstimator)(params)
  ) as E;
  const stored = copy.getParams(false);
  for (const [name, value] of Object.entries(params)) {
    if (Object.is(stored[name], value)) continue;
    throw new ParameterError(
      `Cannot clone ${type.name}: its constructor does not set, or changes, the parameter '${name}'. Let it store what it is given, and check it in fit.`,
    );
  }
  return copy;
}

function cloneValue(value: unknown): unknown {
  if (isEstimator(value)) return clone(value);
  if (value instanceof RandomState) return value.copy();
  if (Array.isArray(value)) return value.map(cloneValue);
  if (typeof value === 'object' && value !== null) {
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, cloneValue(each)]));
    }
  }
  return value;
}
