import assert from 'node:assert/strict';
import { Pipeline } from '../compose/pipeline.ts';
import { type Features, isMatrix } from '../data/features.ts';
import type { Labels } from '../data/labels.ts';
import type { Checks } from './check-estimator.ts';
import { sampleFor } from './samples.ts';
import { alike, fitted, fresh, rowsOf } from './subject.ts';

/** What it makes of rows. */
export const transformerChecks: Checks = (test, make) => {
  const { tags } = make();
  const sample = sampleFor(tags);

  test('fitTransform gives what fit, then transform gives', async () => {
    const separate = await (await fitted(make, sample)).transform?.(sample.X);
    const estimator = fresh(make);
    if (!estimator.provides('fitTransform')) return;
    alike(await estimator.fitTransform?.(sample.X, sample.y), separate, 1e-12);
    alike(await estimator.transform?.(sample.X), separate, 1e-12);
  });

  test('transform gives a row for each row, twice the same', async () => {
    const estimator = await fitted(make, sample);
    const first = await estimator.transform?.(sample.X);
    assert.equal(rowsOf(first).length, 60);
    assert.deepEqual(await estimator.transform?.(sample.X), first);
  });

  test('names of features are as many as features', async () => {
    const estimator = await fitted(make, sample);
    const names = estimator.getFeatureNamesOut?.();
    const made = await estimator.transform?.(sample.X);
    if (names !== undefined && isMatrix(made)) assert.equal(names.length, made.cols);
  });

  if (tags.input !== 'labels') {
    test('in a pipeline it does what it does alone', async () => {
      const [X, y] = [sample.X as Features, sample.y as Labels];
      const pipeline = await new Pipeline([
        ['first', fresh(make)],
        ['last', 'passthrough'],
      ]).fit(X, y);
      alike(await pipeline.transform(X), await (await fitted(make, sample)).transform?.(X), 1e-12);
    });
  }
};
