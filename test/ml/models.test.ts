import {
  DecisionTreeClassifier,
  DecisionTreeRegressor,
  type Estimator,
  RandomForestClassifier,
  RandomForestRegressor,
} from '@jobloom/ml';
import { checkEstimator, type EstimatorFlags } from '@jobloom/ml/contract';
import { describe, test } from 'vitest';

const models: [name: string, make: () => Estimator, flags?: EstimatorFlags][] = [
  ['DecisionTreeClassifier', () => new DecisionTreeClassifier()],
  ['DecisionTreeRegressor', () => new DecisionTreeRegressor()],
  ['RandomForestClassifier', () => new RandomForestClassifier({ nEstimators: 10 })],
  ['RandomForestRegressor', () => new RandomForestRegressor({ nEstimators: 10 })],
];

for (const [name, make, flags] of models) describe(name, () => checkEstimator(test, make, flags));
