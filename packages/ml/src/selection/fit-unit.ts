import type { Shared } from '@jobloom/parallel';
import { clone } from '../base/clone.ts';
import { InputError } from '../base/errors.ts';
import type { AnyEstimator } from '../base/estimator.ts';
import { Pipeline, type Step } from '../compose/pipeline.ts';
import { type Features, rowCount } from '../data/features.ts';
import type { Labels } from '../data/labels.ts';
import { type Rows, take } from '../data/take.ts';
import { Scorer, type Scoring } from '../metrics/scorer.ts';
import type { ScoreSet } from './cv-results.ts';
import type { Params } from './parameter-grid.ts';
import { PrecomputedPipeline } from './precomputed-pipeline.ts';
import type { Split } from './splitter.ts';

/** What all units of a search look at; workers have it once. */
export interface SearchData {
  readonly X: Features;
  readonly y: Labels | undefined;
  readonly splits: readonly Split[];
  /** What `fit` takes besides, whole: what has one value a row is cut for each split. */
  readonly fitOptions: Readonly<Record<string, unknown>>;
}

/** What is asked of all units alike. */
export interface Evaluated {
  readonly estimator: AnyEstimator;
  /** By name; null stands for the estimator's own `score`. Of a single one the name is `score`. */
  readonly scoring: Readonly<Record<string, Scoring | null>>;
  readonly returnTrainScore: boolean;
  readonly returnEstimator: boolean;
}

export interface UnitJob extends Evaluated {
  readonly unit: {
    readonly index: number;
    readonly kind: 'prefix' | 'leaf';
    readonly split: number;
    readonly from: number;
    readonly to: number;
  };
  readonly params: Params;
}

/** What the transformers of a prefix make of both parts of a split. */
export interface PrefixOutput {
  readonly train: Features;
  readonly test: Features;
  /** What they make of the train part where they don't fit on it, for train scores. */
  readonly trainAgain: Features | undefined;
  /** They themselves, fitted, where a scoring function of the user's will see the whole pipeline. */
  readonly steps: readonly Step[] | undefined;
  readonly fitMs: number;
  readonly scoreMs: number;
}

/** What a unit gives. */
export type UnitResult = { readonly unit: number; readonly ms: number } & (
  | { readonly kind: 'prefix'; readonly output: PrefixOutput }
  | {
      readonly kind: 'leaf';
      readonly fitMs: number;
      readonly scoreMs: number;
      readonly test?: ScoreSet;
      readonly train?: ScoreSet;
      readonly estimator?: AnyEstimator;
      readonly error?: unknown;
    }
  | { readonly kind: 'failed'; readonly fitMs: number; readonly error: unknown }
);

/** Runs a unit, in a worker. What estimators and scorers throw is part of the result. */
export async function fitUnit(
  shared: Shared<SearchData>,
  job: UnitJob,
  input?: Shared<PrefixOutput>,
): Promise<UnitResult> {
  const { unit } = job;
  const started = performance.now();
  const since = (from: number): number => performance.now() - from;
  const before = input?.value;
  const data = shared.value;
  const split = data.splits[unit.split] as Split;
  const y = data.y && take(data.y as Rows, split.train);
  let fitted: AnyEstimator;
  let train: Features;
  let fitMs = before?.fitMs ?? 0;
  let made: Features | undefined;
  try {
    train = before?.train ?? (take(data.X as Rows, split.train) as Features);
    const own = ownSteps(clone(clone(job.estimator).setParams(job.params) as AnyEstimator), job);
    const options = ownOptions(fitOptionsOf(data, split.train), job);
    const start = performance.now();
    if (unit.kind === 'prefix') made = await (own as Pipeline).fitTransform(train, y as Labels, options);
    else await (own.fit as (...args: unknown[]) => unknown)(train, y, options);
    fitMs += since(start);
    fitted = own;
  } catch (error) {
    return { unit: unit.index, ms: since(started), kind: 'failed', fitMs: fitMs + since(started), error };
  }
  const scoring = performance.now();
  const spent = (): number => (before?.scoreMs ?? 0) + since(scoring);
  const test = before?.test ?? (take(data.X as Rows, split.test) as Features);
  const again = before?.trainAgain ?? train;
  try {
    if (unit.kind === 'prefix') {
      const prefix = fitted as Pipeline;
      const output = {
        train: made as Features,
        test: await prefix.transform(test),
        trainAgain: job.returnTrainScore ? await prefix.transform(again) : undefined,
        steps: needsWhole(job) ? [...(before?.steps ?? []), ...prefix.params.steps.slice(0, -1)] : undefined,
        fitMs,
      };
      return { unit: unit.index, ms: since(started), kind: 'prefix', output: { ...output, scoreMs: spent() } };
    }
    const parts = { test, again };
    const scored =
      before?.steps === undefined
        ? { ...parts, estimator: fitted }
        : await whole(before.steps, fitted as Pipeline, data, split, parts);
    const scores = await scoresOf(scored.estimator, scored.test, data.y && take(data.y as Rows, split.test), job);
    const scoreMs = spent();
    const trainScores = job.returnTrainScore ? await scoresOf(scored.estimator, scored.again, y, job) : undefined;
    return {
      unit: unit.index,
      ms: since(started),
      kind: 'leaf',
      fitMs,
      scoreMs,
      test: scores,
      ...(trainScores && { train: trainScores }),
      ...(job.returnEstimator && { estimator: fitted }),
    };
  } catch (error) {
    if (unit.kind === 'prefix') return { unit: unit.index, ms: since(started), kind: 'failed', fitMs, error };
    const kept = job.returnEstimator ? { estimator: fitted } : {};
    return { unit: unit.index, ms: since(started), kind: 'leaf', fitMs, scoreMs: spent(), error, ...kept };
  }
}

