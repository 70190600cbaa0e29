import {
  loadDigits,
  makeClassification,
  SGDClassifier,
  SGDRegressor,
  type SgdClassifierParams,
  type SgdRegressorParams,
  take,
  toCsr,
} from '@jobloom/ml';
import { expect, test } from 'vitest';
import { close } from './close.ts';
import { reference } from './reference/reference.ts';

interface Fit {
  readonly kind: 'SGDClassifier' | 'SGDRegressor';
  readonly problem: 'digits' | 'binary' | 'three';
  readonly weighted: boolean;
  readonly parts: number;
  readonly params: Partial<SgdClassifierParams & SgdRegressorParams>;
  readonly coef: number[];
  readonly intercept: number[];
  readonly iterations: number;
  readonly t: number;
  readonly proba: number[] | null;
  readonly score: number;
}

const fits = reference<Fit[]>('sgd');
const digits = loadDigits();
const problems = {
  digits: { X: { ...digits.X, data: digits.X.data.map((each) => each / 16) }, y: digits.y },
  binary: makeClassification({ nSamples: 200, nFeatures: 12, nInformative: 5, randomState: 1 }),
  three: makeClassification({ nSamples: 150, nFeatures: 10, nInformative: 6, nClasses: 3, randomState: 2 }),
};

test.each(
  fits.map(
    (fit) => [JSON.stringify({ ...fit.params, of: [fit.kind, fit.problem, fit.weighted, fit.parts] }), fit] as const,
  ),
)('step for step as scikit-learn: %s', async (_, fit) => {
  const { X, y } = problems[fit.problem];
  const model = fit.kind === 'SGDClassifier' ? new SGDClassifier<number>(fit.params) : new SGDRegressor(fit.params);
  for (let part = 0; part < fit.parts; part += 1) {
    const rows = Array.from(y.keys()).filter((row) => row % fit.parts === part);
    await model.partialFit(take(X, rows), take(y, rows), { classes: y });
  }
  const options = fit.weighted ? { sampleWeight: Float64Array.from(y, (_each, i) => ((i % 4) + 1) / 2) } : {};
  if (fit.parts === 0) await model.fit(X, y, options);
  const coef = model instanceof SGDRegressor ? model.coef_ : model.coef_.data;
  expect([model.nIter_, model.t_]).toEqual([fit.iterations, fit.t]);
  close(coef.subarray(0, fit.coef.length), fit.coef, 1e-7);
  close(model instanceof SGDRegressor ? [model.intercept_] : model.intercept_, fit.intercept, 1e-7);
  expect(await model.score(X, y)).toBeCloseTo(fit.score, 9);
  if (fit.proba !== null && model instanceof SGDClassifier)
    close((await model.predictProba(take(X, [0, 1, 2]))).data, fit.proba, 1e-7);
});

test('sparse and dense give the same', async () => {
  const { X, y } = problems.three;
  const thin = { ...X, data: X.data.map((each) => (Math.abs(each) < 0.7 ? 0 : each)) };
  for (const average of [false, true]) {
    const params = { loss: 'log_loss', average, randomState: 1 } as const;
    const dense = await new SGDClassifier<number>(params).fit(thin, y);
    const sparse = await new SGDClassifier<number>(params).fit(toCsr(thin), y);
    close(sparse.coef_.data, dense.coef_.data, 1e-9);
    close(sparse.intercept_, dense.intercept_, 1e-9);
  }
});

test('what it cannot do is refused', async () => {
  const { X, y } = problems.binary;
  const refused = (params: Partial<SgdClassifierParams>, message: string): Promise<void> =>
    expect(new SGDClassifier<number>(params).fit(X, y)).rejects.toThrow(message);
  await refused({ learningRate: 'constant' }, "SGDClassifier: learningRate 'constant' needs eta0 above 0. Got 0.");
  await refused({ alpha: 0 }, "SGDClassifier: learningRate 'optimal' needs alpha above 0. Got 0.");
  await refused({ loss: 'squared_error', learningRate: 'constant', eta0: 1e300 }, 'weights are no longer finite');
  const first = new SGDClassifier<number>();
  await expect(first.partialFit(X, y)).rejects.toThrow('the first call of partialFit needs classes');
  await first.partialFit(X, y, { classes: [0, 1] });
  await expect(
    first.partialFit(
      X,
      y.map((each) => each + 1),
    ),
  ).rejects.toThrow('previously unseen labels: 2');
  await expect(first.partialFit(take(X, [0, 1]), [0, 1], { classes: [0, 9] })).rejects.toThrow('unseen labels: 9');
  await expect(first.predictProba(X)).rejects.toThrow("loss 'log_loss' or 'modified_huber'. Got 'hinge'.");
  await expect(new SGDRegressor({ earlyStopping: true }).partialFit(X, y)).rejects.toThrow('needs all rows');
});
