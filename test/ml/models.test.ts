import {
  type DenseMatrix,
  GaussianNB,
  KMeans,
  KNeighborsClassifier,
  type KNeighborsParams,
  KNeighborsRegressor,
  loadDigits,
  MiniBatchKMeans,
  MultinomialNB,
  PCA,
  RandomState,
  TruncatedSVD,
  take,
  toCsr,
  toDense,
  trainTestSplit,
} from '@jobloom/ml';
import { describe, expect, test } from 'vitest';
import { close } from './close.ts';
import { reference } from './reference/reference.ts';

interface Components {
  readonly components: number[];
  readonly rows: number[];
  readonly count: number;
  readonly singular: number[];
  readonly variance: number[];
  readonly ratio: number[];
  readonly noise: number;
}
interface Bayes {
  readonly joint: number[];
  readonly proba: number[];
  readonly score: number;
}
const figures = reference<{
  small: number[][];
  targets: number[];
  points: number[][];
  weight: number[];
  labels: number[];
  counts: number[][];
  classes: number[];
  kMeans: { inertia: number; nIter: number; labels: number[] }[];
  weighted: number;
  pca: { full: Components; randomized: Components; share: number; whiten: Components; wide: Components };
  svd: Components;
  gaussian: Bayes[];
  multinomial: Bayes[];
  neighbors: { distances: number[]; indices: number[]; proba: number[]; values: number[] }[];
  lastQuarter: Record<string, number>;
}>('models');
const { small, points, labels, counts, classes, weight } = figures;
const { X, y } = loadDigits();
const rows = Array.from({ length: 1797 }, (_, row) => row);
const [train, rest] = [rows.slice(0, 1347), rows.slice(1347)];

describe('k-means', () => {
  test.each([
    ['k-means++', 0, { nInit: 1 }],
    ['random rows', 1, { nInit: 1, init: 'random' }],
    ['ten starts', 2, {}],
  ] as const)('on digits, the clusters of scikit-learn for the same seed: %s', async (_, at, params) => {
    const expected = figures.kMeans[at];
    const model = await new KMeans({ nClusters: 10, randomState: 0, ...params }).fit(X);
    expect(model.inertia_).toBeCloseTo(expected?.inertia as number, 6);
    expect([...model.labels_]).toEqual(expected?.labels);
    expect(model.nIter_).toBe(expected?.nIter);
    expect(await model.predict(X)).toEqual(model.labels_);
    expect(-(await model.score(X))).toBeCloseTo(model.inertia_, 6);
  });

  test('weights, and centers to start from', async () => {
    const model = await new KMeans({ nClusters: 3, init: toDense(small.slice(0, 3)) }).fit(small, undefined, {
      sampleWeight: weight,
    });
    expect(model.inertia_).toBeCloseTo(figures.weighted, 10);
    const distances = await model.transform(small);
    const nearest = rowsOf(distances).map((row) => row.indexOf(Math.min(...row)));
    expect(nearest).toEqual([...model.labels_]);
  });

  test('a center without points takes the farthest one; fewer rows than clusters are refused', async () => {
    const far = { data: Float64Array.of(0, 1, 2, 1000), rows: 4, cols: 1 };
    const model = await new KMeans({ nClusters: 2, init: toDense([[1], [-1e9]]) }).fit(far);
    expect([...model.clusterCenters_.data].sort((a, b) => a - b)).toEqual([1, 1000]);
    await expect(new KMeans({ nClusters: 5 }).fit(far)).rejects.toThrow(
      '4 rows with a weight are fewer than nClusters, 5.',
    );
    await expect(new KMeans({ nClusters: 2, init: toDense([[1]]) }).fit(far)).rejects.toThrow(
      'init must have 2 centers',
    );
  });

  test('mini batches come near, and batch by batch they are the means of all rows that were nearest', async () => {
    const model = await new MiniBatchKMeans({ nClusters: 10, batchSize: 256, randomState: 0 }).fit(X);
    expect(model.inertia_).toBeLessThan(1.05 * (figures.kMeans[2]?.inertia as number));
    const online = new MiniBatchKMeans({ nClusters: 2, init: 'random', randomState: 1 });
    await online.partialFit([[0], [10]]);
    for (const batch of [[[2], [4]], [[12]], [[8], [0]]]) await online.partialFit(batch);
    expect([...online.clusterCenters_.data].sort((a, b) => a - b)).toEqual([1.5, 10]);
    expect([...online.counts_].sort()).toEqual([3, 4]);
    expect(online.nSteps_).toBe(4);
    await expect(online.partialFit([[1, 2]])).rejects.toThrow('X has 2 features');
  });
});

