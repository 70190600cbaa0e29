import {
  DecisionTreeClassifier,
  type DecisionTreeClassifierParams,
  DecisionTreeRegressor,
  type DecisionTreeRegressorParams,
  loadDigits,
  makeClassification,
  RandomForestClassifier,
  type RandomForestClassifierParams,
  RandomForestRegressor,
  type RandomForestRegressorParams,
  type Tree,
  take,
  toCsr,
} from '@jobloom/ml';
import { parallelBackend } from '@jobloom/parallel';
import { expect, test } from 'vitest';
import { close } from './close.ts';
import { reference } from './reference/reference.ts';

interface Fit<P> {
  readonly problem: 'digits' | 'three';
  readonly weighted: boolean;
  readonly params: Partial<P>;
}
interface TreeFit<P> extends Fit<P> {
  readonly depth: number;
  readonly feature: number[];
  readonly threshold: number[];
  readonly left: number[];
  readonly value: number[];
  readonly impurity: number[];
  readonly rows: number[];
}
interface ForestFit<P> extends Fit<P> {
  readonly roots: number[][];
  readonly nodes: number[];
  readonly proba: number[];
  readonly importances: number[];
  readonly oob: number | null;
}

const figures = reference<{
  classifiers: TreeFit<DecisionTreeClassifierParams>[];
  regressors: TreeFit<DecisionTreeRegressorParams>[];
  classForests: ForestFit<RandomForestClassifierParams>[];
  balanced: ForestFit<RandomForestClassifierParams>;
  numberForests: ForestFit<RandomForestRegressorParams>[];
}>('trees');
const problems = {
  digits: loadDigits(),
  three: makeClassification({ nSamples: 150, nFeatures: 10, nInformative: 6, nClasses: 3, randomState: 2 }),
};
const titled = <F extends Fit<object>>(fits: F[]): [string, F][] =>
  fits.map((fit) => [JSON.stringify({ ...fit.params, problem: fit.problem, weighted: fit.weighted }), fit]);
const optionsOf = ({ weighted, problem }: Fit<object>): { sampleWeight?: Float64Array } =>
  weighted ? { sampleWeight: Float64Array.from(problems[problem].y, (_, i) => (i % 4) + 1) } : {};

function sameTree(tree: Tree, expected: TreeFit<object>): void {
  expect([...tree.feature]).toEqual(expected.feature);
  expect([...tree.threshold.subarray(0, 40)]).toEqual(expected.threshold);
  expect([...tree.childrenLeft.subarray(0, 40)]).toEqual(expected.left);
  expect([...tree.nNodeSamples.subarray(0, 40)]).toEqual(expected.rows);
  expect(tree.maxDepth).toBe(expected.depth);
  close(tree.value.subarray(0, expected.value.length), expected.value, 1e-12);
  close(tree.impurity.subarray(0, expected.impurity.length), expected.impurity, 1e-12);
}

test.each(titled(figures.classifiers))('the tree of scikit-learn for classes: %s', async (_, fit) => {
  const { X, y } = problems[fit.problem];
  const model = await new DecisionTreeClassifier<number>(fit.params).fit(X, y, optionsOf(fit));
  sameTree(model.tree_, fit);
  const sparse = await new DecisionTreeClassifier<number>(fit.params).fit(toCsr(X), y, optionsOf(fit));
  expect(sparse.tree_).toEqual(model.tree_);
  expect(await sparse.predict(toCsr(X))).toEqual(await model.predict(X));
});

test.each(titled(figures.regressors))('the tree of scikit-learn for numbers: %s', async (_, fit) => {
  const { X, y } = problems[fit.problem];
  const model = await new DecisionTreeRegressor(fit.params).fit(X, y, optionsOf(fit));
  sameTree(model.tree_, fit);
});

test.each(titled(figures.classForests))('the forest of scikit-learn for classes: %s', async (_, fit) => {
  const { X, y } = problems[fit.problem];
  const model = await new RandomForestClassifier<number>(fit.params).fit(X, y, optionsOf(fit));
  expect(model.estimators_.map(({ tree_ }) => tree_.feature.length)).toEqual(fit.nodes);
  close((await model.predictProba(take(X, [0, 1, 2, 3, 4]))).data, fit.proba, 1e-12);
  close(model.featureImportances_.subarray(0, 12), fit.importances, 1e-12);
  expect(model.oobScore_ ?? null).toBe(fit.oob);
});

