import type { Estimator, EstimatorClass } from '../base/estimator.ts';

const KEY = Symbol.for('jobloom.ml.estimators');

function registry(): Map<string, EstimatorClass> {
  const holder = globalThis as { [KEY]?: Map<string, EstimatorClass> };
  holder[KEY] ??= new Map();
  return holder[KEY];
}

/** Makes the states of a class of your own readable by `fromState`, under the name of the class. Not needed to travel to tasks. */
export function registerEstimator(type: abstract new (...args: never[]) => Estimator): void {
  registry().set(type.name, type as unknown as EstimatorClass);
}

/** A class that was registered. */
export function registeredEstimator(name: string): EstimatorClass | undefined {
  return registry().get(name);
}
