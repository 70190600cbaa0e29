import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Memory } from '@jobloom/memory';
import {
  type CvResults,
  crossValidate,
  crossValPredict,
  crossValScore,
  Estimator,
  type FitEvent,
  FitFailedError,
  fromState,
  GridSearchCV,
  KFold,
  LogisticRegression,
  logUniform,
  makeClassification,
  Pipeline,
  RandomizedSearchCV,
} from '@jobloom/ml';
import {
  type Backend,
  type Batch,
  effectiveNJobs,
  parallelBackend,
  registerParallelBackend,
  runEncoded,
} from '@jobloom/parallel';
import { describe, expect, test } from 'vitest';

const { X, y } = makeClassification({ nSamples: 90, nFeatures: 6, nInformative: 4, randomState: 0 });

/** How often what was fitted, here; counters in workers are theirs. */
const fits: Record<string, number> = {};
const counted = async (body: () => Promise<unknown>): Promise<Record<string, number>> => {
  for (const name of Object.keys(fits)) delete fits[name];
  await body();
  return { ...fits };
};

/** An estimator of a user's script, which nobody registered. */
class Shift extends Estimator<{ by: number; name: string }> {
  static override readonly defaults = { by: 0, name: 'shift' };
  declare rows_: number;

  async fit(given: typeof X): Promise<this> {
    fits[this.params.name] = (fits[this.params.name] ?? 0) + 1;
    if (this.params.by < 0) throw new RangeError(`by is ${this.params.by}`);
    this.rows_ = given.rows;
    return this;
  }

  async transform(given: typeof X): Promise<typeof X> {
    return { ...given, data: given.data.map((value) => value + this.params.by) };
  }
}

const model = () => new LogisticRegression({ solver: 'liblinear' });
const pipeline = (memory: Memory | null = null) =>
  new Pipeline(
    [
      ['shift', new Shift()],
      ['again', new Shift({ name: 'again' })],
      ['lr', model()],
    ],
    { memory },
  );
const scoresOf = (results: CvResults): unknown =>
  Object.fromEntries(Object.entries(results).filter(([name]) => !name.endsWith('_time')));

