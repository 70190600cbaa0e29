import {
  DecisionTreeClassifier,
  DecisionTreeRegressor,
  ElasticNet,
  type Estimator,
  Lasso,
  RandomForestClassifier,
  RandomForestRegressor,
  SGDClassifier,
  SGDRegressor,
  SVC,
} from '@jobloom/ml';
import { checkEstimator, type EstimatorFlags } from '@jobloom/ml/contract';
import { describe, test } from 'vitest';

const estimators: [name: string, make: () => Estimator, flags?: EstimatorFlags][] = [
  ['DecisionTreeClassifier', () => new DecisionTreeClassifier()],
  ['DecisionTreeRegressor', () => new DecisionTreeRegressor()],
  ['RandomForestClassifier', () => new RandomForestClassifier({ nEstimators: 10 })],
  ['RandomForestRegressor', () => new RandomForestRegressor({ nEstimators: 10 })],
  ['SVC', () => new SVC()],
  ['SVC, linear, by pairs', () => new SVC({ kernel: 'linear', C: 0.5 })],
  ['Lasso', () => new Lasso({ alpha: 0.1 })],
  ['ElasticNet', () => new ElasticNet({ alpha: 0.1 })],
  ['SGDClassifier', () => new SGDClassifier()],
  ['SGDClassifier with probabilities', () => new SGDClassifier({ loss: 'log_loss', average: true })],
  ['SGDRegressor', () => new SGDRegressor()],
];

for (const [name, make, flags] of estimators) describe(name, () => checkEstimator(test, make, flags));
