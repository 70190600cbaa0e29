import {
  type DenseMatrix,
  GaussianNB,
  KMeans,
  KNeighborsClassifier,
  loadDigits,
  MiniBatchKMeans,
  MultinomialNB,
  PCA,
  RandomState,
  take,
} from '@jobloom/ml';
import { type Family, type Measured, timed } from './family.ts';

const { X, y } = loadDigits();
const rows = Array.from({ length: X.rows }, (_, row) => row);
const [train, test] = [rows.slice(0, 1347), rows.slice(1347)].map((each) => ({
  X: take(X, each),
  y: take(y, each),
})) as [Problem, Problem];
let normals: DenseMatrix | undefined;

/** Clusters, components, naive Bayes and neighbours. Figures are inertias, shares of the variance, and accuracies. */
export const unsupervised: Family = {
  works: {
    kMeans: { title: 'KMeans(10), 10 starts, 1,797 digits: fit', asked: 3 },
    kMeansOnce: { title: 'the same, 1 start', asked: 3 },
    miniBatch: { title: 'MiniBatchKMeans(10), digits: fit' },
    pca: { title: 'PCA(16), digits: fit', asked: 3 },
    pcaFull: { title: "PCA(16), digits, 'full': fit" },
    pcaLarge: { title: "PCA(20), 5,000 x 1,000 normals, 'randomized': fit" },
    pcaLargeFull: { title: "the same, 'full'" },
    gaussian: { title: 'GaussianNB, 1,347 digits: fit', asked: 3 },
    gaussianPredict: { title: 'the same: predict of 450', asked: 3 },
    multinomial: { title: 'MultinomialNB, 1,347 digits: fit' },
    neighbors: { title: 'KNeighborsClassifier(5), 1,347 digits: predict of 450', asked: 3 },
    tree: { title: 'the same, 20,000 x 5 normals, a tree: predict of 2,000', asked: 3 },
  },
  script: new URL('unsupervised.py', import.meta.url),
  measure(work) {
    switch (work) {
      case 'kMeans':
        return clusters(new KMeans({ nClusters: 10, randomState: 0 }));
      case 'kMeansOnce':
        return clusters(new KMeans({ nClusters: 10, nInit: 1, randomState: 0 }));
      case 'miniBatch':
        return clusters(new MiniBatchKMeans({ nClusters: 10, randomState: 0 }));
      case 'pca':
        return components(new PCA({ nComponents: 16 }), X);
      case 'pcaFull':
        return components(new PCA({ nComponents: 16, svdSolver: 'full' }), X);
      case 'pcaLarge':
        return components(new PCA({ nComponents: 20, svdSolver: 'randomized', randomState: 0 }), large(), 1);
      case 'pcaLargeFull':
        return components(new PCA({ nComponents: 20, svdSolver: 'full' }), large(), 1);
      case 'gaussian':
        return fitted(new GaussianNB<number>());
      case 'gaussianPredict':
        return predicted(new GaussianNB<number>(), train, test, 20);
      case 'multinomial':
        return fitted(new MultinomialNB<number>());
      case 'neighbors':
        return predicted(new KNeighborsClassifier<number>(), train, test, 5);
      case 'tree':
        return fewColumns();
      default:
        throw new Error(`no such work: ${work}`);
    }
  },
};

interface Problem {
  readonly X: DenseMatrix;
  readonly y: Int32Array;
}
type Model = GaussianNB<number> | MultinomialNB<number> | KNeighborsClassifier<number>;

async function clusters(model: KMeans | MiniBatchKMeans): Promise<Measured> {
  const [ms] = await timed<unknown>(() => model.fit(X));
  return [ms, model.inertia_];
}

async function components(model: PCA, data: DenseMatrix, times = 3): Promise<Measured> {
  const [ms] = await timed(() => model.fit(data), times);
  return [ms, model.explainedVarianceRatio_.reduce((sum, each) => sum + each, 0)];
}

async function fitted(model: Model): Promise<Measured> {
  const [ms] = await timed<unknown>(() => model.fit(train.X, train.y), 20);
  return [ms, await model.score(test.X, test.y)];
}

async function predicted(model: Model, on: Problem, rest: Problem, times: number): Promise<Measured> {
  await model.fit(on.X, on.y);
  const [ms] = await timed<unknown>(() => model.predict(rest.X), times);
  return [ms, await model.score(rest.X, rest.y)];
}

function fewColumns(): Promise<Measured> {
  const random = new RandomState(0);
  const points = { data: random.randn(100_000), rows: 20_000, cols: 5 };
  const labels = Int32Array.from(random.randint(0, 2, 20_000));
  const first = Array.from({ length: 2000 }, (_, row) => row);
  return predicted(
    new KNeighborsClassifier<number>(),
    { X: points, y: labels },
    { X: take(points, first), y: take(labels, first) },
    1,
  );
}

/** Normals whose columns vary less and less. */
function large(): DenseMatrix {
  if (normals !== undefined) return normals;
  const data = new RandomState(0).randn(5_000_000);
  for (let i = 0; i < data.length; i += 1) data[i] = (data[i] as number) * (3 - (2.9 * (i % 1000)) / 999);
  normals = { data, rows: 5000, cols: 1000 };
  return normals;
}
