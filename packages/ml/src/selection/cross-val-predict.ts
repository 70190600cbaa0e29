import { delayed, type Shared, share } from '@jobloom/parallel';
import { clone } from '../base/clone.ts';
import { InputError, ParameterError } from '../base/errors.ts';
import type { AnyEstimator, Estimator } from '../base/estimator.ts';
import { provides } from '../base/provides.ts';
import { toDense } from '../data/convert.ts';
import { denseMatrix, type Features, isMatrix, type Matrix, rowCount } from '../data/features.ts';
import type { Label, Labels } from '../data/labels.ts';
import type { ResponseMethod } from '../metrics/scorer.ts';
import { type Cv, splitsOf } from './check-cv.ts';
import { featuresAt, fitOptionsOf, labelsAt, type SearchData } from './search-data.ts';
import { isLost, type Lost, type RunnerOptions, searchRunner } from './search-runner.ts';
import type { Split } from './splitter.ts';

export interface CrossValPredictOptions extends RunnerOptions {
  readonly cv?: Cv;
  readonly groups?: Labels | null;
  /** What `fit` takes besides: cut to rows where it has one value a row. */
  readonly fitOptions?: Readonly<Record<string, unknown>>;
}

/**
 * What an estimator says about each row, fitted on splits that do not have it: labels, or numbers of a regressor.
 * Follows scikit-learn's `cross_val_predict`; `cv` must have each row in one test part.
 * @throws InputError where it has not, and where splits differ in their classes for probabilities
 * @example accuracyScore(y, await crossValPredict(model, X, y, { cv: 3 }));
 */
export function crossValPredict(
  estimator: AnyEstimator,
  X: Features,
  y?: Labels | ArrayLike<number> | null,
  options?: CrossValPredictOptions & { readonly method?: 'predict' },
): Promise<Label[]>;
export function crossValPredict(
  estimator: AnyEstimator,
  X: Features,
  y: Labels | ArrayLike<number> | null,
  options: CrossValPredictOptions & { readonly method: 'predictProba' | 'decisionFunction' },
): Promise<Matrix>;
export async function crossValPredict(
  estimator: AnyEstimator,
  X: Features,
  y: Labels | ArrayLike<number> | null = null,
  {
    cv,
    groups = null,
    fitOptions = {},
    method = 'predict',
    ...running
  }: CrossValPredictOptions & { readonly method?: ResponseMethod } = {},
): Promise<Label[] | Matrix> {
  if (!provides(estimator, method)) throw new ParameterError(`${estimator.constructor.name} has no ${method}().`);
  const isClassifier = (estimator as Partial<Estimator>).tags?.kind === 'classifier';
  const splits = splitsOf(cv, { X, y: y as Labels | null, groups, isClassifier });
  const rows = rowCount(X);
  const tested = splits.flatMap(({ test }) => Array.from(test));
  if (tested.length !== rows || new Set(tested).size !== rows)
    throw new InputError('crossValPredict needs a cv that has each row in one test part, and no row in two.');
  const data: SearchData = { X, y: (y ?? undefined) as Labels | undefined, splits, fitOptions };
  await using runner = searchRunner(running);
  await using shared = share(data);
  const tasks = splits.map((_, split) => delayed(predictSplit)(shared, estimator, split, method));
  const answers = await runner.run<Awaited<ReturnType<typeof predictSplit>> | Lost>(tasks);
  for (const answer of answers) if (isLost(answer)) throw answer.error;
  return joined(answers as SplitAnswer[], splits, rows, method);
}

interface SplitAnswer {
  readonly said: ArrayLike<Label> | Matrix;
  readonly classes: readonly Label[] | undefined;
}

/** @internal Fits on a split and asks about its test part, in a worker, which finds it by its export. */
export async function predictSplit(
  { value }: Shared<SearchData>,
  estimator: AnyEstimator,
  split: number,
  method: ResponseMethod,
): Promise<SplitAnswer> {
  const { train, test } = value.splits[split] as Split;
  const fitted = clone(estimator);
  const fit = fitted.fit as (...args: unknown[]) => unknown;
  await fit.call(fitted, featuresAt(value, train), labelsAt(value, train), fitOptionsOf(value, train));
  const said = await (fitted as unknown as Record<string, (X: Features) => SplitAnswer['said']>)[method]?.(
    featuresAt(value, test),
  );
  return { said: said as SplitAnswer['said'], classes: (fitted as { classes_?: Label[] }).classes_ };
}

function joined(
  answers: readonly SplitAnswer[],
  splits: readonly Split[],
  rows: number,
  method: ResponseMethod,
): Label[] | Matrix {
  if (!isMatrix(answers[0]?.said)) {
    const all = new Array<Label>(rows);
    answers.forEach(({ said }, split) => {
      splits[split]?.test.forEach((row, at) => {
        all[row] = (said as ArrayLike<Label>)[at] as Label;
      });
    });
    return all;
  }
  const classes = answers.map((answer) => JSON.stringify(answer.classes?.map(String)));
  if (new Set(classes).size > 1)
    throw new InputError(`${method} on splits with different labels has no common columns. Use a stratified cv.`);
  const { cols } = answers[0].said as Matrix;
  const matrix = denseMatrix(new Float64Array(rows * cols), rows, cols);
  answers.forEach(({ said }, split) => {
    const { data } = toDense(said as Matrix);
    splits[split]?.test.forEach(
      (row, at) => void matrix.data.set(data.subarray(at * cols, (at + 1) * cols), row * cols),
    );
  });
  return matrix;
}
