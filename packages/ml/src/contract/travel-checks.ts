import assert from 'node:assert/strict';
import { delayed, parallel, parallelBackend } from '@jobloom/parallel';
import { StateError } from '../base/errors.ts';
import type { Features } from '../data/features.ts';
import { GridSearchCV } from '../selection/grid-search-cv.ts';
import { fromState } from '../state/from-state.ts';
import { registerEstimator } from '../state/registry.ts';
import type { EstimatorState } from '../state/to-state.ts';
import type { Checks } from './check-estimator.ts';
import { sampleFor } from './samples.ts';
import { answersOf, fitted, fresh, type Subject } from './subject.ts';

/** The same answers from states, and from tasks on backends. */
export const travelChecks: Checks = (test, make, { noState = false, backends = { threads: {}, processes: {} } }) => {
  const { tags } = make();
  const sample = sampleFor(tags);

  if (!noState) {
    test('a state is plain data, and its estimator answers the same', async () => {
      const estimator = await fitted(make, sample);
      registerEstimator(estimator.constructor as new () => Subject);
      const state = structuredClone(estimator.toState());
      const again = fromState(state) as Subject;
      assert.equal(again.constructor, estimator.constructor);
      assert.deepEqual(await answersOf(again, sample.X), await answersOf(estimator, sample.X));
      assert.deepEqual(again.toState(), state);
    });

    test('the state of an unfitted estimator is one that can be fitted', async () => {
      const estimator = fresh(make);
      registerEstimator(estimator.constructor as new () => Subject);
      const again = fromState(structuredClone(estimator.toState())) as Subject;
      await again.fit(sample.X, sample.y);
      const expected = await fitted(make, sample);
      assert.deepEqual(await answersOf(again, sample.X), await answersOf(expected, sample.X));
    });

    test('states of newer versions and of no class are refused', async () => {
      const state = fresh(make).toState();
      registerEstimator(make().constructor as new () => Subject);
      const wrong: object[] = [
        { version: state.version + 1 },
        { version: 'x' },
        { type: 'NoSuchClass' },
        { format: 'other' },
      ];
      for (const each of wrong) assert.throws(() => fromState({ ...state, ...each } as EstimatorState), StateError);
    });
  }

  for (const [backend, options] of Object.entries(backends)) {
    const elsewhere = <T>(body: () => Promise<T>): Promise<T> =>
      parallelBackend(backend, { nJobs: 1, ...options }, body);

    test(`fitted in ${backend}, it comes back and answers the same, there and here`, async () => {
      const estimator = fresh(make);
      const fit = async (each: Subject, X: unknown, y: unknown): Promise<[Subject, unknown]> => {
        await each.fit(X, y);
        const answers: Record<string, unknown> = {};
        for (const method of ['predict', 'predictProba', 'decisionFunction', 'transform'] as const) {
          if (each.provides(method)) answers[method] = await each[method]?.(X);
        }
        return [each, answers];
      };
      const [back] = await elsewhere(() => parallel([delayed(fit)(estimator, sample.X, sample.y)]));
      const [there, answers] = back as [Subject, unknown];
      const expected = await answersOf(await fitted(make, sample), sample.X);
      assert.deepEqual(answers, expected);
      assert.deepEqual(await answersOf(there, sample.X), expected);
      assert.equal(estimator.isFitted, tags.stateless);
    });

    if (!make().provides('score')) continue;
    test(`a search on ${backend} gives the scores of one in place`, async () => {
      const searched = async (): Promise<unknown> => {
        const search = new GridSearchCV(fresh(make), {}, { cv: 2, errorScore: 'raise' });
        await search.fit(sample.X as Features, sample.y);
        return [search.cvResults_.mean_test_score, await answersOf(search.bestEstimator_ as Subject, sample.X)];
      };
      assert.deepEqual(await elsewhere(searched), await searched());
    });
  }
};