describe('GridSearchCV', () => {
  test("columns are named as scikit-learn's, one row a candidate", async () => {
    const search = new GridSearchCV(pipeline(), [{ lr__C: [0.1, 1] }, { shift__by: [1] }], {
      cv: 3,
      returnTrainScore: true,
    });
    await search.fit(X, y);
    expect(Object.keys(search.cvResults_).sort()).toEqual([
      'mean_fit_time',
      'mean_score_time',
      'mean_test_score',
      'mean_train_score',
      'param_lr__C',
      'param_shift__by',
      'params',
      'rank_test_score',
      'split0_test_score',
      'split0_train_score',
      'split1_test_score',
      'split1_train_score',
      'split2_test_score',
      'split2_train_score',
      'std_fit_time',
      'std_score_time',
      'std_test_score',
      'std_train_score',
    ]);
    expect(search.cvResults_.param_lr__C).toEqual([0.1, 1, undefined]);
    expect(search.cvResults_.params).toEqual([{ lr__C: 0.1 }, { lr__C: 1 }, { shift__by: 1 }]);
    const { bestIndex_, bestScore_, bestParams_, bestEstimator_, nSplits_, multimetric_, cvResults_ } = search;
    expect(bestScore_).toBe(Math.max(...(cvResults_.mean_test_score as Float64Array)));
    expect([bestParams_, nSplits_, multimetric_]).toEqual([cvResults_.params[bestIndex_], 3, false]);
    expect(await search.score(X, y)).toBe(await (bestEstimator_ as Pipeline).score(X, y));
    expect((await search.predict(X)).length).toBe(90);
    expect(search.classes_).toEqual([0, 1]);
    expect(search.refitTime_).toBeGreaterThan(0);
    expect(search.toTable().split('\n')[0]).toMatch(
      /^rank +lr__C +shift__by +test score +train score +fit s +score s$/,
    );
  });

  test('the scores are those of fitting each candidate by itself', async () => {
    const search = await new GridSearchCV(
      pipeline(),
      { lr__C: [0.01, 1], shift__by: [0, 5] },
      { cv: 3, refit: false },
    ).fit(X, y);
    for (const [at, params] of search.cvResults_.params.entries()) {
      const alone = await crossValScore(pipeline().setParams(params), X, y, { cv: 3 });
      expect([0, 1, 2].map((split) => search.cvResults_[`split${split}_test_score`]?.[at])).toEqual([...alone]);
    }
  });

  test('each distinct prefix is fitted once a fold: 3 and not 18', async () => {
    const grid = { lr__C: [0.001, 0.01, 0.1, 1, 10, 100] };
    const search = new GridSearchCV(pipeline(), grid, { cv: 3, refit: false });
    expect(await counted(() => search.fit(X, y))).toEqual({ shift: 3, again: 3 });
    const deeper = new GridSearchCV(pipeline(), { lr__C: [1, 2], again__by: [0, 1, 2] }, { cv: 3, refit: false });
    expect(await counted(() => deeper.fit(X, y))).toEqual({ shift: 3, again: 9 });
    const scoring = (fitted: Pipeline, given: typeof X, labels: typeof y) => fitted.score(given, labels);
    const whole = new GridSearchCV(pipeline(), grid, { cv: 3, refit: false, scoring: scoring as never });
    expect(await counted(() => whole.fit(X, y))).toEqual({ shift: 3, again: 3 });
    expect(whole.cvResults_.mean_test_score).toEqual(search.cvResults_.mean_test_score);
  });

  test('several scores: refit names one, or chooses, or is left out', async () => {
    const scoring = ['accuracy', 'roc_auc'];
    const byName = await new GridSearchCV(model(), { C: [0.01, 1] }, { scoring, refit: 'roc_auc', cv: 3 }).fit(X, y);
    expect(byName.bestScore_).toBe(Math.max(...(byName.cvResults_.mean_test_roc_auc as Float64Array)));
    expect(byName.cvResults_.rank_test_accuracy).toHaveLength(2);
    const chosen = await new GridSearchCV(model(), { C: [0.01, 1] }, { scoring, refit: () => 1, cv: 3 }).fit(X, y);
    expect([chosen.bestIndex_, chosen.bestParams_, chosen.bestScore_]).toEqual([1, { C: 1 }, undefined]);
    const none = await new GridSearchCV(model(), { C: [0.01, 1] }, { scoring, refit: false, cv: 3 }).fit(X, y);
    await expect(none.predict(X)).rejects.toThrow(
      'GridSearchCV with refit: false has no estimator that was fitted on all data.',
    );
    await expect(new GridSearchCV(model(), { C: [1] }, { scoring, cv: 3 }).fit(X, y)).rejects.toThrow(
      'With several scores, refit must name one of accuracy, roc_auc',
    );
    await expect(new GridSearchCV(model(), { C: [1] }, { refit: () => 7, cv: 3 }).fit(X, y)).rejects.toThrow(
      'from 0 to 0. Got 7.',
    );
  });

  test('a fit that fails has the score errorScore; where all fail, the search does', async () => {
    const options = { cv: 3, errorScore: -1 };
    const some = await new GridSearchCV(pipeline(), { shift__by: [-1, 0], lr__C: [1, 2] }, options).fit(X, y);
    expect([...(some.cvResults_.mean_test_score as Float64Array).slice(0, 4)].map((mean) => mean === -1)).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect([...(some.cvResults_.rank_test_score as Int32Array)].filter((rank) => rank === 3)).toHaveLength(2);
    const failing = new GridSearchCV(pipeline(), { shift__by: [-1, -2] }, { cv: 3 }).fit(X, y);
    const error = await failing.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FitFailedError);
    expect((error as Error).message).toMatch(
      /^All the 6 fits failed: 3 failed with RangeError: by is -1; 3 failed with RangeError: by is -2\./,
    );
    await expect(
      new GridSearchCV(pipeline(), { shift__by: [0, -1] }, { errorScore: 'raise' }).fit(X, y),
    ).rejects.toThrow(RangeError);
  });

  test('results come while it runs', async () => {
    const events: FitEvent[] = [];
    await new GridSearchCV(model(), { C: [0.1, 1] }, { cv: 3 }).fit(X, y, {
      onResult: (event) => void events.push(event),
    });
    expect(events.map(({ done, total }) => [done, total])).toEqual([1, 2, 3, 4, 5, 6].map((done) => [done, 6]));
    expect(new Set(events.map(({ candidate, split }) => `${candidate} ${split}`)).size).toBe(6);
    expect(
      events.every(({ scores, fromMemory, params }) => (scores.score ?? 0) > 0.3 && !fromMemory && 'C' in params),
    ).toBe(true);
  });

  test('options of fit are cut to the rows of each fold; of a pipeline, to its steps', async () => {
    const weights = Float64Array.from(y, (label) => 1 + Number(label));
    const plain = await crossValScore(model(), X, y, { cv: 3, fitOptions: { sampleWeight: weights } });
    const search = await new GridSearchCV(pipeline(), { lr__C: [1, 2] }, { cv: 3 }).fit(X, y, {
      lr__sampleWeight: weights,
    });
    expect([0, 1, 2].map((split) => search.cvResults_[`split${split}_test_score`]?.[0])).toEqual([...plain]);
  });
});

