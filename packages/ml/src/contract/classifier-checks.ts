import assert from 'node:assert/strict';
import { InputError } from '../base/errors.ts';
import { accuracyOf } from '../base/scores.ts';
import type { DenseMatrix } from '../data/features.ts';
import { type Label, type Labels, uniqueLabels } from '../data/labels.ts';
import type { Checks } from './check-estimator.ts';
import { labelled, sampleFor } from './samples.ts';
import { alike, fitted, fresh, rowsOf, type Subject } from './subject.ts';

/** Labels of any kind, probabilities and decisions that agree with them. */
export const classifierChecks: Checks = (test, make, { poorScore = false }) => {
  const { tags } = make();
  const sample = sampleFor(tags);
  const codes = sample.y as ArrayLike<number>;
  const predicted = async (estimator: Subject): Promise<Label[]> => (await estimator.predict?.(sample.X)) as Label[];

  test('classes_ are the labels, sorted, and what it predicts is among them', async () => {
    const estimator = await fitted(make, sample);
    const classes = estimator.classes_ as Label[];
    for (const label of await predicted(estimator)) assert.ok(classes.includes(label));
    assert.deepEqual(classes, uniqueLabels(codes));
  });

  test('labels may be texts, negative numbers, bigints and booleans', async () => {
    const expected = await predicted(await fitted(make, sample));
    const kinds: Label[][] = [
      ['a', 'b', 'c'],
      [-5, -1, 12],
      [1n, 2n, 30n],
    ];
    for (const labels of kinds) {
      const estimator = await fitted(make, { ...sample, y: labelled<Label>(codes, labels) });
      assert.deepEqual(await predicted(estimator), labelled<Label>(expected as number[], labels));
    }
    const two = await fitted(make, { ...sample, y: Array.from(codes, (code) => code > 0) });
    assert.deepEqual(two.classes_, [false, true]);
  });

  test('labels of several kinds, or that are missing, are refused', async () => {
    for (const wrong of ['1', null, undefined, Number.NaN, Number.POSITIVE_INFINITY]) {
      const y = Array.from(codes, (code, i) => (i === 3 ? wrong : code)) as Labels;
      await assert.rejects(async () => fresh(make).fit(sample.X, y), InputError);
    }
  });

  test('a single class is refused, or always predicted', async () => {
    const y = Array.from(codes, () => 'only');
    const estimator = fresh(make);
    try {
      await estimator.fit(sample.X, y);
    } catch (error) {
      assert.ok(error instanceof InputError && /class/.test(error.message));
      return;
    }
    assert.deepEqual(await predicted(estimator), y);
  });

  test('score is the accuracy', async () => {
    const estimator = await fitted(make, sample);
    const accuracy = accuracyOf(codes, await predicted(estimator));
    assert.equal(await estimator.score?.(sample.X, codes), accuracy);
    if (!tags.ignoresX && !poorScore) assert.ok(accuracy > 0.8, `accuracy ${accuracy} on classes that are apart`);
  });

  test('probabilities are a share for each class, the largest for the label', async () => {
    const estimator = await fitted(make, sample);
    if (!estimator.provides('predictProba')) return;
    const rows = rowsOf(await estimator.predictProba?.(sample.X)) as number[][];
    const labels = await predicted(estimator);
    const classes = estimator.classes_ as Label[];
    for (const [i, row] of rows.entries()) {
      assert.equal(row.length, classes.length);
      assert.ok(row.every((each) => each >= 0 && each <= 1));
      alike(
        row.reduce((sum, each) => sum + each, 0),
        1,
        1e-9,
      );
      assert.equal(classes[row.indexOf(Math.max(...row))], labels[i]);
    }
  });

  test('decisions are largest for the label; of two classes above zero for the second', async () => {
    for (const y of tags.binaryOnly ? [codes] : [codes, Array.from(codes, (code) => Math.min(code, 1))]) {
      const estimator = await fitted(make, { ...sample, y });
      if (!estimator.provides('decisionFunction')) return;
      const decisions = await estimator.decisionFunction?.(sample.X);
      const { cols } = decisions as DenseMatrix;
      const rows = rowsOf(decisions) as number[][];
      const classes = estimator.classes_ as Label[];
      const labels = await predicted(estimator);
      assert.equal(cols, classes.length === 2 ? 1 : classes.length);
      for (const [i, row] of rows.entries()) {
        const best = cols === 1 ? Number((row[0] as number) > 0) : row.indexOf(Math.max(...row));
        assert.equal(classes[best], labels[i]);
      }
    }
  });
};
