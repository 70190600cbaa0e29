import {
  DecisionTreeClassifier,
  type DenseMatrix,
  Lasso,
  loadDigits,
  RandomForestClassifier,
  RandomForestRegressor,
  RandomState,
  SGDClassifier,
  SVC,
} from '@jobloom/ml';
import { type Family, type Measured, timed } from './family.ts';

const { X, y } = loadDigits();
const wide = wideProblem();

/** Trees, forests, support vectors, the lasso and stochastic gradient descent. Figures are scores on the rows of the fit. */
export const supervised: Family = {
  works: {
    forest: { title: 'RandomForestClassifier(100), 1,797 digits: fit', asked: 2 },
    forestPredict: { title: 'the same: predict of 1,797', asked: 2 },
    regressionForest: { title: 'RandomForestRegressor(20), maxFeatures 0.3, 1,000 x 500 normals: fit', asked: 2 },
    tree: { title: 'DecisionTreeClassifier, digits: fit' },
    svcScale: { title: "SVC, rbf, gamma 'scale', digits: fit", asked: 3 },
    svc: { title: 'SVC, rbf, gamma 0.001, digits: fit', asked: 3 },
    svcPredict: { title: 'the same: predict of 1,797', asked: 3 },
    lassoDigits: { title: 'Lasso, alpha 0.01, digits: fit', asked: 3 },
    lassoWide: { title: 'Lasso, alpha 1, 1,000 x 500 normals: fit', asked: 3 },
    lassoDense: { title: 'Lasso, alpha 0.1, the same: fit', asked: 3 },
    sgd: { title: 'SGDClassifier, log_loss, digits: fit' },
  },
  script: new URL('supervised.py', import.meta.url),
  measure(work) {
    switch (work) {
      case 'forest':
        return fitOn(() => new RandomForestClassifier<number>({ randomState: 0 }));
      case 'forestPredict':
        return predictOf(new RandomForestClassifier<number>({ randomState: 0 }));
      case 'regressionForest':
        return fitOn(() => new RandomForestRegressor({ nEstimators: 20, maxFeatures: 0.3, randomState: 0 }), wide, 1);
      case 'tree':
        return fitOn(() => new DecisionTreeClassifier<number>({ randomState: 0 }));
      case 'svcScale':
        return fitOn(() => new SVC<number>());
      case 'svc':
        return fitOn(() => new SVC<number>({ gamma: 0.001 }));
      case 'svcPredict':
        return predictOf(new SVC<number>({ gamma: 0.001 }));
      case 'lassoDigits':
        return fitOn(() => new Lasso({ alpha: 0.01 }));
      case 'lassoWide':
        return fitOn(() => new Lasso({ alpha: 1 }), wide);
      case 'lassoDense':
        return fitOn(() => new Lasso({ alpha: 0.1 }), wide);
      case 'sgd':
        return fitOn(() => new SGDClassifier<number>({ loss: 'log_loss', randomState: 0 }));
      default:
        throw new Error(`no such work: ${work}`);
    }
  },
};

interface Problem {
  readonly X: DenseMatrix;
  readonly y: ArrayLike<number>;
}

interface Model {
  fit(X: DenseMatrix, y: ArrayLike<number>): Promise<this>;
  predict(X: DenseMatrix): Promise<ArrayLike<number>>;
  score(X: DenseMatrix, y: ArrayLike<number>): Promise<number>;
}

async function fitOn(make: () => Model, data: Problem = { X, y }, times = 3): Promise<Measured> {
  const [ms, model] = await timed(() => make().fit(data.X, data.y), times);
  return [ms, await model.score(data.X, data.y)];
}

async function predictOf(model: Model): Promise<Measured> {
  await model.fit(X, y);
  const [ms] = await timed(() => model.predict(X));
  return [ms, await model.score(X, y)];
}

/** 1,000 x 500 normals, of which 20 columns count. */
function wideProblem(): Problem {
  const [rows, cols] = [1000, 500];
  const random = new RandomState(0);
  const data = random.randn(rows * cols);
  const y = random.randn(rows).map((noise, row) => {
    let sum = 5 * noise;
    for (let j = 0; j < 20; j += 1) sum += (j + 1) * (data[row * cols + j] as number);
    return sum;
  });
  return { X: { data, rows, cols }, y };
}
