import type { Memory } from '@jobloom/memory';
import { share } from '@jobloom/parallel';
import type { AnyEstimator, Estimator } from '../base/estimator.ts';
import type { Features } from '../data/features.ts';
import type { Labels } from '../data/labels.ts';
import { type Cv, splitsOf } from './check-cv.ts';
import { evaluate, type FitEvent } from './evaluate.ts';
import { reportFailures } from './fit-failed.ts';
import { filled, scoreNames } from './outcome-scores.ts';
import { ResultStore } from './result-store.ts';
import { type ScoringOption, scoringOf } from './scoring-option.ts';
import type { SearchData } from './search-data.ts';
import { type RunnerOptions, searchRunner } from './search-runner.ts';
import { report } from './verbose.ts';

export interface CrossValidateOptions extends RunnerOptions {
  readonly scoring?: ScoringOption;
  readonly cv?: Cv;
  readonly groups?: Labels | null;
  /** What `fit` takes besides: cut to rows where it has one value a row. */
  readonly fitOptions?: Readonly<Record<string, unknown>>;
  readonly errorScore?: number | 'raise';
  readonly returnTrainScore?: boolean;
  readonly returnEstimator?: boolean;
  readonly memory?: Memory | null;
  readonly verbose?: number;
  readonly onResult?: (event: FitEvent) => void;
}

/** Scores and times of each split; `test_score`, or `test_<name>` where scores have names. Times are in seconds. */
export interface CrossValidation {
  readonly fit_time: Float64Array;
  readonly score_time: Float64Array;
  readonly [scores: `test_${string}` | `train_${string}`]: Float64Array;
  /** With `returnEstimator`. */
  readonly estimator?: readonly AnyEstimator[];
}

/**
 * Fits and scores an estimator on each split, on the active backend. Follows scikit-learn's `cross_validate`.
 * The estimator itself stays as it is.
 * @throws ParameterError, InputError for what does not fit together; FitFailedError where every fit failed; the reason of `signal`
 * @example (await crossValidate(model, X, y, { scoring: ['accuracy', 'roc_auc'], cv: 3 })).test_roc_auc;
 */
export async function crossValidate(
  estimator: AnyEstimator,
  X: Features,
  y: Labels | ArrayLike<number> | null = null,
  options: CrossValidateOptions = {},
): Promise<CrossValidation> {
  const { cv, groups = null, fitOptions = {}, errorScore = Number.NaN, memory, verbose = 0, onResult } = options;
  const { returnTrainScore = false, returnEstimator = false } = options;
  const scoring = scoringOf(options.scoring, estimator);
  const isClassifier = (estimator as Partial<Estimator>).tags?.kind === 'classifier';
  const splits = splitsOf(cv, { X, y: y as Labels | null, groups, isClassifier });
  const data: SearchData = { X, y: (y ?? undefined) as Labels | undefined, splits, fitOptions };
  const evaluated = { estimator, scoring, returnTrainScore, returnEstimator };
  const store = memory == null || returnEstimator ? undefined : new ResultStore(memory, evaluated, data);
  const listener = report(verbose, splits.length, 1, onResult);
  await using runner = searchRunner(options);
  await using shared = share(data);
  const leaves = await evaluate(
    { ...evaluated, data, candidates: [{}], errorScore, store, onResult: listener },
    runner,
    shared,
  );
  const [row = []] = leaves;
  reportFailures(row, errorScore as number);
  const names = scoreNames(leaves, Object.keys(scoring));
  const outcomes = row.map((leaf) => filled(leaf, names, errorScore as number));
  const parts = returnTrainScore ? (['test', 'train'] as const) : (['test'] as const);
  const scores = parts.flatMap((part) =>
    names.map(
      (name) => [`${part}_${name}`, Float64Array.from(outcomes, (each) => each[part]?.[name] as number)] as const,
    ),
  );
  return {
    fit_time: Float64Array.from(outcomes, ({ fitMs }) => fitMs / 1000),
    score_time: Float64Array.from(outcomes, ({ scoreMs }) => scoreMs / 1000),
    ...Object.fromEntries(scores),
    ...(returnEstimator && { estimator: row.map((leaf) => leaf.estimator as AnyEstimator) }),
  };
}

/**
 * The test score of each split. Follows scikit-learn's `cross_val_score`.
 * @throws as `crossValidate`
 * @example await crossValScore(new LogisticRegression(), X, y, { cv: 3, scoring: 'roc_auc' });
 */
export async function crossValScore(
  estimator: AnyEstimator,
  X: Features,
  y: Labels | ArrayLike<number> | null = null,
  options: Omit<CrossValidateOptions, 'scoring' | 'returnEstimator' | 'returnTrainScore'> & {
    readonly scoring?: string | Exclude<ScoringOption, readonly string[]>;
  } = {},
): Promise<Float64Array> {
  return (await crossValidate(estimator, X, y, options)).test_score as Float64Array;
}
