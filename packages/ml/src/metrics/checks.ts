import { InputError } from '../base/errors.ts';
import { checkClasses, type Label, uniqueLabels } from '../data/labels.ts';

type Columns = { readonly [name: string]: ArrayLike<unknown> };

/** The common length of arrays. @throws InputError where they differ, are empty, or hold what is no finite number where these are due */
export function checkSameLength(arrays: Columns, { numbers = false }: { readonly numbers?: boolean } = {}): number {
  const lengths = Object.entries(arrays).map(([name, { length }]) => `${name} ${length}`);
  const [first] = Object.values(arrays);
  const length = first?.length ?? 0;
  if (Object.values(arrays).some((array) => array.length !== length))
    throw new InputError(`There must be as many of each. Got ${lengths.join(', ')}.`);
  if (length === 0) throw new InputError(`There must be one sample or more. Got ${lengths.join(', ')}.`);
  if (numbers) for (const [name, array] of Object.entries(arrays)) checkFinite(name, array);
  return length;
}

/** @throws InputError naming the first value that is no finite number */
export function checkFinite(name: string, values: ArrayLike<unknown>): void {
  for (let at = 0; at < values.length; at += 1)
    if (!Number.isFinite(values[at]))
      throw new InputError(`${name} must hold finite numbers. Got ${String(values[at])} at ${at}.`);
}

/** @throws InputError unless there is one finite weight a sample */
export function weightsOf(weights: ArrayLike<number> | undefined, length: number): ArrayLike<number> | undefined {
  if (weights === undefined) return undefined;
  if (weights.length !== length)
    throw new InputError(`sampleWeight must have one weight a sample, ${length}. Got ${weights.length}.`);
  checkFinite('sampleWeight', weights);
  return weights;
}

/** All labels that occur in any of them, sorted. @throws InputError for labels of different kinds, and for fractions */
export function labelsOf(...arrays: readonly ArrayLike<Label>[]): Label[] {
  const labels = uniqueLabels(arrays.flatMap((array) => Array.from(array)));
  checkClasses(labels);
  return labels;
}
