import type { Shared } from '@jobloom/parallel';
import { clone } from '../base/clone.ts';
import type { AnyEstimator } from '../base/estimator.ts';
import { Pipeline, type Step } from '../compose/pipeline.ts';
import type { Features } from '../data/features.ts';
import type { Labels } from '../data/labels.ts';
import type { Scoring } from '../metrics/scorer.ts';
import type { ScoreSet } from './cv-results.ts';
import type { Params } from './parameter-grid.ts';
import { scoresOf } from './scores-of.ts';
import { featuresAt, fitOptionsOf, labelsAt, type SearchData } from './search-data.ts';
import type { Split } from './splitter.ts';
import { type Prepared, wholePipeline } from './whole-pipeline.ts';

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

/** @internal Runs a unit, in a worker, which finds it by its export. What estimators and scorers throw is part of the result. */
export async function fitUnit(
  shared: Shared<SearchData>,
  job: UnitJob,
  input?: Shared<PrefixOutput>,
): Promise<UnitResult> {
  const started = performance.now();
  const run = job.unit.kind === 'prefix' ? fitPrefix : fitLeaf;
  const result = await run(shared.value, job, input?.value);
  return { ...result, unit: job.unit.index, ms: performance.now() - started };
}

type Result<T = UnitResult> = T extends UnitResult ? Omit<T, 'unit' | 'ms'> : never;

async function fitPrefix(data: SearchData, job: UnitJob, before: PrefixOutput | undefined): Promise<Result> {
  const fitting = stopwatch(before?.fitMs);
  try {
    const { own, options, train, test, again, y } = prepare(data, job, before);
    const prefix = own as Pipeline;
    const made = await prefix.fitTransform(train, y, options);
    const fitMs = fitting();
    const scoring = stopwatch(before?.scoreMs);
    const output = {
      train: made,
      test: await prefix.transform(test),
      trainAgain: job.returnTrainScore ? await prefix.transform(again) : undefined,
      steps: needsWhole(job) ? [...(before?.steps ?? []), ...prefix.params.steps.slice(0, -1)] : undefined,
    };
    return { kind: 'prefix', output: { ...output, fitMs, scoreMs: scoring() } };
  } catch (error) {
    return { kind: 'failed', fitMs: fitting(), error };
  }
}

async function fitLeaf(data: SearchData, job: UnitJob, before: PrefixOutput | undefined): Promise<Result> {
  const fitting = stopwatch(before?.fitMs);
  const { returnTrainScore, returnEstimator, scoring } = job;
  let prepared: Preparation;
  try {
    prepared = prepare(data, job, before);
    await (prepared.own.fit as (...args: unknown[]) => unknown)(prepared.train, prepared.y, prepared.options);
  } catch (error) {
    return { kind: 'failed', fitMs: fitting(), error };
  }
  const fitMs = fitting();
  const scored = stopwatch(before?.scoreMs);
  const { own, test, again, y } = prepared;
  const kept = returnEstimator ? { estimator: own } : {};
  try {
    const { train: trainRows, test: testRows } = data.splits[job.unit.split] as Split;
    const yTest = labelsAt(data, testRows);
    const prefix = before?.steps;
    const withRaw = (made: Features, rows: Int32Array): Prepared => ({
      made,
      raw: prefix === undefined ? made : featuresAt(data, rows),
    });
    const [tested, trained] = [withRaw(test, testRows), withRaw(again, trainRows)];
    const estimator = prefix === undefined ? own : await wholePipeline(prefix, own as Pipeline, [tested, trained]);
    const scores = await scoresOf(estimator, tested.raw, yTest, scoring);
    const scoreMs = scored();
    const train = returnTrainScore ? { train: await scoresOf(estimator, trained.raw, y, scoring) } : {};
    return { kind: 'leaf', fitMs, scoreMs, test: scores, ...train, ...kept };
  } catch (error) {
    return { kind: 'leaf', fitMs, scoreMs: scored(), error, ...kept };
  }
}

/** What a unit fits, and what it fits and scores on. */
interface Preparation {
  readonly own: AnyEstimator;
  readonly options: Readonly<Record<string, unknown>>;
  readonly train: Features;
  readonly test: Features;
  /** The train part as the unit's steps get it to predict, for train scores. */
  readonly again: Features;
  readonly y: Labels | undefined;
}

function prepare(data: SearchData, job: UnitJob, before: PrefixOutput | undefined): Preparation {
  const rows = data.splits[job.unit.split] as Split;
  const train = before?.train ?? featuresAt(data, rows.train);
  return {
    own: ownSteps(clone(clone(job.estimator).setParams(job.params) as AnyEstimator), job),
    options: ownOptions(fitOptionsOf(data, rows.train), job),
    train,
    test: before?.test ?? featuresAt(data, rows.test),
    again: before?.trainAgain ?? train,
    y: labelsAt(data, rows.train),
  };
}

/** Gives milliseconds since now, and before. */
function stopwatch(before = 0): () => number {
  const started = performance.now();
  return () => before + performance.now() - started;
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

/** Of the options of a pipeline that is cut, those of this unit's steps; what is no step's goes to the last ones, which refuse it. */
function ownOptions(options: Readonly<Record<string, unknown>>, { estimator, unit }: UnitJob): Record<string, unknown> {
  const steps = estimator instanceof Pipeline ? estimator.params.steps.map(([name]) => name) : [];
  const isOurs = (key: string): boolean => {
    const step = steps.indexOf(key.split('__', 1)[0] as string);
    return step < 0 ? unit.kind === 'leaf' : step >= unit.from && step < unit.to;
  };
  return Object.fromEntries(Object.entries(options).filter(([key]) => isOurs(key)));
}

/** @internal Fits an estimator on all data, in a worker, which finds it by its export. */
export async function fitWhole({ value }: Shared<SearchData>, estimator: AnyEstimator): Promise<AnyEstimator> {
  await (estimator.fit as (...args: unknown[]) => unknown)(value.X, value.y, value.fitOptions);
  return estimator;
}