describe('where it runs changes nothing but the time', () => {
  const searched = async () => {
    const grid = { lr__C: [0.01, 1, 100], shift__by: [0, 3] };
    const search = new GridSearchCV(pipeline(), grid, { cv: 3, scoring: ['roc_auc', 'accuracy'], refit: 'roc_auc' });
    await search.fit(X, y);
    const best = search.bestEstimator_ as Pipeline;
    return {
      scores: scoresOf(search.cvResults_),
      best: search.bestParams_,
      said: await search.predict(X),
      isOurs: best.namedSteps.shift instanceof Shift,
    };
  };

  test('in place, on threads, on processes, with any number of jobs, with a class of the script’s own', async () => {
    const inPlace = await searched();
    expect(inPlace.isOurs).toBe(true);
    for (const [backend, nJobs] of [
      ['threads', 1],
      ['threads', 3],
      ['processes', 2],
    ] as const)
      expect(await parallelBackend(backend, { nJobs }, searched)).toEqual(inPlace);
  });

  test('a backend of one’s own sees all candidates x folds, and each shared prefix once a fold', async () => {
    const inPlace = await searched();
    let tasks = 0;
    const backend: Backend = {
      name: 'counting',
      capabilities: { killsWorker: false, sharedMemory: false, isolated: true, remote: true },
      effectiveNJobs,
      async submit(batch: Batch) {
        tasks += batch.length;
        return batch.decode(await runEncoded(await batch.encode()));
      },
      async close() {},
      async [Symbol.asyncDispose]() {},
    };
    registerParallelBackend('counting', () => backend);
    expect(await parallelBackend('counting', { nJobs: 2 }, searched)).toEqual(inPlace);
    const [candidates, folds, prefixes, refits] = [6, 3, 2, 1];
    expect(tasks).toBe(candidates * folds + prefixes * folds + refits);
  });
});

test('a worker that dies costs the fits of what it ran, and no other', async () => {
  class Fatal extends Shift {
    override async fit(given: typeof X): Promise<this> {
      if (this.params.by === 13) process.exit(3);
      return super.fit(given);
    }
  }
  const fatal = new Pipeline([
    ['fatal', new Fatal()],
    ['lr', model()],
  ]);
  const search = new GridSearchCV(fatal, { fatal__by: [0, 13], lr__C: [0.1, 1] }, { cv: 3 });
  const errors = new Set<string>();
  const onResult = ({ error }: FitEvent) => void (error instanceof Error && errors.add(error.name));
  await parallelBackend('processes', { nJobs: 2 }, () => search.fit(X, y, { onResult }));
  const means = search.cvResults_.mean_test_score as Float64Array;
  expect([...means].map(Number.isNaN)).toEqual(
    [false, true, false, true].map((_, at) => search.cvResults_.params[at]?.fatal__by === 13),
  );
  expect([...errors]).toEqual(['WorkerLostError']);
  const alone = await new GridSearchCV(fatal, { fatal__by: [0], lr__C: [0.1, 1] }, { cv: 3, refit: false }).fit(X, y);
  expect([...means].filter((mean) => !Number.isNaN(mean))).toEqual([
    ...(alone.cvResults_.mean_test_score as Float64Array),
  ]);
});

