import { share } from '@jobloom/parallel';
import { show } from '../base/constraints.ts';
import { ParameterError } from '../base/errors.ts';
import type { AnyEstimator, Estimator } from '../base/estimator.ts';
import type { DenseMatrix, Features } from '../data/features.ts';
import type { Labels } from '../data/labels.ts';
import { take } from '../data/take.ts';
import type { Scoring } from '../metrics/scorer.ts';
import { checkRandomState, type RandomState } from '../random/random-state.ts';
import { type Cv, splitsOf } from './check-cv.ts';
import { evaluate, type FitEvent } from './evaluate.ts';
import { reportFailures } from './fit-failed.ts';
import { filled } from './outcome-scores.ts';
import { scoringOf } from './scoring-option.ts';
import type { SearchData } from './search-data.ts';
import { type RunnerOptions, searchRunner } from './search-runner.ts';

export interface LearningCurveOptions extends RunnerOptions {
  /** Rows to fit on: shares of the largest train part, up to 1; or numbers of rows. A tenth to all in five steps. */
  readonly trainSizes?: readonly number[];
  readonly scoring?: string | Scoring | null;
  readonly cv?: Cv;
  readonly groups?: Labels | null;
  /** Whether train parts are shuffled before the first rows are taken. */
  readonly shuffle?: boolean;
  readonly randomState?: number | RandomState | null;
  readonly fitOptions?: Readonly<Record<string, unknown>>;
  readonly errorScore?: number | 'raise';
  readonly onResult?: (event: FitEvent) => void;
}

/** Scores by the number of rows: sizes x splits. Times are in seconds. */
export interface LearningCurve {
  /** Numbers of rows, each once. */
  readonly trainSizes: Int32Array;
  readonly trainScores: DenseMatrix;
  readonly testScores: DenseMatrix;
  readonly fitTimes: DenseMatrix;
  readonly scoreTimes: DenseMatrix;
}

/**
 * Fits and scores an estimator on more and more rows of each split, on the active backend: whether more data would
 * help. Follows scikit-learn's `learning_curve`.
 * @throws ParameterError, InputError for what does not fit together; FitFailedError where every fit failed
 * @example (await learningCurve(model, X, y, { trainSizes: [0.1, 0.5, 1], cv: 5 })).testScores;
 */
export async function learningCurve(
  estimator: AnyEstimator,
  X: Features,
  y: Labels | ArrayLike<number> | null = null,
  options: LearningCurveOptions = {},
): Promise<LearningCurve> {
  const { cv, groups = null, shuffle = false, randomState = null, fitOptions = {}, errorScore = Number.NaN } = options;
  const scoring = scoringOf(options.scoring, estimator);
  const isClassifier = (estimator as Partial<Estimator>).tags?.kind === 'classifier';
  const base = splitsOf(cv, { X, y: y as Labels | null, groups, isClassifier });
  const most = Math.min(...base.map(({ train }) => train.length));
  const sizes = sizesOf(options.trainSizes ?? [0.1, 0.325, 0.55, 0.775, 1], most);
  const random = checkRandomState(randomState);
  const splits = base.flatMap(({ train, test }) => {
    const rows = shuffle ? take(train, random.permutation(train.length)) : train;
    return Array.from(sizes, (size) => ({ train: rows.subarray(0, size), test }));
  });
  const data: SearchData = { X, y: (y ?? undefined) as Labels | undefined, splits, fitOptions };
  const evaluated = { estimator, scoring, returnTrainScore: true, returnEstimator: false };
  await using runner = searchRunner(options);
  await using shared = share(data);
  const evaluation = { ...evaluated, data, candidates: [{}], errorScore, onResult: options.onResult };
  const [row = []] = await evaluate(evaluation, runner, shared);
  reportFailures(row, errorScore as number);
  const outcomes = row.map((leaf) => filled(leaf, ['score'], errorScore as number));
  const table = (cellOf: (outcome: (typeof outcomes)[number]) => number | undefined): DenseMatrix => {
    const cells = new Float64Array(outcomes.length);
    for (const [at, outcome] of outcomes.entries()) {
      const [split, size] = [Math.floor(at / sizes.length), at % sizes.length];
      cells[size * base.length + split] = cellOf(outcome) as number;
    }
    return { data: cells, rows: sizes.length, cols: base.length };
  };
  return {
    trainSizes: sizes,
    trainScores: table(({ train }) => train?.score),
    testScores: table(({ test }) => test.score),
    fitTimes: table(({ fitMs }) => fitMs / 1000),
    scoreTimes: table(({ scoreMs }) => scoreMs / 1000),
  };
}

/** Numbers of rows, each once. @throws ParameterError for what is no share and no number of rows */
function sizesOf(given: readonly number[], most: number): Int32Array {
  const isShare = given.every((each) => each > 0 && each <= 1);
  const isCount = given.every((each) => Number.isInteger(each) && each >= 1 && each <= most);
  if (given.length === 0 || (!isShare && !isCount))
    throw new ParameterError(
      `trainSizes must be shares in (0, 1], or numbers of rows from 1 to ${most}, the smallest train part. Got ${show([...given])}.`,
    );
  const sizes = given.map((each) => (isShare ? Math.max(1, Math.floor(each * most)) : each));
  return Int32Array.from(new Set(sizes)).sort();
}
