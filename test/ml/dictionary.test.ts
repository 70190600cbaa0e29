import { type DenseMatrix, MiniBatchDictionaryLearning, toDense } from '@jobloom/ml';
import { expect, test } from 'vitest';
import { close } from './close.ts';
import { reference } from './reference/reference.ts';

const { sums, atoms, objective } = reference<{ sums: number[][]; atoms: number[]; objective: number }>('models');
const params = { nComponents: 6, alpha: 0.05, batchSize: 32, randomState: 0 };

/** What is minimized, of the rows and the codes that the estimator finds for them. */
async function lossOf(model: MiniBatchDictionaryLearning, X: DenseMatrix): Promise<number> {
  const codes = await model.transform(X);
  const made = await model.inverseTransform(codes);
  const squares = Float64Array.from(X.data).reduce((sum, each, i) => sum + (each - (made.data[i] as number)) ** 2, 0);
  return (
    squares / 2 + model.params.alpha * Float64Array.from(codes.data).reduce((sum, each) => sum + Math.abs(each), 0)
  );
}

test('it finds the atoms that rows were made of, and does as well as scikit-learn', async () => {
  const X = toDense(sums);
  const model = await new MiniBatchDictionaryLearning(params).fit(X);
  expect(await lossOf(model, X)).toBeLessThan(objective);
  const likeness = Array.from({ length: 6 }, (_, k) =>
    Math.max(...[0, 1, 2, 3, 4, 5].map((j) => Math.abs(dot(atoms, 12 * k, model.components_.data, 12 * j)))),
  );
  expect(likeness.filter((each) => each > 0.9).length).toBeGreaterThanOrEqual(5);
});

test('batch by batch, of data that are never there as a whole', async () => {
  const model = new MiniBatchDictionaryLearning(params);
  async function* batches(): AsyncGenerator<number[][]> {
    for (let pass = 0; pass < 30; pass += 1)
      for (let from = 0; from < 150; from += 25) yield sums.slice(from, from + 25);
  }
  for await (const batch of batches()) await model.partialFit(batch);
  expect(model.nSteps_).toBe(180);
  expect(await lossOf(model, toDense(sums))).toBeLessThan(1.05 * objective);
  await expect(model.partialFit([[1]])).rejects.toThrow('X has 1 features');
});

test('parts that only add up: nothing is below zero', async () => {
  const X = toDense(sums.map((row) => row.map(Math.abs)));
  const model = new MiniBatchDictionaryLearning({ ...params, positiveCode: true, positiveDict: true });
  await model.fit(X);
  const codes = await model.transform(X);
  for (const numbers of [codes.data, model.components_.data]) expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(codes.data.filter((each) => each > 0).length).toBeGreaterThan(150);
  const free = await new MiniBatchDictionaryLearning(params).fit(X);
  expect(await lossOf(free, X)).toBeLessThan(await lossOf(model, X));
});

test('atoms are no longer than 1, and codes of an orthogonal dictionary are shrunk products', async () => {
  const rows = [
    [3, 0],
    [0, 2],
    [-1, 0],
    [0.01, 0.02],
  ];
  const model = await new MiniBatchDictionaryLearning({ nComponents: 2, alpha: 0.5, batchSize: 4, randomState: 1 }).fit(
    rows,
  );
  const { data } = model.components_;
  for (const k of [0, 1])
    expect(Math.hypot(data[2 * k] as number, data[2 * k + 1] as number)).toBeLessThanOrEqual(1 + 1e-12);
  Object.assign(model, {
    components_: toDense([
      [1, 0],
      [0, 1],
    ]),
  });
  close((await model.transform(rows)).data, [2.5, 0, 0, 1.5, -0.5, 0, 0, 0], 1e-12);
});

function dot(a: ArrayLike<number>, fromA: number, b: ArrayLike<number>, fromB: number): number {
  let sum = 0;
  for (let i = 0; i < 12; i += 1) sum += (a[fromA + i] as number) * (b[fromB + i] as number);
  return sum;
}
