import { show } from '../base/constraints.ts';
import { ParameterError } from '../base/errors.ts';
import { checkRandomState, type RandomState } from '../random/random-state.ts';
import type { Distribution } from './distributions.ts';
import { ParameterGrid, type ParamGrid, type Params } from './parameter-grid.ts';

/** Lists of values, or what values are drawn from, by parameter; or several such. */
type OneOf = Readonly<Record<string, ArrayLike<unknown> | Distribution>>;
export type ParamDistributions = OneOf | readonly OneOf[];

export interface ParameterSamplerOptions {
  /** How many; 10 by default. */
  readonly nIter?: number;
  readonly randomState?: number | RandomState | null | undefined;
}

/**
 * Random combinations of values: without replacement where all are lists, drawn each for itself where one is a
 * distribution. Follows scikit-learn's `ParameterSampler`: the same seed, the same combinations.
 * Where the lists have fewer combinations than are asked for, it warns and gives all.
 * @throws ParameterError for values that are neither, and for fewer than 1
 * @example [...new ParameterSampler({ C: logUniform(1e-3, 1e3) }, { nIter: 5, randomState: 0 })];
 */
export class ParameterSampler implements Iterable<Params> {
  readonly nIter: number;
  readonly randomState: number | RandomState | null;
  readonly #distributions: readonly OneOf[];

  constructor(distributions: ParamDistributions, { nIter = 10, randomState = null }: ParameterSamplerOptions = {}) {
    if (!Number.isInteger(nIter) || nIter < 1)
      throw new ParameterError(`nIter must be an integer, 1 or more. Got ${show(nIter)}.`);
    this.#distributions = (Array.isArray(distributions) ? distributions : [distributions]) as readonly OneOf[];
    for (const [name, values] of this.#distributions.flatMap((each) => Object.entries(each)))
      if (!isDistribution(values) && !Array.isArray(values) && !ArrayBuffer.isView(values))
        throw new ParameterError(
          `'${name}' must be a list of values, or something with rvs(randomState). Got ${show(values)}.`,
        );
    this.nIter = nIter;
    this.randomState = randomState;
  }

  *[Symbol.iterator](): Iterator<Params> {
    const random = checkRandomState(this.randomState);
    const distributions = this.#distributions;
    if (distributions.every((each) => !Object.values(each).some(isDistribution))) {
      const grid = new ParameterGrid(distributions as ParamGrid);
      const count = Math.min(this.nIter, grid.length);
      if (count < this.nIter)
        process.emitWarning(
          `There are ${grid.length} combinations, fewer than nIter, ${this.nIter}: all are tried. GridSearchCV does that too.`,
          { code: 'JOBLOOM_SMALL_GRID' },
        );
      for (const index of withoutReplacement(grid.length, count, random)) yield grid.at(index) as Params;
      return;
    }
    for (let count = 0; count < this.nIter; count += 1) {
      const each = distributions[random.randint(distributions.length)] as OneOf;
      const entries = Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1));
      yield Object.fromEntries(
        entries.map(([name, values]) => [
          name,
          isDistribution(values) ? values.rvs(random) : values[random.randint(values.length)],
        ]),
      );
    }
  }
}

function isDistribution(values: unknown): values is Distribution {
  return typeof (values as Partial<Distribution> | null)?.rvs === 'function';
}

/** Positions below `all`, each once, as scikit-learn's `sample_without_replacement` draws them. */
function withoutReplacement(all: number, count: number, random: RandomState): Iterable<number> {
  const share = count / all;
  if (share > 0.01 && share < 0.99) return random.permutation(all).subarray(0, count);
  if (share < 0.2) {
    const picked = new Set<number>();
    while (picked.size < count) picked.add(random.randint(all));
    return [...picked];
  }
  const kept = Array.from({ length: count }, (_, at) => at);
  for (let at = count; at < all; at += 1) {
    const place = random.randint(0, at + 1);
    if (place < count) kept[place] = at;
  }
  return kept;
}
