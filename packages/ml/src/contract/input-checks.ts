import assert from 'node:assert/strict';
import { InputError } from '../base/errors.ts';
import { toCsr, toRows } from '../data/convert.ts';
import type { Checks } from './check-estimator.ts';
import { numbersFor, sampleFor } from './samples.ts';
import { ANSWERING, fitted, fresh } from './subject.ts';

/** Data that cannot be used are refused with an InputError, at fit and at answers. */
export const inputChecks: Checks = (test, make) => {
  const { tags } = make();
  const sample = sampleFor(tags);
  const { y } = sample;

  const refuses = async (X: unknown, atAnswers = true): Promise<void> => {
    await assert.rejects(async () => fresh(make).fit(X, y), InputError);
    const estimator = await fitted(make, sample);
    for (const method of atAnswers ? ANSWERING : []) {
      if (estimator.provides(method)) await assert.rejects(async () => estimator[method]?.(X), InputError);
    }
  };

  if (tags.requiresY) {
    test('y is needed, an element a row', async () => {
      await assert.rejects(async () => fresh(make).fit(sample.X), InputError);
      await assert.rejects(async () => fresh(make).fit(sample.X, Array.from(y ?? []).slice(1)), InputError);
    });
  }

  if (tags.input !== 'labels') {
    test('no rows are refused', async () => {
      await assert.rejects(async () => fresh(make).fit([], []), InputError);
    });
  }

  if (tags.input === 'documents') {
    test('what are no documents is refused', async () => {
      await refuses('one document');
      await refuses([1, 2, 3]);
      await refuses([['a'], ['b']]);
    });
  }

  if (tags.input === 'cells' && !tags.ignoresX && !tags.stateless) {
    test('another width than at fit is refused', async () => {
      const estimator = await fitted(make, sample);
      const wide = (sample.X as number[][]).map((row) => [...row, 1]);
      for (const method of ANSWERING) {
        if (estimator.provides(method)) await assert.rejects(async () => estimator[method]?.(wide), InputError);
      }
    });
  }

  if (tags.input !== 'numbers') return;
  const rows = toRows(numbersFor(tags));
  const withCell = (cell: unknown): unknown[][] =>
    rows.map((row, i) => (i === 7 ? [row[0], cell, ...row.slice(2)] : row));

  test('NaN is refused, or a missing value', async () => {
    if (!tags.allowsNaN) return refuses(withCell(Number.NaN));
    await fresh(make).fit(withCell(Number.NaN), y);
  });

  test('infinity is refused', async () => {
    await refuses(withCell(Number.POSITIVE_INFINITY));
    await refuses(withCell(Number.NEGATIVE_INFINITY));
  });

  test('text among numbers is refused', async () => {
    await refuses(withCell('7'));
    await refuses(rows.map(() => 'text'));
  });

  test('ragged rows are refused', async () => {
    await refuses(rows.map((row, i) => (i === 7 ? row.slice(1) : row)));
  });

  test('a list of numbers is refused', async () => {
    await refuses(rows.map((row) => row[0]));
  });

  test('no columns are refused', async () => {
    await refuses(rows.map(() => []));
  });

  test('a matrix whose parts do not fit together is refused', async () => {
    await refuses({ data: new Float64Array(7), rows: 60, cols: 5 });
  });

  test('another width than at fit is refused, with both', async () => {
    const estimator = await fitted(make, sample);
    const wide = rows.map((row) => [...row, 1]);
    for (const method of tags.stateless ? [] : ANSWERING) {
      if (!estimator.provides(method)) continue;
      await assert.rejects(
        async () => estimator[method]?.(wide),
        (error: Error) =>
          error instanceof InputError && /X has 6 features, but .* is expecting 5 features/.test(error.message),
      );
    }
    if (Object.hasOwn(estimator.fitted(), 'nFeaturesIn_')) assert.equal(estimator.nFeaturesIn_, 5);
  });

  if (!tags.sparse) {
    test('CSR is refused, with a way out', async () => {
      await assert.rejects(
        async () => fresh(make).fit(toCsr(rows), y),
        (error: Error) => error instanceof InputError && error.message.includes('toDense'),
      );
    });
  }
};
