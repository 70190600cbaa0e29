import type { Memory } from '@jobloom/memory';
import { delayed, type Parallel, type Shared, share } from '@jobloom/parallel';
import { clone } from '../base/clone.ts';
import { BOOLEAN, type Constraints, FUNCTION, integer, NULL, oneOf, STRING } from '../base/constraints.ts';
import { InputError, ParameterError } from '../base/errors.ts';
import { type AnyEstimator, Estimator } from '../base/estimator.ts';
import { provides } from '../base/provides.ts';
import { DEFAULT_TAGS, type Tags } from '../base/tags.ts';
import { type Features, type Matrix, rowCount } from '../data/features.ts';
import type { Label, Labels } from '../data/labels.ts';
import { Scorer, type Scoring } from '../metrics/scorer.ts';
import type { EstimatorState } from '../state/to-state.ts';
import { type Cv, splitsOf } from './check-cv.ts';
import { type CvResults, cvResultsOf } from './cv-results.ts';
import { evaluate, type FitEvent } from './evaluate.ts';
import { reportFailures } from './fit-failed.ts';
import { fitWhole } from './fit-unit.ts';
import { filled, scoreNames } from './outcome-scores.ts';
import type { Params } from './parameter-grid.ts';
import { ResultStore } from './result-store.ts';
import type { Rounds, RoundsData } from './rounds.ts';
import { type ScoringOption, scoringOf } from './scoring-option.ts';
import type { SearchData } from './search-data.ts';
import { isLost, type Lost, searchRunner } from './search-runner.ts';
import { tableOf } from './search-table.ts';
import type { Split } from './splitter.ts';
import { report } from './verbose.ts';

/** Options of every search. */
export interface SearchOptions {
  /** A name, a scorer, a function; several as a list of names or an object. Null: the estimator's own `score`. */
  readonly scoring?: ScoringOption;
  /** Number of folds (5), a splitter, or the splits. */
  readonly cv?: Cv;
  /** Whether, and by which score, the best candidate is fitted on all data; or a function that gives its position. */
  readonly refit?: boolean | string | ((results: CvResults) => number);
  /** What stands for the scores of a fit that failed, or `'raise'`. */
  readonly errorScore?: number | 'raise';
  readonly returnTrainScore?: boolean;
  /** Fits at once; null: what the scope says, and one after the other in place where there is none. */
  readonly nJobs?: number | null;
  readonly preDispatch?: number | 'auto' | `${number}*nJobs`;
  /** Keeps what fits gave, so that a search which was interrupted goes on where it was. */
  readonly memory?: Memory | null;
  /** Above 0, lines on stderr: 1 how many fits, 2 each with its score. */
  readonly verbose?: number;
}

/** What `fit` of a search takes besides data. Everything else is handed to the estimator's `fit`, cut to rows where it has one value a row. */
export interface SearchFitOptions {
  /** For splitters that look at groups. */
  readonly groups?: Labels | null;
  /** Hears of each fit as it ends. */
  readonly onResult?: (event: FitEvent) => void;
  /** Abort it to end the search: `fit` rejects with its reason. What was done is kept where there is a `memory`. */
  readonly signal?: AbortSignal;
  readonly [option: string]: unknown;
}

export const SEARCH_DEFAULTS: Required<SearchOptions> = {
  scoring: null,
  cv: null,
  refit: true,
  errorScore: Number.NaN,
  returnTrainScore: false,
  nJobs: null,
  preDispatch: 'auto',
  memory: null,
  verbose: 0,
};

const SEARCH_CONSTRAINTS: Constraints = {
  estimator: [{ is: 'estimator' }],
  refit: [BOOLEAN, STRING, FUNCTION],
  errorScore: [{ is: 'number' }, { is: 'nan' }, oneOf('raise')],
  returnTrainScore: [BOOLEAN],
  nJobs: [integer('[-inf, inf]'), NULL],
  memory: [{ is: 'memory' }, NULL],
  verbose: [integer('[0, inf)')],
};

/** What searches have in common: fitting and scoring candidates, and being the best of them afterwards. */
export abstract class SearchCV<
  E extends AnyEstimator,
  P extends { readonly estimator: E } & Required<SearchOptions>,
