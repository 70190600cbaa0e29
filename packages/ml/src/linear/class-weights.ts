import { show } from '../base/constraints.ts';
import { InputError, ParameterError } from '../base/errors.ts';
import type { Label } from '../data/labels.ts';

/** Weights of classes: as given by label, or so that all classes count alike. Labels that are not named weigh 1. */
export type ClassWeight = 'balanced' | ReadonlyMap<Label, number> | Readonly<Record<string, number>>;

/**
 * A weight for each class.
 * @throws ParameterError for negative weights; InputError for labels that are no class
 */
export function classWeights(
  given: ClassWeight | null,
  classes: readonly Label[],
  codes: ArrayLike<number>,
  owner: string,
): Float64Array {
  const weights = new Float64Array(classes.length).fill(1);
  if (given === null) return weights;
  if (given === 'balanced') {
    const counts = new Float64Array(classes.length);
    for (let i = 0; i < codes.length; i += 1) counts[codes[i] as number] = (counts[codes[i] as number] as number) + 1;
    return weights.map((_, k) => codes.length / (classes.length * (counts[k] as number)));
  }
  const entries: [Label, number][] = given instanceof Map ? [...given] : Object.entries(given);
  for (const [label, weight] of entries) {
    const k = classes.findIndex((each) => each === label || String(each) === label);
    if (k < 0) throw new InputError(`classWeight of ${owner} names ${show(label)}, which is no class in y.`);
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) {
      throw new ParameterError(
        `classWeight of ${owner} must be numbers from 0. Got ${show(weight)} for ${show(label)}.`,
      );
    }
    weights[k] = weight;
  }
  return weights;
}