describe('components', () => {
  const matches = async (model: PCA | TruncatedSVD, data: DenseMatrix, expected: Components, tolerance: number) => {
    await model.fit(data);
    close(model.singularValues_, expected.singular, tolerance);
    close(model.explainedVariance_, expected.variance, tolerance);
    close(model.explainedVarianceRatio_, expected.ratio, tolerance);
    close(model.components_.data.slice(0, expected.components.length), expected.components, tolerance);
    close((await model.transform(take(data, [0, 1, 2]))).data, expected.rows, tolerance * 10);
    if (model instanceof PCA) close([model.noiseVariance_], [expected.noise], tolerance);
  };

  test.each(['full', 'covariance'] as const)('PCA as scikit-learn: %s', async (svdSolver) => {
    await matches(new PCA({ nComponents: 16, svdSolver }), X, figures.pca.full, 1e-8);
    await matches(new PCA({ nComponents: 3, whiten: true, svdSolver }), toDense(small), figures.pca.whiten, 1e-9);
    expect((await new PCA({ nComponents: 0.9, svdSolver }).fit(X)).nComponents_).toBe(figures.pca.share);
  });

  test('PCA, randomized: the directions of the same seed', async () => {
    const params = { nComponents: 16, svdSolver: 'randomized', randomState: 0 } as const;
    await matches(new PCA(params), X, figures.pca.randomized, 1e-6);
  });

  test('PCA of more columns than rows, and back again', async () => {
    const wide = toDense(
      small.slice(0, 6).map((row) => row.flatMap((each, i) => [0, 1, 2].map((k) => each * (3 * i + k + 1)))),
    );
    await matches(new PCA({ nComponents: 4 }), wide, figures.pca.wide, 1e-9);
    const pca = await new PCA({ whiten: true }).fit(wide);
    close((await pca.inverseTransform(await pca.transform(wide))).data, wide.data, 1e-9);
    expect(pca.getFeatureNamesOut().slice(0, 2)).toEqual(['pca0', 'pca1']);
  });

  test('small singular values are exact: columns that are nearly the same', async () => {
    const base = new RandomState(1).randn(60);
    const noise = new RandomState(2).randn(60);
    const data = Float64Array.from(
      { length: 120 },
      (_, i) => (base[i >> 1] as number) + (i % 2) * 1e-9 * (noise[i >> 1] as number),
    );
    const { singularValues_ } = await new PCA({ svdSolver: 'full' }).fit({ data, rows: 60, cols: 2 });
    const mean = (values: Float64Array): number => values.reduce((sum, each) => sum + each, 0) / 60;
    const centred = (values: Float64Array): Float64Array => values.map((each) => each - mean(values));
    const [b, n] = [centred(base), centred(noise)];
    const dot = (a: Float64Array, c: Float64Array): number =>
      a.reduce((sum, each, i) => sum + each * (c[i] as number), 0);
    // to first order: the part of the noise that is orthogonal to the base, shared by two columns
    const expected = (1e-9 * Math.sqrt(dot(n, n) - dot(b, n) ** 2 / dot(b, b))) / Math.SQRT2;
    expect((singularValues_[1] as number) / expected).toBeCloseTo(1, 5);
  });

  test('TruncatedSVD as scikit-learn, dense and CSR', async () => {
    await matches(new TruncatedSVD({ nComponents: 5, randomState: 0 }), toDense(counts), figures.svd, 1e-4);
    const dense = await new TruncatedSVD({ nComponents: 5, algorithm: 'exact' }).fit(counts);
    const sparse = await new TruncatedSVD({ nComponents: 5, nIter: 20, randomState: 0 }).fit(toCsr(counts));
    close(sparse.singularValues_, dense.singularValues_, 1e-8);
    close(sparse.components_.data, dense.components_.data, 1e-5);
    expect((await dense.inverseTransform(await dense.transform(counts))).cols).toBe(40);
  });

  test('too many components are refused', async () => {
    await expect(new PCA({ nComponents: 5 }).fit(small)).rejects.toThrow('PCA: nComponents must be at most 4');
    await expect(new TruncatedSVD({ nComponents: 5 }).fit(small)).rejects.toThrow('nComponents must be at most 4');
    await expect(new PCA({ nComponents: 0.5, svdSolver: 'randomized' }).fit(small)).rejects.toThrow(
      'no share of the variance',
    );
  });
});

