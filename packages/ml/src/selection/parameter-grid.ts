import { show } from '../base/constraints.ts';
import { ParameterError } from '../base/errors.ts';

/** Values of parameters, by name. */
export type Params = Readonly<Record<string, unknown>>;

/** Values to try, by parameter; or several such grids, one after the other. */
export type ParamGrid =
  | Readonly<Record<string, ArrayLike<unknown>>>
  | readonly Readonly<Record<string, ArrayLike<unknown>>>[];

/**
 * Every combination of values, parameters in sorted order, the last varying fastest; made when it is asked for.
 * Follows scikit-learn's `ParameterGrid`.
 * @throws ParameterError for values that are no list, or an empty one
 * @example [...new ParameterGrid({ C: [1, 2], penalty: ['l2'] })]; // [{ C: 1, penalty: 'l2' }, { C: 2, penalty: 'l2' }]
 */
export class ParameterGrid implements Iterable<Params> {
  readonly length: number;
  readonly #grids: readonly (readonly (readonly [string, ArrayLike<unknown>])[])[];

  constructor(grid: ParamGrid) {
    const grids = (Array.isArray(grid) ? grid : [grid]) as readonly Readonly<Record<string, ArrayLike<unknown>>>[];
    this.#grids = grids.map((each) => {
      if (typeof each !== 'object' || each === null)
        throw new ParameterError(`A parameter grid must be an object or a list of them. Got ${show(each)}.`);
      const entries = Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1));
      for (const [name, values] of entries) checkValues(name, values);
      return entries;
    });
    this.length = this.#grids.reduce((sum, entries) => sum + combinations(entries), 0);
  }

  /** The combination at a position; undefined outside. */
  at(index: number): Params | undefined {
    let left = index;
    for (const entries of this.#grids) {
      const count = combinations(entries);
      if (left >= 0 && left < count) return combination(entries, left);
      left -= count;
    }
    return undefined;
  }

  *[Symbol.iterator](): Iterator<Params> {
    for (let index = 0; index < this.length; index += 1) yield this.at(index) as Params;
  }
}

type Entries = readonly (readonly [string, ArrayLike<unknown>])[];

function checkValues(name: string, values: unknown): void {
  if (!Array.isArray(values) && !ArrayBuffer.isView(values))
    throw new ParameterError(
      `The values of '${name}' in a parameter grid must be a list. Got ${show(values)}. Write [${show(values)}] for a single one.`,
    );
  if ((values as ArrayLike<unknown>).length === 0)
    throw new ParameterError(`The list of values of '${name}' in a parameter grid must not be empty.`);
}

function combinations(entries: Entries): number {
  return entries.reduce((product, [, values]) => product * values.length, 1);
}

function combination(entries: Entries, index: number): Params {
  let left = index;
  const picked = [...entries].reverse().map(([name, values]): [string, unknown] => {
    const at = left % values.length;
    left = Math.floor(left / values.length);
    return [name, values[at]];
  });
  return Object.fromEntries(picked.reverse());
}
