import { loadDigits, makeClassification, SVC, type SvcParams, take, toCsr } from '@jobloom/ml';
import { expect, test } from 'vitest';
import { close } from './close.ts';
import { reference } from './reference/reference.ts';

interface Fit {
  readonly problem: 'digits' | 'binary' | 'three';
  readonly weighted: boolean;
  readonly params: Partial<SvcParams>;
  readonly support: number[] | null;
  readonly nSupport: number[];
  readonly dual: number[] | null;
  readonly intercept: number[];
  readonly coef: number[] | null;
  readonly decision: number[];
  readonly predicted: number[];
  readonly score: number;
}

const fits = reference<Fit[]>('svc');
const problems = {
  digits: loadDigits(),
  binary: makeClassification({ nSamples: 200, nFeatures: 12, nInformative: 5, randomState: 1 }),
  three: makeClassification({ nSamples: 150, nFeatures: 10, nInformative: 6, nClasses: 3, randomState: 2 }),
};
const first = Array.from({ length: 60 }, (_, i) => i);

test.each(
  fits.map((fit) => [JSON.stringify({ ...fit.params, problem: fit.problem, weighted: fit.weighted }), fit] as const),
)('the machine of scikit-learn: %s', async (_, fit) => {
  const { X, y } = problems[fit.problem];
  const options = fit.weighted ? { sampleWeight: Float64Array.from(y, (_each, i) => ((i % 4) + 1) / 2) } : {};
  const model = await new SVC<number>(fit.params).fit(X, y, options);
  expect(model.converged_).toBe(true);
  close(model.intercept_, fit.intercept, 1e-4);
  close((await model.decisionFunction(take(X, first.slice(0, 4)))).data, fit.decision, 1e-4);
  expect(await model.predict(take(X, first))).toEqual(fit.predicted);
  expect(await model.score(X, y)).toBe(fit.score);
  if (fit.support === null || fit.dual === null) return;
  expect([...model.support_]).toEqual(fit.support);
  expect([...model.nSupport_]).toEqual(fit.nSupport);
  const { data, rows, cols } = model.dualCoef_;
  const dual = Array.from({ length: rows }, (_each, k) => [...data.subarray(k * cols, k * cols + 20)]).flat();
  close(dual, fit.dual, 1e-3);
  if (fit.coef !== null) close(model.coef_?.data ?? [], fit.coef, 1e-4);
});

test('sparse and dense give the same, and so do little memory and no shrinking', async () => {
  const { X, y } = problems.three;
  const thin = { ...X, data: X.data.map((each) => (Math.abs(each) < 0.7 ? 0 : each)) };
  const learn = (params: Partial<SvcParams>, features: Parameters<SVC['fit']>[0] = thin): Promise<SVC<number>> =>
    new SVC<number>({ C: 10, tol: 1e-9, ...params }).fit(features, y);
  const expected = (await (await learn({})).decisionFunction(thin)).data;
  close((await (await learn({}, toCsr(thin))).decisionFunction(toCsr(thin))).data, expected, 1e-9);
  close((await (await learn({ cacheSize: 0.001 })).decisionFunction(toCsr(thin))).data, expected, 1e-7);
  close((await (await learn({ shrinking: false })).decisionFunction(thin)).data, expected, 1e-7);
});

test('digits that were not seen', async () => {
  const { X, y } = problems.digits;
  const [known, unseen] = [Array.from({ length: 1347 }, (_, i) => i), Array.from({ length: 450 }, (_, i) => 1347 + i)];
  for (const [gamma, accuracy] of [
    ['scale', 0.9489],
    [0.001, 0.9667],
  ] as const) {
    const model = await new SVC<number>({ gamma }).fit(take(X, known), take(y, known));
    expect(await model.score(take(X, unseen), take(y, unseen))).toBeCloseTo(accuracy, 4);
  }
});

test('what it cannot do is refused', async () => {
  const { X, y } = problems.binary;
  const wrong: [Partial<SvcParams>, string][] = [
    [{ probability: true }, 'SVC has no probabilities. Leave probability at false'],
    [{ breakTies: true, decisionFunctionShape: 'ovo' }, "SVC: breakTies needs decisionFunctionShape 'ovr'. Got 'ovo'."],
    [{ classWeight: { 0: 0 } }, 'SVC needs samples of each class with a weight above 0. Those of 0 all have weight 0.'],
  ];
  for (const [params, message] of wrong) await expect(new SVC(params).fit(X, y)).rejects.toThrow(message);
  await expect(new SVC().fit([[1], [2]], ['a', 'a'])).rejects.toThrow(
    "SVC needs samples of at least 2 classes in the data, but the data contains only one class: 'a'.",
  );
});
