import { type Estimator, MLPClassifier, MLPRegressor } from '@jobloom/ml';
import { checkEstimator } from '@jobloom/ml/contract';
import { describe, test } from 'vitest';

const params = { hiddenUnits: [8], initScale: 1, batchSize: 16, solverKwargs: { learningRate: 0.05 }, nEpochs: 12 };
const estimators: [name: string, make: () => Estimator][] = [
  ['MLPClassifier', () => new MLPClassifier(params)],
  [
    'MLPClassifier on TensorFlow.js',
    () =>
      new MLPClassifier({ ...params, batchSize: 30, nEpochs: 6, solverKwargs: { learningRate: 0.1 }, engine: 'wasm' }),
  ],
  ['MLPRegressor', () => new MLPRegressor(params)],
];

for (const [name, make] of estimators) describe(name, () => checkEstimator(test, make));
