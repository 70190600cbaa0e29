import assert from 'node:assert/strict';
import { NotFittedError } from '../base/errors.ts';
import { toCsr, toRows } from '../data/convert.ts';
import type { DenseMatrix, Features } from '../data/features.ts';
import { type Rows, take } from '../data/take.ts';
import type { Checks } from './check-estimator.ts';
import { numbersFor, sampleFor } from './samples.ts';
import { ANSWERING, alike, answersOf, fitted, fresh, rowsOf } from './subject.ts';

/** What `fit` leaves behind, and that the same data give the same answers in whatever form they come. */
export const fitChecks: Checks = (test, make, { rowsMatter = false }) => {
  const { tags } = make();
  const sample = sampleFor(tags);

  test('before fit it answers with NotFittedError, unless it needs no fit', async () => {
    const estimator = make();
    assert.equal(estimator.isFitted, tags.stateless);
    for (const method of ANSWERING) {
      if (tags.stateless || !estimator.provides(method)) continue;
      await assert.rejects(async () => estimator[method]?.(sample.X), NotFittedError);
    }
  });

  test('fit gives the estimator itself', async () => {
    const estimator = fresh(make);
    assert.equal(await estimator.fit(sample.X, sample.y), estimator);
    assert.ok(estimator.isFitted);
  });

  test('what fit learned is in fields whose names end in _', async () => {
    const estimator = await fitted(make, sample);
    for (const name of Object.keys(estimator)) assert.ok(name === 'params' || name.endsWith('_'), name);
  });

  test('fitting again gives the same', async () => {
    const estimator = await fitted(make, sample);
    const first = await answersOf(estimator, sample.X);
    await estimator.fit(sample.X, sample.y);
    assert.deepEqual(await answersOf(estimator, sample.X), first);
  });

  test('fitting on other data forgets what was learned', async () => {
    const other = sampleFor(tags, 2);
    const estimator = await fitted(make, sample);
    await estimator.fit(other.X, other.y);
    const afresh = await fitted(make, other);
    assert.deepEqual(estimator.fitted(), afresh.fitted());
    assert.deepEqual(await answersOf(estimator, other.X), await answersOf(afresh, other.X));
  });

  test('two of the same parameters and data learn the same', async () => {
    const [first, second] = [await fitted(make, sample), await fitted(make, sample)];
    assert.deepEqual(await answersOf(first, sample.X), await answersOf(second, sample.X));
  });

  test('X and y stay as they were', async () => {
    const before = structuredClone(sample);
    const estimator = await fitted(make, sample);
    await answersOf(estimator, sample.X);
    assert.deepEqual(sample, before);
  });

  if (tags.input !== 'labels') {
    test('answers have a row for each row, in their order', async () => {
      const estimator = await fitted(make, sample);
      const backwards = Array.from({ length: 60 }, (_, i) => 59 - i);
      const [straight, turned] = [
        await answersOf(estimator, sample.X),
        await answersOf(estimator, take(sample.X as Rows, backwards)),
      ];
      for (const [method, answer] of Object.entries(straight)) {
        assert.equal(rowsOf(answer).length, 60, method);
        if (!rowsMatter) alike(rowsOf(turned[method]).reverse(), rowsOf(answer), 1e-12);
      }
    });

    test('a row alone has the answer that it has among others', async () => {
      if (rowsMatter) return;
      const estimator = await fitted(make, sample);
      const all = await answersOf(estimator, sample.X);
      for (const row of [0, 31, 59]) {
        const alone = await answersOf(estimator, take(sample.X as Rows, [row]));
        for (const [method, answer] of Object.entries(alone)) alike(rowsOf(answer), [rowsOf(all[method])[row]], 1e-12);
      }
    });
  }

  if (tags.input === 'numbers') {
    const numbers = numbersFor(tags);
    const answersFor = async (X: Features): Promise<Record<string, unknown>> => {
      const estimator = await fitted(make, { X, y: sample.y });
      return answersOf(estimator, X);
    };

    test('rows, frozen rows, doubles and floats give the same', async () => {
      const expected = await answersFor(numbers);
      const rows = toRows(numbers);
      alike(await answersFor(rows), expected, 1e-12);
      alike(await answersFor(Object.freeze(rows.map(Object.freeze)) as number[][]), expected, 1e-12);
      alike(await answersFor({ ...numbers, data: Float32Array.from(numbers.data) }), expected, 1e-5);
    });

    test('columns by name give the same', async () => {
      const named = toRows(numbers).map((row) =>
        Object.fromEntries(row.map((each, column) => [`column${column}`, each])),
      );
      alike(await answersFor(named), await answersFor(numbers), 1e-12);
    });

    test('a single column, and columns that are constant, are data too', async () => {
      await fitted(make, { X: columnsOf(numbers, 1), y: sample.y });
      const constant: DenseMatrix = { ...numbers, data: numbers.data.map((each, i) => (i % 5 === 2 ? 7 : each)) };
      for (const answer of Object.values(await answersFor(constant))) {
        assert.ok(
          rowsOf(answer)
            .flat()
            .every((each) => !Number.isNaN(each)),
        );
      }
    });

    if (tags.sparse) {
      test('CSR and dense give the same', async () => {
        const thin: DenseMatrix = { ...numbers, data: numbers.data.map((each, i) => (i % 3 === 0 ? 0 : each)) };
        let sparse: Record<string, unknown>;
        try {
          sparse = await answersFor(toCsr(thin));
        } catch (error) {
          if (String((error as Error).message).includes('sparse')) return; // with these parameters it takes none, and says so
          throw error;
        }
        alike(sparse, await answersFor(thin), 1e-6);
      });
    }
  }
};

/** The first columns. */
function columnsOf(X: DenseMatrix, count: number): number[][] {
  return toRows(X).map((row) => row.slice(0, count));
}
