import {
  type DenseMatrix,
  ElasticNet,
  type ElasticNetParams,
  enetPath,
  Lasso,
  lassoPath,
  loadDigits,
  toCsr,
} from '@jobloom/ml';
import { expect, test } from 'vitest';
import { close } from './close.ts';
import { reference } from './reference/reference.ts';

interface Fit {
  readonly kind: 'Lasso' | 'ElasticNet';
  readonly problem: 'plain' | 'wide' | 'digits';
  readonly weighted: boolean;
  readonly params: Partial<ElasticNetParams>;
  readonly coef: number[];
  readonly intercept: number;
  readonly score: number;
}
interface Path {
  readonly alphas: number[];
  readonly coefs: number[];
}

const figures = reference<{ A: number[]; y: number[]; wide: number[]; fits: Fit[]; lasso: Path; enet: Path }>('lasso');
const matrix = (data: number[], cols: number): DenseMatrix => ({
  data: Float64Array.from(data),
  rows: data.length / cols,
  cols,
});
const { y } = figures;
const digits = loadDigits();
const problems = {
  plain: { X: matrix(figures.A, 15), y },
  wide: { X: matrix(figures.wide, 50), y: y.slice(0, 20) },
  digits,
};

test.each(
  figures.fits.map(
    (fit) => [JSON.stringify({ ...fit.params, of: [fit.kind, fit.problem, fit.weighted] }), fit] as const,
  ),
)('the weights of scikit-learn: %s', async (_, { kind, problem, weighted, params, coef, intercept, score }) => {
  const { X, y } = problems[problem];
  const options = weighted ? { sampleWeight: Float64Array.from(y, (_each, i) => (i % 4) / 2) } : {};
  for (const features of [X, toCsr(X)]) {
    const model = await new (kind === 'Lasso' ? Lasso : ElasticNet)(params).fit(features, y, options);
    expect(model.converged_).toBe(true);
    close(model.coef_, coef, 1e-5);
    close([model.intercept_], [intercept], 1e-5);
    expect(await model.score(X, y)).toBeCloseTo(score, 8);
  }
});

test('the gap bounds how far the objective is above its minimum, and a fit that ends early says so', async () => {
  const { X, y } = problems.digits;
  const objective = async (model: Lasso): Promise<number> => {
    const predicted = await model.predict(X);
    const squares = predicted.reduce((sum, each, row) => sum + (each - (y[row] as number)) ** 2, 0);
    return squares / (2 * y.length) + 0.1 * model.coef_.reduce((sum, each) => sum + Math.abs(each), 0);
  };
  const minimum = await objective(await new Lasso({ alpha: 0.1, tol: 1e-12, maxIter: 100_000 }).fit(X, y));
  const early = await new Lasso({ alpha: 0.1, maxIter: 3 }).fit(X, y);
  expect(early.converged_).toBe(false);
  expect(early.nIter_).toBe(3);
  const above = (await objective(early)) - minimum;
  expect(above).toBeGreaterThan(1e-4);
  expect(above).toBeLessThanOrEqual(early.dualGap_);
});

test('paths', async () => {
  const { X } = problems.plain;
  const means = Array.from(
    { length: 15 },
    (_, j) => figures.A.reduce((sum, each, i) => (i % 15 === j ? sum + each : sum), 0) / 60,
  );
  const centred = { ...X, data: X.data.map((each, i) => each - (means[i % 15] as number)) };
  const targets = y.map((each) => each - y.reduce((sum, one) => sum + one, 0) / 60);
  const options = { nAlphas: 6, eps: 0.01, tol: 1e-10, maxIter: 100_000 };
  const lasso = await lassoPath(centred, targets, options);
  close(lasso.alphas, figures.lasso.alphas, 1e-12);
  close(lasso.coefs.data, figures.lasso.coefs, 1e-6);
  const enet = await enetPath(toCsr(centred), targets, { ...options, l1Ratio: 0.4 });
  close(enet.alphas, figures.enet.alphas, 1e-12);
  close(enet.coefs.data, figures.enet.coefs, 1e-6);
  const given = await lassoPath(centred, targets, { ...options, alphas: [0.1, 1] });
  expect([...given.alphas]).toEqual([1, 0.1]);
  await expect(lassoPath(centred, targets, { alphas: [-1] })).rejects.toThrow(
    'alphas of a path must be finite numbers',
  );
  await expect(enetPath(centred, targets, { l1Ratio: 0 })).rejects.toThrow('l1Ratio of enetPath must be a number');
});
