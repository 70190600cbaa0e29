import assert from 'node:assert/strict';
import { InputError } from '../base/errors.ts';
import { r2Of } from '../base/scores.ts';
import type { Checks } from './check-estimator.ts';
import { sampleFor } from './samples.ts';
import { alike, answersOf, fitted, fresh } from './subject.ts';

/** Numbers in, numbers out. */
export const regressorChecks: Checks = (test, make) => {
  const { tags } = make();
  const sample = sampleFor(tags);
  const y = sample.y as Float64Array;

  test('it predicts finite doubles', async () => {
    const estimator = await fitted(make, sample);
    const predicted = await estimator.predict?.(sample.X);
    assert.ok(predicted instanceof Float64Array);
    assert.ok(predicted.every(Number.isFinite));
  });

  test('score is R2', async () => {
    const estimator = await fitted(make, sample);
    const r2 = r2Of(y, (await estimator.predict?.(sample.X)) as Float64Array);
    assert.equal(await estimator.score?.(sample.X, y), r2);
    if (!tags.ignoresX) assert.ok(r2 > 0.5, `R2 ${r2} on a linear function`);
  });

  test('it has no probabilities and decisions', async () => {
    assert.ok(!make().provides('predictProba') && !make().provides('decisionFunction'));
  });

  test('targets may be integers and plain lists', async () => {
    const rounded = Int32Array.from(y, Math.round);
    const whole = await fitted(make, { ...sample, y: rounded });
    const list = await fitted(make, { ...sample, y: Array.from(rounded) });
    alike(await answersOf(list, sample.X), await answersOf(whole, sample.X), 0);
  });

  test('targets that are no finite numbers are refused', async () => {
    for (const wrong of ['1', null, Number.NaN, Number.POSITIVE_INFINITY]) {
      const targets = Array.from(y, (each, i) => (i === 3 ? wrong : each));
      await assert.rejects(async () => fresh(make).fit(sample.X, targets), InputError);
    }
  });
};