describe('naive Bayes as scikit-learn', () => {
  const matches = async (
    model: GaussianNB | MultinomialNB,
    data: number[][],
    y: number[],
    expected: Bayes,
    options = {},
  ) => {
    await model.fit(data, y, options);
    close((await model.predictJointLogProba(data.slice(0, 5))).data, expected.joint, 1e-10);
    close((await model.predictProba(data.slice(0, 5))).data, expected.proba, 1e-10);
    expect(await model.score(data, y)).toBe(expected.score);
  };

  test('GaussianNB', async () => {
    const [plain, smooth, weighted] = figures.gaussian as [Bayes, Bayes, Bayes];
    await matches(new GaussianNB(), small, labels, plain);
    await matches(new GaussianNB({ varSmoothing: 0.1, priors: [0.2, 0.3, 0.5] }), small, labels, smooth);
    await matches(new GaussianNB(), small, labels, weighted, { sampleWeight: weight });
  });

  test('MultinomialNB, dense and CSR', async () => {
    const [plain, even, weighted] = figures.multinomial as [Bayes, Bayes, Bayes];
    await matches(new MultinomialNB(), counts, classes, plain);
    await matches(new MultinomialNB({ alpha: 0.1, fitPrior: false }), counts, classes, even);
    const options = { sampleWeight: weight.slice(0, 60) };
    await matches(new MultinomialNB({ classPrior: [0.2, 0.3, 0.5] }), counts, classes, weighted, options);
    const sparse = await new MultinomialNB().fit(toCsr(counts), classes);
    expect(await sparse.score(toCsr(counts), classes)).toBe(plain.score);
  });

  test('what cannot be is refused', async () => {
    await expect(new MultinomialNB().fit([[-1]], [1])).rejects.toThrow(
      'Negative values in data passed to MultinomialNB',
    );
    await expect(new GaussianNB({ priors: [1] }).fit(small, labels)).rejects.toThrow('priors must be 3 probabilities');
    await expect(new GaussianNB().fit([[1], [2]], ['a', 'b'], { sampleWeight: [1, 0] })).rejects.toThrow(
      "the rows of the class 'b' have no weight",
    );
  });
});

describe('neighbours as scikit-learn', () => {
  const cases: [string, Partial<KNeighborsParams>][] = [
    ['euclidean', {}],
    ['weights by distance', { nNeighbors: 3, weights: 'distance' }],
    ['manhattan, brute', { metric: 'manhattan', algorithm: 'brute' }],
    ['chebyshev, a tree', { metric: 'chebyshev', algorithm: 'kd_tree', leafSize: 7 }],
    ['minkowski of power 3', { p: 3, nNeighbors: 8 }],
    ['cosine', { metric: 'cosine', weights: 'distance' }],
  ];
  test.each(cases.map(([name, params], at) => [name, params, at] as const))('%s', async (_, params, at) => {
    const expected = figures.neighbors[at];
    for (const algorithm of params.metric === 'cosine' ? (['brute'] as const) : (['brute', 'kd_tree'] as const)) {
      const model = await new KNeighborsClassifier({ ...params, algorithm }).fit(small, labels);
      const { distances, indices } = await model.kneighbors(points);
      close(distances.data, expected?.distances as number[], 1e-10);
      expect([...indices]).toEqual(expected?.indices);
      close((await model.predictProba(points)).data, expected?.proba as number[], 1e-10);
      const regressor = await new KNeighborsRegressor({ ...params, algorithm }).fit(small, figures.targets);
      close(await regressor.predict(points), expected?.values as number[], 1e-10);
    }
  });

  test('a row of fit is its own neighbour, and the only one that counts by distance', async () => {
    const model = await new KNeighborsRegressor({ weights: 'distance' }).fit(small, figures.targets);
    expect(await model.predict(small)).toEqual(Float64Array.from(figures.targets));
  });

  test('equally near rows: those that come first', async () => {
    const grid = Array.from({ length: 200 }, (_, i) => [i % 10, Math.floor(i / 10) % 10]);
    for (const algorithm of ['brute', 'kd_tree'] as const) {
      const model = await new KNeighborsClassifier({ algorithm, leafSize: 3 }).fit(
        grid,
        grid.map(() => 1),
      );
      expect([...(await model.kneighbors([[5, 5]], 7)).indices]).toEqual([55, 155, 45, 54, 56, 65, 145]);
    }
    const model = await new KNeighborsClassifier().fit(
      grid,
      grid.map(() => 1),
    );
    await expect(model.kneighbors([[1, 1]], 201)).rejects.toThrow('nNeighbors must be from 1 to 200');
    await expect(
      new KNeighborsClassifier({ metric: 'cosine', algorithm: 'kd_tree' }).fit(
        grid,
        grid.map(() => 1),
      ),
    ).rejects.toThrow("a kd_tree has no metric 'cosine'");
  });
});

test('accuracies on digits are those of scikit-learn', async () => {
  for (const model of [new GaussianNB(), new MultinomialNB(), new KNeighborsClassifier()]) {
    await model.fit(take(X, train), take(y, train));
    expect(await model.score(take(X, rest), take(y, rest))).toBeCloseTo(
      figures.lastQuarter[model.class.name] as number,
      12,
    );
  }
  const [XTrain, XTest, yTrain, yTest] = trainTestSplit([X, y], { stratify: y, randomState: 0 });
  const stratified = async (model: GaussianNB<number> | KNeighborsClassifier<number>): Promise<number> =>
    (await model.fit(XTrain, yTrain)).score(XTest, yTest);
  expect(await stratified(new GaussianNB())).toBeCloseTo(0.8356, 4);
  expect(await stratified(new KNeighborsClassifier())).toBeCloseTo(0.98, 4);
});

function rowsOf({ data, rows: count, cols }: DenseMatrix): number[][] {
  return Array.from({ length: count }, (_, row) => [...data.subarray(row * cols, (row + 1) * cols)]);
}
