import {
  GaussianNB,
  HalvingGridSearchCV,
  KNeighborsClassifier,
  LogisticRegression,
  learningCurve,
  loadDigits,
  Ridge,
  take,
} from '@jobloom/ml';
import { parallelBackend } from '@jobloom/parallel';
import { describe, expect, test } from 'vitest';
import { close } from './close.ts';
import { reference } from './reference/reference.ts';

interface Halving {
  readonly resources: number[];
  readonly candidates: number[];
  readonly iter: number[];
  readonly values: number[];
  readonly means: number[];
  readonly best: number;
  readonly remaining: number;
  readonly required: number;
  readonly possible: number;
}
const figures = reference<{ halving: Halving[]; curve: { sizes: number[]; train: number[]; test: number[] }[] }>(
  'models',
);
const digits = loadDigits();
const first = Int32Array.from({ length: 600 }, (_, row) => row);
const [X, y] = [take(digits.X, first), take(digits.y, first)];
const grid = { nNeighbors: [1, 2, 3, 5, 8, 13, 21] };

describe('successive halving', () => {
  test.each([
    ['as many resources as there are', { factor: 2 }],
    ['from few', { minResources: 'smallest' }],
    ['more rounds than resources allow', { factor: 2, maxResources: 100, aggressiveElimination: true }],
  ] as const)('the rounds, rows and scores of scikit-learn: %s', async (name, options) => {
    const at = name.startsWith('as') ? 0 : name.startsWith('from') ? 1 : 2;
    const expected = figures.halving[at] as Halving;
    const search = new HalvingGridSearchCV(new KNeighborsClassifier(), grid, { cv: 3, randomState: 0, ...options });
    await parallelBackend('threads', { nJobs: 2 }, () => search.fit(X, y));
    expect([search.nResources_, search.nCandidates_]).toEqual([expected.resources, expected.candidates]);
    expect(search.nRemainingCandidates_).toBe(expected.remaining);
    expect([search.nRequiredIterations_, search.nPossibleIterations_]).toEqual([expected.required, expected.possible]);
    const { cvResults_: results } = search;
    const columns = results as unknown as Record<'iter' | 'n_resources', Int32Array>;
    expect([...columns.iter]).toEqual(expected.iter);
    expect([...columns.n_resources]).toEqual(expected.iter.map((round) => expected.resources[round]));
    expect(search.bestIndex_).toBe(expected.best);
    expect(search.bestParams_).toEqual({ nNeighbors: expected.values[expected.best] });
    expect((await search.predict(X)).length).toBe(600);
    // of equal scores scikit-learn keeps any, so the order within a round is compared by score
    const sorted = (means: number[]): number[] =>
      means.map((mean, i) => (expected.iter[i] as number) * 10 + mean).sort((a, b) => a - b);
    close(sorted([...(results.mean_test_score as Float64Array)]), sorted(expected.means), 1e-12);
  });

  test('a parameter as the resource, the same in place and on threads', async () => {
    const model = new LogisticRegression({ solver: 'liblinear' });
    const options = { resource: 'maxIter', maxResources: 9, factor: 3, cv: 2 } as const;
    const make = (): HalvingGridSearchCV => new HalvingGridSearchCV(model, { C: [0.001, 0.01, 0.1, 1] }, options);
    const search = await make().fit(X, y);
    expect([search.nResources_, search.nCandidates_]).toEqual([
      [3, 9],
      [4, 2],
    ]);
    expect(search.cvResults_.param_maxIter).toEqual([3, 3, 3, 3, 9, 9]);
    expect(search.bestEstimator_.getParams()).toMatchObject({ maxIter: 9, C: search.bestParams_.C });
    const there = await parallelBackend('threads', { nJobs: 2 }, () => make().fit(X, y));
    expect(there.cvResults_.mean_test_score).toEqual(search.cvResults_.mean_test_score);
  });

  test('what cannot be is refused', async () => {
    const search = (options: object, values: object = grid): Promise<unknown> =>
      new HalvingGridSearchCV(new KNeighborsClassifier(), values as typeof grid, { cv: 2, ...options }).fit(X, y);
    await expect(search({ factor: 1 })).rejects.toThrow(
      "The 'factor' parameter of HalvingGridSearchCV must be a number in the range (1, inf). Got 1 instead.",
    );
    await expect(search({ resource: 'nNeighbors', maxResources: 3 })).rejects.toThrow("'nNeighbors' is the resource");
    await expect(search({ resource: 'leafSize' })).rejects.toThrow(
      "maxResources must be a number where the resource is 'leafSize'",
    );
    await expect(search({ maxResources: 601 })).rejects.toThrow('an integer from 1 to 600. Got 601 instead.');
    await expect(search({ minResources: 300, maxResources: 200 })).rejects.toThrow(
      'the least resources, 300, are more than the most, 200.',
    );
    await expect(search({ scoring: ['accuracy', 'f1_macro'], refit: 'accuracy' })).rejects.toThrow('takes one score');
  });
});

describe('learning curve', () => {
  test('the scores of scikit-learn', async () => {
    for (const [at, options] of [
      [0, {}],
      [1, { trainSizes: [50, 400, 100] }],
      [2, { shuffle: true, randomState: 1 }],
    ] as const) {
      const expected = figures.curve[at];
      const curve = await learningCurve(new GaussianNB(), digits.X, digits.y, { cv: 3, ...options });
      expect([...curve.trainSizes]).toEqual(expected?.sizes);
      close(curve.trainScores.data, expected?.train as number[], 1e-12);
      close(curve.testScores.data, expected?.test as number[], 1e-12);
      expect([curve.fitTimes.rows, curve.scoreTimes.cols]).toEqual([expected?.sizes.length, 3]);
    }
  });

  test('other sizes than there are rows for are refused', async () => {
    await expect(learningCurve(new Ridge(), X, y, { trainSizes: [500], cv: 3 })).rejects.toThrow(
      'trainSizes must be shares in (0, 1], or numbers of rows from 1 to 400, the smallest train part. Got [500].',
    );
  });
});
