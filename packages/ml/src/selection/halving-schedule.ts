import { show } from '../base/constraints.ts';
import { ParameterError } from '../base/errors.ts';
import type { HalvingOptions } from './halving-grid-search-cv.ts';
import type { Params } from './parameter-grid.ts';

/** Resources of each round, and what they follow from. */
export interface HalvingSchedule {
  readonly resources: readonly number[];
  readonly min: number;
  readonly max: number;
  /** Rounds until fewer candidates than `factor` are left. */
  readonly required: number;
  /** Rounds that the resources allow. */
  readonly possible: number;
}

/**
 * How resources grow, as in scikit-learn.
 * @param limits rows of X, and the resources of which fewer make no sense
 * @throws ParameterError for resources and factors that cannot be
 */
export function halvingSchedule(
  options: Required<HalvingOptions>,
  candidates: readonly Params[],
  limits: { readonly rows: number; readonly least: number },
): HalvingSchedule {
  const { factor, resource, maxResources, minResources, aggressiveElimination } = options;
  const refuse = (name: string, what: string, value: unknown): never => {
    throw new ParameterError(
      `The '${name}' parameter of HalvingGridSearchCV must be ${what}. Got ${show(value)} instead.`,
    );
  };
  if (!(typeof factor === 'number' && factor > 1)) refuse('factor', 'a number in the range (1, inf)', factor);
  if (resource !== 'nSamples' && candidates.some((params) => Object.hasOwn(params, resource)))
    throw new ParameterError(
      `HalvingGridSearchCV: '${resource}' is the resource, so it cannot be among the parameters.`,
    );
  if (maxResources === 'auto' && resource !== 'nSamples')
    throw new ParameterError(`HalvingGridSearchCV: maxResources must be a number where the resource is '${resource}'.`);
  const max = maxResources === 'auto' ? limits.rows : maxResources;
  if (!Number.isInteger(max) || max < 1 || (resource === 'nSamples' && max > limits.rows))
    refuse('maxResources', `'auto' or an integer from 1${resource === 'nSamples' ? ` to ${limits.rows}` : ''}`, max);
  const isNumber = typeof minResources === 'number';
  if (isNumber ? !Number.isInteger(minResources) || minResources < 1 : !['exhaust', 'smallest'].includes(minResources))
    refuse('minResources', "'exhaust', 'smallest' or an integer from 1", minResources);
  const required = 1 + rounds(candidates.length, factor);
  let min = isNumber ? minResources : limits.least;
  if (minResources === 'exhaust') min = Math.max(min, Math.floor(max / factor ** (required - 1)));
  if (min > max)
    throw new ParameterError(`HalvingGridSearchCV: the least resources, ${min}, are more than the most, ${max}.`);
  const possible = 1 + rounds(Math.floor(max / min), factor);
  const count = aggressiveElimination ? required : Math.min(required, possible);
  const resources = Array.from({ length: count }, (_, round) => {
    const power = aggressiveElimination ? Math.max(0, round - required + possible) : round;
    return Math.min(Math.floor(factor ** power * min), max);
  });
  return { resources, min, max, required, possible };
}

/** The whole part of a logarithm, exact at powers. */
function rounds(value: number, factor: number): number {
  let count = 0;
  for (let left = value; left >= factor; left /= factor) count += 1;
  return count;
}
