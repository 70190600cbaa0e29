import {
  type DenseMatrix,
  LogisticRegression,
  type LogisticRegressionParams,
  loadDigits,
  makeClassification,
  take,
  toCsr,
} from '@jobloom/ml';
import { expect, test, vi } from 'vitest';
import { close } from './close.ts';
import { reference } from './reference/reference.ts';

interface Fit {
  readonly problem: 'digits' | 'binary' | 'three';
  readonly weighted: boolean;
  readonly params: Partial<LogisticRegressionParams>;
  readonly coef: number[];
  readonly intercept: number[];
  readonly iterations: number;
  readonly proba: number[];
  readonly decision: number[];
  readonly score: number;
}

const { fits, curve } = reference<{ fits: Fit[]; curve: [number, number][] }>('logistic');
const problems = {
  digits: loadDigits(),
  binary: makeClassification({ nSamples: 200, nFeatures: 12, nInformative: 5, randomState: 1 }),
  three: makeClassification({ nSamples: 150, nFeatures: 10, nInformative: 6, nClasses: 3, randomState: 2 }),
};

test.each(
  fits.map((fit) => [JSON.stringify({ ...fit.params, problem: fit.problem, weighted: fit.weighted }), fit] as const),
)(
  'the fit of scikit-learn: %s',
  async (_, { problem, weighted, params, coef, intercept, iterations, proba, decision, score }) => {
    const { X, y } = problems[problem];
    const options = weighted ? { sampleWeight: Float64Array.from(y, (_each, i) => (i % 4) / 2) } : {};
    const model = await new LogisticRegression<number>(params).fit(X, y, options);
    const first = take(X, [0, 1, 2]);
    const isLong = iterations > 12 && params.solver === 'liblinear'; // rounding decides which of two steps is the last
    expect(Math.abs(Math.max(...model.nIter_) - iterations)).toBeLessThanOrEqual(isLong ? 1 : 0);
    if (isLong) return close(model.coef_.data.subarray(0, coef.length), coef, 1e-3);
    close(model.coef_.data.subarray(0, coef.length), coef, 1e-6);
    close(model.intercept_, intercept, 1e-6);
    close((await model.predictProba(first)).data, proba, 1e-6);
    close((await model.decisionFunction(first)).data, decision, 1e-5);
    expect(await model.score(X, y, options)).toBeCloseTo(score, 12);
  },
);

test.each(curve)('the loss on digits after %d iterations is that of scikit-learn', async (maxIter, expected) => {
  const { X, y } = problems.digits;
  const model = await new LogisticRegression<number>({ maxIter }).fit(X, y);
  expect(Math.abs((await loss(model, X, y)) - expected)).toBeLessThan(1e-3 * expected);
});

async function loss(model: LogisticRegression<number>, X: DenseMatrix, y: Int32Array): Promise<number> {
  const { data, cols } = await model.predictProba(X);
  const losses = y.reduce((sum, label, row) => sum - Math.log(data[row * cols + label] as number), 0);
  return losses + 0.5 * [...model.coef_.data].reduce((sum, each) => sum + each * each, 0);
}

test.each(['lbfgs', 'liblinear'] as const)('sparse and dense give the same: %s', async (solver) => {
  const { X, y } = problems.three;
  const thin = { ...X, data: X.data.map((each) => (Math.abs(each) < 0.7 ? 0 : each)) };
  const dense = await new LogisticRegression({ solver }).fit(thin, y);
  const sparse = await new LogisticRegression({ solver }).fit(toCsr(thin), y);
  close(sparse.coef_.data, dense.coef_.data, 1e-9);
  close((await sparse.predictProba(toCsr(thin))).data, (await dense.predictProba(thin)).data, 1e-9);
});

test('fits are the same, bit for bit, without WebAssembly', async () => {
  const { X, y } = problems.three;
  const thin = toCsr({ ...X, data: X.data.map((each) => (Math.abs(each) < 0.7 ? 0 : each)) });
  for (const multiClass of ['multinomial', 'ovr'] as const) {
    for (const matrix of [X, thin]) {
      const learn = () => new LogisticRegression({ multiClass, maxIter: 30 }).fit(matrix, y);
      const fast = await learn();
      vi.stubEnv('JOBLOOM_NUMERICS', 'plain');
      const plain = await learn();
      vi.unstubAllEnvs();
      expect(plain.coef_.data).toEqual(fast.coef_.data);
      expect(plain.intercept_).toEqual(fast.intercept_);
    }
  }
});

test('what the solvers cannot do is refused', async () => {
  const { X, y } = problems.three;
  const wrong: [Partial<LogisticRegressionParams>, string][] = [
    [{ C: 0 }, "The 'C' parameter of LogisticRegression must be a number in the range (0, inf]. Got 0 instead."],
    [{ solver: 'liblinear', C: Number.POSITIVE_INFINITY }, "solver 'liblinear' needs a finite C. Use 'lbfgs'."],
    [{ solver: 'liblinear', penalty: null }, "solver 'liblinear' does not support penalty null. Use 'lbfgs'."],
    [
      { solver: 'liblinear', multiClass: 'multinomial' },
      "solver 'liblinear' does not support multiClass 'multinomial'. Use 'lbfgs'.",
    ],
    [{ classWeight: { 7: 1 } }, "classWeight of LogisticRegression names '7', which is no class in y."],
    [{ classWeight: { 1: -1 } }, "classWeight of LogisticRegression must be numbers from 0. Got -1 for '1'."],
  ];
  for (const [params, message] of wrong) {
    await expect(new LogisticRegression(params).fit(X, y)).rejects.toThrow(message);
  }
  await expect(new LogisticRegression().fit([[1], [2]], ['a', 'a'])).rejects.toThrow(
    "LogisticRegression needs samples of at least 2 classes in the data, but the data contains only one class: 'a'.",
  );
});