describe('a search with a memory', () => {
  test('goes on where it was, after it was cancelled', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jobloom-search-'));
    await using memory = new Memory({ location: folder });
    const search = () =>
      new GridSearchCV(pipeline(), { lr__C: [0.01, 0.1, 1], shift__by: [0, 1] }, { cv: 3, memory, refit: false });
    const stop = new AbortController();
    const stopped = search().fit(X, y, {
      signal: stop.signal,
      onResult: ({ done }) => done === 7 && stop.abort(new Error('enough')),
    });
    await expect(stopped).rejects.toThrow('enough');
    let read = 0;
    const rest = search();
    const first = await counted(() => rest.fit(X, y, { onResult: ({ fromMemory }) => (read += Number(fromMemory)) }));
    expect(read).toBeGreaterThanOrEqual(7);
    expect(first.shift).toBeLessThan(6);
    expect(await counted(() => search().fit(X, y))).toEqual({});
    expect(scoresOf(rest.cvResults_)).toEqual(scoresOf((await search().fit(X, y)).cvResults_));
    const more = new GridSearchCV(pipeline(), { lr__C: [0.01, 7], shift__by: [0] }, { cv: 3, memory, refit: false });
    expect(await counted(() => more.fit(X, y))).toEqual({ shift: 3, again: 3 });
    rmSync(folder, { recursive: true });
  });

  test('a pipeline reads its fitted steps; a changed helper fits its step again, and what follows', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jobloom-steps-'));
    await using memory = new Memory({ location: folder });
    const version = (helper: (x: number) => number) => {
      class Helped extends Shift {
        override async transform(given: typeof X): Promise<typeof X> {
          return { ...given, data: given.data.map((value) => helper(value)) };
        }
      }
      const steps = [
        ['shift', new Shift()],
        ['helped', new Helped({ name: 'helped' })],
        ['again', new Shift({ name: 'again' })],
        ['lr', model()],
      ] as const;
      return new Pipeline(steps, { memory });
    };
    const old = () => version((x) => x * 2);
    expect(await counted(() => old().fit(X, y))).toEqual({ shift: 1, helped: 1, again: 1 });
    const fitted = old();
    expect(await counted(() => fitted.fit(X, y))).toEqual({});
    expect((fitted.namedSteps.again as Shift).rows_).toBe(90);
    expect(await fitted.predict(X)).toEqual(await (await old().setParams({ memory: null }).fit(X, y)).predict(X));
    expect(await counted(() => version((x) => x * 3).fit(X, y))).toEqual({ helped: 1, again: 1 });
    expect(await counted(() => old().fit(X, y))).toEqual({});
    const search = () => new GridSearchCV(old(), { lr__C: [1, 2, 3] }, { cv: 3, refit: false }).fit(X, y);
    expect(await counted(search)).toEqual({ shift: 3, helped: 3, again: 3 });
    expect(await counted(search)).toEqual({});
    rmSync(folder, { recursive: true });
  });
});

test('a fitted search as a state, its memory left out; a function that gives several scores', async () => {
  await using memory = new Memory({ location: 'memory:' });
  const search = new GridSearchCV(model(), { C: [0.1, 1] }, { cv: 3, memory, scoring: 'roc_auc' });
  await search.fit(X, y);
  const again = fromState(structuredClone(search.toState())) as GridSearchCV;
  expect(again.cvResults_).toEqual(search.cvResults_);
  expect([await again.predict(X), await again.score(X, y)]).toEqual([
    await search.predict(X),
    await search.score(X, y),
  ]);

  const both = async (fitted: LogisticRegression, given: typeof X, labels: typeof y) => {
    const accuracy = await fitted.score(given, labels);
    return { accuracy, error: accuracy - 1 };
  };
  const several = new GridSearchCV(model(), { C: [0.1, 1] }, { cv: 3, scoring: both as never, refit: 'error' });
  await several.fit(X, y);
  expect(several.multimetric_).toBe(true);
  expect(await several.score(X, y)).toBe((await several.bestEstimator_.score(X, y)) - 1);
});

test('RandomizedSearchCV: the same seed, the same candidates', async () => {
  const search = () =>
    new RandomizedSearchCV(model(), { C: logUniform(1e-3, 1e3) }, { nIter: 4, randomState: 1, cv: 3 }).fit(X, y);
  const [one, two] = [await search(), await parallelBackend('threads', { nJobs: 2 }, search)];
  expect(one.cvResults_.params).toHaveLength(4);
  expect(scoresOf(one.cvResults_)).toEqual(scoresOf(two.cvResults_));
});

test('crossValidate: named scores, train scores, estimators; a search within', async () => {
  const { test_accuracy, train_roc_auc, fit_time, estimator } = await crossValidate(model(), X, y, {
    scoring: { accuracy: 'accuracy', roc_auc: 'roc_auc' },
    cv: 3,
    returnTrainScore: true,
    returnEstimator: true,
  });
  expect([test_accuracy, train_roc_auc, fit_time, estimator].map((each) => each?.length)).toEqual([3, 3, 3, 3]);
  const inner = new GridSearchCV(model(), { C: [0.1, 1] }, { cv: 2 });
  expect(await crossValScore(inner, X, y, { cv: 3, nJobs: 2 })).toEqual(await crossValScore(inner, X, y, { cv: 3 }));
});

test('crossValPredict: each row by a model that has not seen it', async () => {
  const cv = new KFold({ nSplits: 3 });
  const said = await crossValPredict(model(), X, y, { cv });
  const scores = await crossValScore(model(), X, y, { cv });
  const right = said.filter((label, at) => label === y[at]).length;
  expect(right / 90).toBeCloseTo(
    [...scores].reduce((sum, score) => sum + score / 3, 0),
    12,
  );
  const proba = await crossValPredict(model(), X, y, { cv, method: 'predictProba' });
  expect([proba.rows, proba.cols]).toEqual([90, 2]);
  const overlapping = [{ train: [0, 1, 2], test: [3] }];
  await expect(crossValPredict(model(), X, y, { cv: overlapping })).rejects.toThrow('each row in one test part');
});
