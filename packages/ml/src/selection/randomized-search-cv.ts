import type { AnyEstimator } from '../base/estimator.ts';
import type { RandomState } from '../random/random-state.ts';
import type { Params } from './parameter-grid.ts';
import { type ParamDistributions, ParameterSampler } from './parameter-sampler.ts';
import { SEARCH_DEFAULTS, SearchCV, type SearchOptions } from './search-cv.ts';

export interface RandomizedSearchOptions extends SearchOptions {
  /** Candidates to try; 10 by default. */
  readonly nIter?: number;
  readonly randomState?: number | RandomState | null;
}

export interface RandomizedSearchParams<E extends AnyEstimator = AnyEstimator>
  extends Required<RandomizedSearchOptions> {
  readonly estimator: E;
  readonly paramDistributions: ParamDistributions;
}

/**
 * As `GridSearchCV`, for random combinations of values. Follows scikit-learn's `RandomizedSearchCV`: the same seed, the same candidates.
 *
 * @example
 * const search = new RandomizedSearchCV(model, { C: logUniform(1e-3, 1e3) }, { nIter: 20, randomState: 0 });
 */
export class RandomizedSearchCV<E extends AnyEstimator = AnyEstimator> extends SearchCV<E, RandomizedSearchParams<E>> {
  static override readonly defaults: object = {
    estimator: undefined,
    paramDistributions: {},
    nIter: 10,
    randomState: null,
    ...SEARCH_DEFAULTS,
  };

  constructor(estimator: E, paramDistributions: ParamDistributions, options: RandomizedSearchOptions = {}) {
    super({ estimator, paramDistributions, ...options } as Partial<RandomizedSearchParams<E>>);
  }

  static override fromParams({
    estimator,
    paramDistributions,
    ...options
  }: RandomizedSearchParams): RandomizedSearchCV {
    return new RandomizedSearchCV(estimator, paramDistributions, options);
  }

  protected candidates(): Iterable<Params> {
    const { paramDistributions, nIter, randomState } = this.params;
    return new ParameterSampler(paramDistributions, { nIter, randomState });
  }
}
