import { DummyClassifier, type DummyClassifierParams, LinearRegression, loadDigits, Ridge, toCsr } from '@jobloom/ml';
import { expect, test } from 'vitest';
import { close } from './close.ts';
import { reference } from './reference/reference.ts';

interface Fit {
  readonly coef: number[];
  readonly intercept: number;
  readonly score: number;
}
const figures = reference<{
  A: number[][];
  w: number[];
  y: number[];
  wide: number[][];
  linear: Fit[];
  ridge: Fit[];
  singular: number[];
  digitsRank: number;
  dummies: {
    strategy: DummyClassifierParams['strategy'];
    constant: string | null;
    predict: string[];
    proba: number[];
  }[];
}>('preprocessing');
const { A, w, y, wide } = figures;
const digits = loadDigits();
const problems = [
  { name: 'plain', X: A, y },
  { name: 'without intercept', X: A, y, fitIntercept: false },
  { name: 'weighted', X: A, y, sampleWeight: w },
  { name: 'wide', X: wide, y: y.slice(0, 4) },
  { name: 'digits, where columns are constant', X: digits.X, y: digits.y },
] as const;
const alphas = [2, 0.1, 1, 1, 3];

test.each(problems.map((problem, i) => [problem.name, i, problem] as const))(
  'LinearRegression and Ridge as scikit-learn: %s',
  async (_, i, { X, y, ...rest }) => {
    const params = 'fitIntercept' in rest ? { fitIntercept: rest.fitIntercept } : {};
    const options = 'sampleWeight' in rest ? { sampleWeight: rest.sampleWeight } : {};
    for (const [model, expected] of [
      [new LinearRegression(params), figures.linear[i]],
      [new Ridge({ ...params, alpha: alphas[i] as number }), figures.ridge[i]],
    ] as [LinearRegression | Ridge, Fit][]) {
      await model.fit(X, y, options);
      close(model.coef_, expected.coef, 1e-9);
      close([model.intercept_], [expected.intercept], 1e-9);
      expect(await model.score(X, y, options)).toBeCloseTo(expected.score, 10);
      if (i === 4) continue; // conjugate gradients reach fewer digits there
      const sparse = await (model instanceof Ridge ? new Ridge(model.params) : new LinearRegression(params)).fit(
        toCsr(X),
        y,
        options,
      );
      close(sparse.coef_, expected.coef, 1e-7);
    }
  },
);

test('rank and singular values', async () => {
  close((await new LinearRegression().fit(A, y)).singular_ as Float64Array, figures.singular, 1e-10);
  expect((await new LinearRegression().fit(digits.X, digits.y)).rank_).toBe(figures.digitsRank);
});

test.each(figures.dummies)(
  'DummyClassifier as scikit-learn: $strategy',
  async ({ strategy, constant, predict, proba }) => {
    const model = await new DummyClassifier({ strategy, constant, randomState: 5 }).fit(
      Array.from({ length: 6 }, () => [0]),
      [...'abbcbc'],
    );
    const X = Array.from({ length: 8 }, () => [0]);
    expect(await model.predict(X)).toEqual(predict);
    close((await model.predictProba(X)).data, proba, 1e-15);
  },
);

test('bad targets are refused', async () => {
  await expect(new Ridge().fit([[1], [2]], [1, Number.NaN])).rejects.toThrow(
    'y of Ridge must be finite numbers. Got NaN at row 1.',
  );
  await expect(new Ridge().fit([[1], [2]], ['a', 'b'] as never)).rejects.toThrow(
    "y of Ridge must be finite numbers. Got 'a' at row 0.",
  );
  await expect(new Ridge().fit([[1], [2]], [1])).rejects.toThrow(
    'Ridge: X and y have different numbers of rows: 2 and 1.',
  );
  await expect(new DummyClassifier({ strategy: 'constant', constant: 'z' }).fit([[1]], ['a'])).rejects.toThrow(
    "The constant of DummyClassifier must be one of the labels in y: ['a']. Got 'z'.",
  );
});
