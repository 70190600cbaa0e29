import { show } from '../base/constraints.ts';
import { StateError } from '../base/errors.ts';
import type { Estimator } from '../base/estimator.ts';
import { builtin } from './builtins.ts';
import { functionNamed } from './functions.ts';
import { registeredEstimator } from './registry.ts';
import type { EstimatorState, FunctionState } from './to-state.ts';

/**
 * The estimator that `toState` was called on, as it was. No code of the state runs: its class is one of ours, or one
 * that was registered here.
 * @throws StateError for what is no state, a class that nobody registered, and states of newer versions
 */
export function fromState(state: EstimatorState): Estimator {
  if ((state as Partial<EstimatorState> | null)?.format !== 'jobloom.estimator') {
    throw new StateError(`this is no state of an estimator: ${show(state)}. Give what toState() gave.`);
  }
  const { type, version, params, fitted } = state;
  const known = builtin(type) ?? registeredEstimator(type);
  if (known === undefined) {
    throw new StateError(`no estimator is known under the name '${type}'. Call registerEstimator(${type}) first.`);
  }
  if (!Number.isInteger(version) || version < 1 || version > known.stateVersion) {
    throw new StateError(
      `the state of ${type} has version ${show(version)}; this program reads up to ${known.stateVersion}. Update it, or fit again.`,
    );
  }
  const estimator = known.fromParams(values(params));
  restoreFitted(estimator, fitted);
  return estimator;
}

/** Gives an estimator what another one learned, as `fittedData` gave it. @throws StateError for fields that are no learned ones */
export function restoreFitted(estimator: object, fitted: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(fitted)) {
    if (!key.endsWith('_'))
      throw new StateError(
        `the state of ${estimator.constructor.name} has a learned field '${key}': their names end in _.`,
      );
    Object.defineProperty(estimator, key, {
      value: fromData(value),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
}

function values(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, fromData(value)]));
}

function fromData(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(fromData);
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, fromData(each)]));
  if (value instanceof Set || value instanceof Date) return value;
  const { format } = value as { format?: unknown };
  if (format === 'jobloom.estimator') return fromState(value as EstimatorState);
  if (format === 'jobloom.function') return functionNamed((value as FunctionState).name);
  return values(value as Record<string, unknown>);
}