test.each(titled(figures.numberForests))('the forest of scikit-learn for numbers: %s', async (_, fit) => {
  const { X, y } = problems[fit.problem];
  const model = await new RandomForestRegressor(fit.params).fit(X, y, optionsOf(fit));
  expect(model.estimators_.map(({ tree_ }) => tree_.feature.length)).toEqual(fit.nodes);
  close(await model.predict(take(X, [0, 1, 2, 3, 4])), fit.proba, 1e-9);
  close(model.featureImportances_.subarray(0, 12), fit.importances, 1e-9);
  if (fit.oob !== null) close([model.oobScore_ as number], [fit.oob], 1e-9);
});

test('weights that are fractions: the rows and weights of scikit-learn, and but for ties that rounding decides its forest', async () => {
  const { problem, params, roots, oob } = figures.balanced;
  const { X, y } = problems[problem];
  const model = await new RandomForestClassifier<number>(params).fit(X, y);
  for (const [t, { tree_ }] of model.estimators_.slice(0, 12).entries()) {
    close(tree_.value.subarray(0, 3), roots[t] as number[], 1e-12);
  }
  expect(Math.abs((model.oobScore_ as number) - (oob as number))).toBeLessThan(0.05);
});

test('accuracies on digits that were not seen: about .936 with a hundred trees', async () => {
  const { X, y } = problems.digits;
  const [known, unseen] = [Array.from({ length: 1347 }, (_, i) => i), Array.from({ length: 450 }, (_, i) => 1347 + i)];
  const model = await new RandomForestClassifier<number>({ randomState: 0 }).fit(take(X, known), take(y, known));
  expect(await model.score(take(X, unseen), take(y, unseen))).toBeCloseTo(0.9356, 2);
});

test('the same forest, bit for bit, on each backend and with any number of jobs', async () => {
  const { X, y } = problems.three;
  const grow = (nJobs: number | null = null): Promise<RandomForestClassifier<number>> =>
    new RandomForestClassifier<number>({ nEstimators: 12, randomState: 4, nJobs }).fit(X, y);
  const treesOf = ({ estimators_ }: RandomForestClassifier<number>): Tree[] => estimators_.map(({ tree_ }) => tree_);
  const expected = treesOf(await grow());
  expect(treesOf(await grow(2))).toEqual(expected);
  for (const backend of ['sequential', 'threads', 'processes'] as const) {
    expect(treesOf(await parallelBackend(backend, { nJobs: 2 }, () => grow()))).toEqual(expected);
  }
});

test('leaves, depth, and a forest without a seed', async () => {
  const X = [[0], [1], [2], [3]];
  const model = await new DecisionTreeClassifier<string>().fit(X, ['a', 'a', 'b', 'a']);
  expect([model.getDepth(), model.getNLeaves()]).toEqual([2, 3]);
  expect([...(await model.apply([[0], [1.4], [1.6], [9]]))]).toEqual([1, 1, 3, 4]);
  const forest = await new RandomForestClassifier<string>({ nEstimators: 3 }).fit(X, ['a', 'a', 'b', 'a']);
  expect((await forest.apply(X)).data.length).toBe(12);
});

test('what cannot be grown is refused', async () => {
  const { X, y } = problems.three;
  await expect(new RandomForestClassifier({ bootstrap: false, oobScore: true }).fit(X, y)).rejects.toThrow(
    'RandomForestClassifier: oobScore is about the rows that trees draw. Set bootstrap to true as well.',
  );
  await expect(new RandomForestRegressor({ maxSamples: 151 }).fit(X, y)).rejects.toThrow(
    'maxSamples of RandomForestRegressor must not be above the number of rows, 150. Got 151.',
  );
  await expect(new DecisionTreeClassifier().fit([[1e300], [2]], [0, 1])).rejects.toThrow(
    'Input X contains numbers above 3.4e38. DecisionTreeClassifier takes floats of 32 bits.',
  );
});
