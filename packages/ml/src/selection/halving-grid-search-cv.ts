import { show } from '../base/constraints.ts';
import { ParameterError } from '../base/errors.ts';
import type { AnyEstimator } from '../base/estimator.ts';
import { uniqueLabels } from '../data/labels.ts';
import { checkRandomState, type RandomState } from '../random/random-state.ts';
import { type CvResults, mean } from './cv-results.ts';
import type { LeafOutcome } from './evaluate.ts';
import { type HalvingSchedule, halvingSchedule } from './halving-schedule.ts';
import { filled, scoreNames } from './outcome-scores.ts';
import { ParameterGrid, type ParamGrid, type Params } from './parameter-grid.ts';
import type { Rounds, RoundsData } from './rounds.ts';
import { SEARCH_DEFAULTS, SearchCV, type SearchOptions } from './search-cv.ts';
import type { Split } from './splitter.ts';

export interface HalvingOptions extends SearchOptions {
  /** Each round keeps one of so many candidates, and gives them so many times the resources: 3. */
  readonly factor?: number;
  /** What grows from round to round: rows, `'nSamples'`, or a parameter of the estimator that counts something. */
  readonly resource?: string;
  /** Of the last round at most: `'auto'` stands for all rows. */
  readonly maxResources?: number | 'auto';
  /** Of the first round: `'exhaust'`, so that the last one has the most; `'smallest'`, as few as make sense; a number. */
  readonly minResources?: number | 'exhaust' | 'smallest';
  /** Where resources are too few for enough rounds: more rounds with the first number, until few candidates are left. */
  readonly aggressiveElimination?: boolean;
  /** Draws the rows. */
  readonly randomState?: number | RandomState | null;
}

export interface HalvingParams<E extends AnyEstimator = AnyEstimator> extends Required<HalvingOptions> {
  readonly estimator: E;
  readonly paramGrid: ParamGrid;
}

/**
 * Tries all combinations of values on few rows, the better ones on more, and so on: successive halving. Follows
 * scikit-learn's `HalvingGridSearchCV`: the same rounds, and for the same seed the same rows. `cvResults_` has `iter` and
 * `n_resources` besides; the best candidate is that of the last round. Fits run on the active backend.
 *
 * @example
 * const search = new HalvingGridSearchCV(model, { C: [0.01, 0.1, 1, 10] }, { factor: 2, randomState: 0 });
 * await search.fit(X, y);
 */
export class HalvingGridSearchCV<E extends AnyEstimator = AnyEstimator> extends SearchCV<E, HalvingParams<E>> {
  static override readonly defaults: object = {
    estimator: undefined,
    paramGrid: {},
    ...SEARCH_DEFAULTS,
    factor: 3,
    resource: 'nSamples',
    maxResources: 'auto',
    minResources: 'exhaust',
    aggressiveElimination: false,
    randomState: null,
  };

  /** Resources and candidates of each round. */
  declare nResources_: number[];
  declare nCandidates_: number[];
  /** Rounds. */
  declare nIterations_: number;
  declare nRequiredIterations_: number;
  declare nPossibleIterations_: number;
  declare minResources_: number;
  declare maxResources_: number;
  /** Candidates that a next round would have. */
  declare nRemainingCandidates_: number;

  constructor(estimator: E, paramGrid: ParamGrid, options: HalvingOptions = {}) {
    super({ estimator, paramGrid, ...options } as Partial<HalvingParams<E>>);
  }

  static override fromParams({ estimator, paramGrid, ...options }: HalvingParams): HalvingGridSearchCV {
    return new HalvingGridSearchCV(estimator, paramGrid, options);
  }

  protected candidates(): Iterable<Params> {
    return new ParameterGrid(this.params.paramGrid);
  }

