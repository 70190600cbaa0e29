import { show } from '../base/constraints.ts';
import { StateError } from '../base/errors.ts';
import type { Estimator } from '../base/estimator.ts';
import { isEstimator } from '../base/estimator.ts';
import { nameOfFunction } from './functions.ts';

/** An estimator as data. No part of it is code. */
export interface EstimatorState {
  readonly format: 'jobloom.estimator';
  /** Name of the class, as `registerEstimator` knows it. */
  readonly type: string;
  /** `stateVersion` of the class that wrote it. */
  readonly version: number;
  readonly params: Readonly<Record<string, unknown>>;
  readonly fitted: Readonly<Record<string, unknown>>;
}

/** A function of a state: its name, as `registerFunction` knows it. */
export interface FunctionState {
  readonly format: 'jobloom.function';
  readonly name: string;
}

/** The state of an estimator. @throws StateError for values that data cannot hold */
export function stateOf(estimator: Estimator): EstimatorState {
  const { name, stateVersion } = estimator.class;
  return {
    format: 'jobloom.estimator',
    type: name,
    version: stateVersion,
    params: states(estimator.getParams(false), name),
    fitted: fittedData(estimator),
  };
}

/** What an estimator learned, as data. @throws StateError for values that data cannot hold */
export function fittedData(estimator: Estimator): Record<string, unknown> {
  return states(estimator.fitted(), estimator.class.name);
}

function states(values: Readonly<Record<string, unknown>>, trail: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, toData(value, `${trail}.${key}`)]));
}

function toData(value: unknown, trail: string): unknown {
  if (typeof value === 'function') {
    const name = nameOfFunction(value);
    if (name !== undefined) return { format: 'jobloom.function', name } satisfies FunctionState;
    throw new StateError(
      `${trail} is ${show(value)}, which a state cannot hold. Register it under a name with registerFunction(name, fn), here and where the state is read.`,
    );
  }
  if (typeof value === 'symbol') throw new StateError(`${trail} is a symbol, which a state cannot hold.`);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (isEstimator(value)) {
    const inner = value as Partial<Estimator>;
    if (typeof inner.toState === 'function') return inner.toState();
    throw new StateError(`${trail} is ${show(value)}, an estimator without toState().`);
  }
  if (Array.isArray(value)) return value.map((each, i) => toData(each, `${trail}[${i}]`));
  if (value instanceof Map) {
    return new Map([...value].map(([key, each]) => [toData(key, trail), toData(each, `${trail}.${String(key)}`)]));
  }
  if (value instanceof Set || value instanceof Date) return value;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return states(value as Record<string, unknown>, trail);
  throw new StateError(
    `${trail} is ${show(value)}, which a state cannot hold. It holds plain data, arrays and estimators.`,
  );
}