/** Whether scoring may look at more of a pipeline than what its last steps answer. */
function needsWhole({ scoring }: Evaluated): boolean {
  return Object.values(scoring).some((each) => typeof each === 'function');
}

/** Ends a prefix, so that all of its steps come before the last one, as in the whole pipeline. */
const END: Step = ['(rest)', 'passthrough'];

/** The steps of a unit as a pipeline; an estimator that is not cut, itself. */
function ownSteps(candidate: AnyEstimator, { unit }: UnitJob): AnyEstimator {
  if (!(candidate instanceof Pipeline) || (unit.from === 0 && unit.kind === 'leaf')) return candidate;
  const steps = candidate.params.steps.slice(unit.from, unit.to);
  return new Pipeline(unit.kind === 'leaf' ? steps : [...steps, END], candidate.params);
}

/** The whole pipeline, for scoring functions that look inside: with the raw data, which it need not transform again. */
async function whole(
  steps: readonly Step[],
  last: Pipeline,
  { X }: SearchData,
  split: Split,
  known: KnownParts,
): Promise<KnownParts & { readonly estimator: AnyEstimator }> {
  const test = take(X as Rows, split.test) as Features;
  const again = take(X as Rows, split.train) as Features;
  const inner = new Pipeline(last.params.steps.slice(0, -1));
  const made = async (given: Features): Promise<Features> =>
    inner.params.steps.length > 0 ? inner.transform(given) : given;
  const outputs = new Map([
    [test, await made(known.test)],
    [again, await made(known.again)],
  ]);
  return { estimator: new PrecomputedPipeline([...steps, ...last.params.steps], outputs), test, again };
}

interface KnownParts {
  readonly test: Features;
  /** The train part, transformed by what was fitted on it. */
  readonly again: Features;
}

/** Options of `fit` for some rows: those that have one value a row are cut to them. */
export function fitOptionsOf({ X, fitOptions }: SearchData, rows: Int32Array): Record<string, unknown> {
  const count = rowCount(X);
  const cut = (value: unknown): unknown => {
    const isPerRow =
      (Array.isArray(value) || ArrayBuffer.isView(value)) && (value as unknown as ArrayLike<unknown>).length === count;
    return isPerRow ? take(value as Rows, rows) : value;
  };
  return Object.fromEntries(Object.entries(fitOptions).map(([key, value]) => [key, cut(value)]));
}

/** Of the options of a pipeline that is cut, those of this unit's steps; what is no step's goes to the last ones, which refuse it. */
function ownOptions(options: Readonly<Record<string, unknown>>, { estimator, unit }: UnitJob): Record<string, unknown> {
  const steps = estimator instanceof Pipeline ? estimator.params.steps.map(([name]) => name) : [];
  const isOurs = (key: string): boolean => {
    const step = steps.indexOf(key.split('__', 1)[0] as string);
    return step < 0 ? unit.kind === 'leaf' : step >= unit.from && step < unit.to;
  };
  return Object.fromEntries(Object.entries(options).filter(([key]) => isOurs(key)));
}

/** @throws InputError for a score that is no number; what estimators and scorers throw */
async function scoresOf(estimator: AnyEstimator, X: Features, y: unknown, { scoring }: Evaluated): Promise<ScoreSet> {
  const scores: Record<string, number> = {};
  for (const [name, score] of Object.entries(scoring)) {
    const value = await scored(score, estimator, X, y as Labels);
    for (const [key, each] of typeof value === 'object' && value !== null
      ? Object.entries(value)
      : [[name, value] as const]) {
      if (typeof each !== 'number') throw new InputError(`The score '${key}' must be a number. Got ${String(each)}.`);
      scores[key] = each;
    }
  }
  return scores;
}

function scored(score: Scoring | null, estimator: AnyEstimator, X: Features, y: Labels): unknown {
  if (score === null) return (estimator as unknown as { score(X: Features, y: Labels): unknown }).score(X, y);
  return score instanceof Scorer ? score.score(estimator, X, y) : score(estimator, X, y);
}

/** Fits an estimator on all data, in a worker. */
export async function fitWhole({ value }: Shared<SearchData>, estimator: AnyEstimator): Promise<AnyEstimator> {
  await (estimator.fit as (...args: unknown[]) => unknown)(value.X, value.y, value.fitOptions);
  return estimator;
}