> extends Estimator<P> {
  static override readonly constraints: Constraints = SEARCH_CONSTRAINTS;

  /** The search as columns. */
  declare cvResults_: CvResults;
  declare bestIndex_: number;
  declare bestParams_: Params;
  /** Mean test score of the best candidate; undefined where `refit` is a function. */
  declare bestScore_: number | undefined;
  /** The best candidate, fitted on all data, unless `refit` is false. */
  declare bestEstimator_: E;
  /** Seconds. */
  declare refitTime_: number;
  declare nSplits_: number;
  declare multimetric_: boolean;

  /** The candidates to try. */
  protected abstract candidates(): Iterable<Params>;

  /** Which splits there are, and which candidates are tried on which of them: all on all. */
  protected rounds(candidates: readonly Params[], splits: readonly Split[], _data: RoundsData): Rounds {
    const all = Array.from(splits.keys());
    return {
      splits,
      explore: async (evaluateOn) => ({ tried: candidates, leaves: await evaluateOn(candidates, all), columns: {} }),
    };
  }

  /** The position of the best candidate, by a mean score. */
  protected bestOf(results: CvResults, name: string): number {
    return (results[`rank_test_${name}`] as Int32Array).indexOf(1);
  }

  /**
   * Fits and scores each candidate on each split, on the active backend; then the best one on all data.
   * @throws ParameterError, InputError for what does not fit together; FitFailedError where every fit failed; the reason of `signal`
   */
  async fit(X: Features, y?: Labels | ArrayLike<number> | null, options: SearchFitOptions = {}): Promise<this> {
    const { estimator, errorScore, returnTrainScore, memory, cv, verbose, nJobs, preDispatch } = this.params;
    const { groups = null, onResult, signal, ...fitOptions } = options;
    this.checkParams();
    this.forget();
    const scoring = this.scorers();
    const isClassifier = (estimator as Partial<Estimator>).tags?.kind === 'classifier';
    const labels = (y ?? undefined) as Labels | undefined;
    const splits = splitsOf(cv, { X, y: labels ?? null, groups, isClassifier });
    const candidates = [...this.candidates()];
    if (candidates.length === 0) throw new ParameterError('There must be one candidate or more. Got none.');
    checkRefit(this.params.refit, scoring);
    for (const params of candidates) clone(estimator).setParams(params); // refuses names that it does not know
    const { splits: cut, explore } = this.rounds(candidates, splits, { rows: rowCount(X), labels, isClassifier });
    const data: SearchData = { X, y: labels, splits: cut, fitOptions };
    const evaluated = { estimator, scoring, returnTrainScore, returnEstimator: false };
    const store = memory === null ? undefined : new ResultStore(memory, evaluated, data);
    await using runner = searchRunner({ nJobs, preDispatch, signal });
    await using shared = share(data);
    const { tried, leaves, columns } = await explore((some, on) => {
      const listener = report(verbose, on.length, some.length, onResult);
      const evaluation = { ...evaluated, data, candidates: some, on, errorScore, store, onResult: listener };
      return evaluate(evaluation, runner, shared);
    });
    reportFailures(leaves.flat(), errorScore as number);
    const names = scoreNames(leaves, Object.keys(scoring));
    const isMulti = names.length > 1 || names[0] !== 'score';
    const outcomes = leaves.map((row) => row.map((leaf) => filled(leaf, names, errorScore as number)));
    const results = cvResultsOf(tried, outcomes, { scores: names, hasTrain: returnTrainScore });
    this.cvResults_ = { ...results, ...columns } as CvResults;
    this.nSplits_ = splits.length;
    this.multimetric_ = isMulti;
    this.choose(names);
    if (this.params.refit !== false) await this.refit(runner, shared, tried[this.bestIndex_] as Params);
    return this;
  }

  /** The search as text, best candidates first: parameters, mean and standard deviation of each score, times. */
  toTable(): string {
    this.checkFitted();
    return tableOf(this.cvResults_);
  }

  /** By the score that `refit` names. */
  async score(X: Features, y?: Labels | ArrayLike<number>): Promise<number> {
    const best = this.best();
    const { refit } = this.params;
    const scorers = this.scorers();
    const scorer = isSingle(scorers) ? scorers.score : scorers[refit as string];
    if (scorer === undefined) throw new ParameterError('score() needs refit to name one of several scores.');
    if (scorer === null) return (best as unknown as { score(X: Features, y: unknown): Promise<number> }).score(X, y);
    const said =
      scorer instanceof Scorer ? await scorer.score(best, X, y as Labels) : await scorer(best, X, y as Labels);
    return typeof said === 'number' ? said : (said[refit as string] as number);
  }

  predict(X: Features): Promise<Label[] | Float64Array> {
    return this.ask('predict', X);
  }

  predictProba(X: Features): Promise<Matrix> {
    return this.ask('predictProba', X);
  }

  decisionFunction(X: Features): Promise<Matrix> {
    return this.ask('decisionFunction', X);
  }

  transform(X: Features): Promise<Features> {
    return this.ask('transform', X);
  }

  /** What scored: of several scores, by name; null for the estimator's own. */
  get scorer_(): Scoring | null | Readonly<Record<string, Scoring | null>> {
    const scorers = this.scorers();
    return isSingle(scorers) ? (scorers.score as Scoring | null) : scorers;
  }

  /** As any estimator's; the memory is no part of it. */
  override toState(): EstimatorState {
    if (this.params.memory === null) return super.toState();
    const { memory: _, ...params } = this.params;
    return Object.assign(this.class.fromParams(params), this.fitted()).toState();
  }

  /** Labels of the best estimator, sorted. */
  get classes_(): Label[] | undefined {
    return (this.bestEstimator_ as { classes_?: Label[] } | undefined)?.classes_;
  }

  override get tags(): Tags {
    return (this.params.estimator as Partial<Estimator>).tags ?? DEFAULT_TAGS;
  }

  override get isFitted(): boolean {
    return Object.hasOwn(this, 'cvResults_');
  }

  override provides(method: string): boolean {
    if (!DELEGATED.has(method)) return super.provides(method);
    return provides(this.bestEstimator_ ?? this.params.estimator, method);
  }

  private scorers(): Readonly<Record<string, Scoring | null>> {
    return scoringOf(this.params.scoring, this.params.estimator);
  }

  private choose(names: readonly string[]): void {
    const { refit } = this.params;
    const { cvResults_: results } = this;
    if (this.multimetric_ && refit === false) return;
    if (typeof refit === 'function') {
      const index = refit(results);
      if (!Number.isInteger(index) || index < 0 || index >= results.params.length)
        throw new ParameterError(
          `refit must give the position of a candidate, from 0 to ${results.params.length - 1}. Got ${String(index)}.`,
        );
      this.bestIndex_ = index;
    } else {
      const name = this.multimetric_ ? String(refit) : 'score';
      if (!names.includes(name))
        throw new ParameterError(
          `refit must be one of the scores ${names.join(', ')}, a function, or false, for there are several. Got ${String(refit)}.`,
        );
      this.bestIndex_ = this.bestOf(results, name);
      this.bestScore_ = (results[`mean_test_${name}`] as Float64Array)[this.bestIndex_] as number;
    }
    this.bestParams_ = results.params[this.bestIndex_] as Params;
  }

  private async refit(runner: Parallel, shared: Shared<SearchData>, params: Params): Promise<void> {
    const started = performance.now();
    const candidate = clone(clone(this.params.estimator).setParams(params) as E);
    const [fitted] = await runner.run<AnyEstimator | Lost>([delayed(fitWhole)(shared, candidate)]);
    if (fitted === undefined || isLost(fitted)) throw fitted?.error;
    this.bestEstimator_ = fitted as E;
    this.refitTime_ = (performance.now() - started) / 1000;
  }

  private best(): E {
    this.checkFitted();
    if (this.bestEstimator_ !== undefined) return this.bestEstimator_;
    throw new ParameterError(
      `${this.class.name} with refit: false has no estimator that was fitted on all data. Set refit, or fit one with bestParams_.`,
    );
  }

  private async ask<T>(method: string, X: Features): Promise<T> {
    const best = this.best();
    if (!provides(best, method))
      throw new ParameterError(`${best.constructor.name}, the best estimator, has no ${method}().`);
    return (best as unknown as Record<string, (X: Features) => T>)[method]?.(X) as T;
  }
}

const DELEGATED = new Set(['predict', 'predictProba', 'decisionFunction', 'transform']);

function checkRefit(refit: SearchOptions['refit'], scoring: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(scoring);
  if (refit === false || typeof refit === 'function' || isSingle(scoring)) return;
  if (typeof refit === 'string' && names.includes(refit)) return;
  throw new InputError(
    `With several scores, refit must name one of ${names.join(', ')}, be a function, or false. Got ${String(refit)}.`,
  );
}

/** One score, which has no name of its own. */
function isSingle(scoring: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(scoring).length === 1 && Object.hasOwn(scoring, 'score');
}