  protected override rounds(candidates: readonly Params[], splits: readonly Split[], data: RoundsData): Rounds {
    const { resource, factor, randomState, scoring } = this.params;
    if (Array.isArray(scoring)) throw new ParameterError('HalvingGridSearchCV takes one score. Got several.');
    const isRows = resource === 'nSamples';
    const classes = data.isClassifier && data.labels !== undefined ? uniqueLabels(data.labels).length : 1;
    const schedule = halvingSchedule(this.params, candidates, {
      rows: data.rows,
      least: isRows ? 2 * splits.length * classes : 1,
    });
    const seed = checkRandomState(randomState);
    const cut = isRows ? schedule.resources.flatMap((count) => subsampled(splits, count / data.rows, seed)) : splits;
    return {
      splits: cut,
      explore: async (evaluateOn) => {
        const all: { tried: Params[]; leaves: LeafOutcome[][]; round: number[] } = { tried: [], leaves: [], round: [] };
        let left = candidates;
        const counts: number[] = [];
        for (const [round, resources] of schedule.resources.entries()) {
          const from = isRows ? round * splits.length : 0;
          const some = isRows ? left : left.map((params) => ({ ...params, [resource]: resources }));
          const leaves = await evaluateOn(
            some,
            splits.map((_, at) => from + at),
          );
          all.tried.push(...some);
          all.leaves.push(...leaves);
          all.round.push(...some.map(() => round));
          counts.push(some.length);
          left = best(left, leaves, Math.ceil(left.length / factor), this.params.errorScore);
        }
        this.keep(schedule, counts, left.length);
        const columns = {
          iter: Int32Array.from(all.round),
          n_resources: Int32Array.from(all.round, (round) => schedule.resources[round] as number),
        };
        return { tried: all.tried, leaves: all.leaves, columns };
      },
    };
  }

  /** That of the last round. */
  protected override bestOf(results: CvResults, name: string): number {
    const rounds = (results as unknown as { iter: Int32Array }).iter;
    const from = rounds.indexOf(rounds.at(-1) as number);
    const means = (results[`mean_test_${name}`] as Float64Array).slice(from);
    const known = means.map((each) => (Number.isNaN(each) ? Number.NEGATIVE_INFINITY : each));
    return from + known.indexOf(Math.max(...known));
  }

  private keep(schedule: HalvingSchedule, counts: number[], remaining: number): void {
    this.nResources_ = [...schedule.resources];
    this.nCandidates_ = counts;
    this.nIterations_ = counts.length;
    this.nRequiredIterations_ = schedule.required;
    this.nPossibleIterations_ = schedule.possible;
    this.minResources_ = schedule.min;
    this.maxResources_ = schedule.max;
    this.nRemainingCandidates_ = remaining;
  }
}

/** The best candidates, the worst of them first; those without a score are worse than all others. */
function best(
  candidates: readonly Params[],
  leaves: readonly LeafOutcome[][],
  count: number,
  errorScore: number | 'raise',
): Params[] {
  const names = scoreNames(leaves, ['score']);
  if (names.length > 1) throw new ParameterError(`HalvingGridSearchCV takes one score. Got ${show(names)}.`);
  const means = leaves.map((row) =>
    mean(row.map((leaf) => filled(leaf, names, errorScore as number).test[names[0] as string] as number)),
  );
  const rank = (at: number): number => (Number.isNaN(means[at]) ? Number.NEGATIVE_INFINITY : (means[at] as number));
  const order = candidates.map((_, at) => at).sort((a, b) => (rank(a) === rank(b) ? a - b : rank(a) - rank(b)));
  return order.slice(-count).map((at) => candidates[at] as Params);
}

/** A share of the rows of both parts of each split, drawn from the same point of the generator. */
function subsampled(splits: readonly Split[], share: number, random: RandomState): Split[] {
  const some = (rows: Int32Array): Int32Array => {
    const order = random
      .copy()
      .permutation(rows.length)
      .subarray(0, Math.floor(share * rows.length));
    return Int32Array.from(order, (at) => rows[at] as number);
  };
  return splits.map(({ train, test }) => ({ train: some(train), test: some(test) }));
}
