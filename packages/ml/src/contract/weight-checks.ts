import assert from 'node:assert/strict';
import { InputError } from '../base/errors.ts';
import { type Rows, take } from '../data/take.ts';
import type { Checks } from './check-estimator.ts';
import { sampleFor } from './samples.ts';
import { alike, answersOf, fitted, fresh } from './subject.ts';

/** Weights of rows, where `fit` takes them. */
export const weightChecks: Checks = (test, make) => {
  const { tags } = make();
  if (!tags.sampleWeight) return;
  const sample = sampleFor(tags);

  test('weights of one are no weights', async () => {
    const weighted = await fitted(make, sample, { sampleWeight: new Float64Array(60).fill(1) });
    const plain = await fitted(make, sample);
    alike(await answersOf(weighted, sample.X), await answersOf(plain, sample.X), 1e-9);
  });

  test('rows of weight zero are not there', async () => {
    const kept = Array.from({ length: 60 }, (_, i) => i).filter((i) => i % 4 !== 3);
    const weights = Float64Array.from({ length: 60 }, (_, i) => (i % 4 === 3 ? 0 : 1));
    const weighted = await fitted(make, sample, { sampleWeight: weights });
    const without = await fitted(make, {
      X: take(sample.X as Rows, kept) as typeof sample.X,
      y: sample.y === undefined ? undefined : (take(sample.y as Rows, kept) as typeof sample.y),
    });
    alike(await answersOf(weighted, sample.X), await answersOf(without, sample.X), 1e-5);
  });

  test('weights stay as they were', async () => {
    const weights = Array.from({ length: 60 }, (_, i) => i % 3);
    const before = [...weights];
    await fitted(make, sample, { sampleWeight: weights });
    assert.deepEqual(weights, before);
  });

  test('weights that are negative, not finite, too few or all zero are refused', async () => {
    for (const sampleWeight of [
      new Float64Array(60).fill(-1),
      new Float64Array(60).fill(Number.NaN),
      [1],
      new Float64Array(60),
    ]) {
      await assert.rejects(async () => fresh(make).fit(sample.X, sample.y, { sampleWeight }), InputError);
    }
  });
};
