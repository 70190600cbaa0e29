import { show } from '../base/constraints.ts';
import { InputError } from '../base/errors.ts';

/** Targets of a regressor as doubles. @throws InputError for what is no finite number, or not one a row */
export function checkTargets(y: ArrayLike<unknown> | undefined, rows: number, owner: string): Float64Array {
  checkLength('y', y, rows, owner);
  const targets = new Float64Array(rows);
  for (let i = 0; i < rows; i += 1) {
    const value = y[i];
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw new InputError(`y of ${owner} must be finite numbers. Got ${show(value)} at row ${i}.`);
    }
    targets[i] = value;
  }
  return targets;
}

/** @throws InputError where y is not given, or has another number of rows than X */
export function checkLength(
  name: string,
  y: ArrayLike<unknown> | undefined | null,
  rows: number,
  owner: string,
): asserts y is ArrayLike<unknown> {
  if (y === undefined || y === null) {
    throw new InputError(`${owner} requires ${name} to be passed, but the target ${name} is ${y}.`);
  }
  if (y.length !== rows) {
    throw new InputError(`${owner}: X and ${name} have different numbers of rows: ${rows} and ${y.length}.`);
  }
}

/** Weights as doubles, ones where none are given. @throws InputError for negative ones, or where all are zero */
export function checkSampleWeight(
  weights: ArrayLike<number> | undefined | null,
  rows: number,
  owner: string,
): Float64Array {
  const checked = new Float64Array(rows).fill(1);
  if (weights === undefined || weights === null) return checked;
  checkLength('sampleWeight', weights, rows, owner);
  let sum = 0;
  for (let i = 0; i < rows; i += 1) {
    const weight = weights[i] as number;
    if (!Number.isFinite(weight) || weight < 0) {
      throw new InputError(`sampleWeight of ${owner} must be finite numbers from 0. Got ${show(weight)} at row ${i}.`);
    }
    checked[i] = weight;
    sum += weight;
  }
  if (sum === 0) throw new InputError(`sampleWeight of ${owner} is zero for all rows. Give at least one row a weight.`);
  return checked;
}
