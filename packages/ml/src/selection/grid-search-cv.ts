import type { AnyEstimator } from '../base/estimator.ts';
import { ParameterGrid, type ParamGrid, type Params } from './parameter-grid.ts';
import { SEARCH_DEFAULTS, SearchCV, type SearchOptions } from './search-cv.ts';

export interface GridSearchParams<E extends AnyEstimator = AnyEstimator> extends Required<SearchOptions> {
  readonly estimator: E;
  readonly paramGrid: ParamGrid;
}

/**
 * Tries every combination of values, with cross-validation, and is the best of them afterwards. Follows scikit-learn's
 * `GridSearchCV`; fits run on the active backend, and each distinct prefix of a `Pipeline` is fitted once a split.
 * Scores are the same to the bit on every backend and every number of jobs, where estimators are seeded.
 *
 * @example
 * const search = new GridSearchCV(pipeline, { lr__C: [0.01, 0.1, 1] }, { scoring: 'roc_auc', cv: 3 });
 * await parallelBackend('processes', () => search.fit(X, y));
 * search.bestParams_; search.bestScore_; console.log(search.toTable());
 */
export class GridSearchCV<E extends AnyEstimator = AnyEstimator> extends SearchCV<E, GridSearchParams<E>> {
  static override readonly defaults: object = { estimator: undefined, paramGrid: {}, ...SEARCH_DEFAULTS };

  constructor(estimator: E, paramGrid: ParamGrid, options: SearchOptions = {}) {
    super({ estimator, paramGrid, ...options } as Partial<GridSearchParams<E>>);
  }

  static override fromParams({ estimator, paramGrid, ...options }: GridSearchParams): GridSearchCV {
    return new GridSearchCV(estimator, paramGrid, options);
  }

  protected candidates(): Iterable<Params> {
    return new ParameterGrid(this.params.paramGrid);
  }
}
