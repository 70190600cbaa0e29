import {
  type Estimator,
  GaussianNB,
  KMeans,
  KNeighborsClassifier,
  KNeighborsRegressor,
  MiniBatchDictionaryLearning,
  MiniBatchKMeans,
  MultinomialNB,
  PCA,
  TruncatedSVD,
} from '@jobloom/ml';
import { checkEstimator, type EstimatorFlags } from '@jobloom/ml/contract';
import { describe, test } from 'vitest';

const estimators: [name: string, make: () => Estimator, flags?: EstimatorFlags][] = [
  ['KNeighborsClassifier', () => new KNeighborsClassifier({ nNeighbors: 3 })],
  [
    'KNeighborsClassifier, a tree',
    () => new KNeighborsClassifier({ algorithm: 'kd_tree', leafSize: 4, weights: 'distance' }),
  ],
  ['KNeighborsRegressor', () => new KNeighborsRegressor({ nNeighbors: 2, weights: 'distance', metric: 'manhattan' })],
  ['GaussianNB', () => new GaussianNB()],
  ['MultinomialNB', () => new MultinomialNB(), { poorScore: true }],
  ['KMeans', () => new KMeans({ nClusters: 3, nInit: 2 })],
  ['MiniBatchKMeans', () => new MiniBatchKMeans({ nClusters: 3, batchSize: 16 })],
  ['PCA', () => new PCA()],
  ['PCA, randomized', () => new PCA({ nComponents: 1, svdSolver: 'randomized', whiten: true })],
  ['MiniBatchDictionaryLearning', () => new MiniBatchDictionaryLearning({ nComponents: 3, maxIter: 5, batchSize: 20 })],
  ['TruncatedSVD', () => new TruncatedSVD({ nComponents: 1 })],
];

for (const [name, make, flags] of estimators) describe(name, () => checkEstimator(test, make, flags));
