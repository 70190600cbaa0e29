import { GridSearchCV, HalvingGridSearchCV, LogisticRegression, RandomizedSearchCV, Ridge } from '@jobloom/ml';
import { checkEstimator, type DeclareTest } from '@jobloom/ml/contract';
import { describe, test } from 'vitest';

/** All but the one that compares every learned field after two fits: times are learned fields of searches. */
const declare: DeclareTest = (name, body) =>
  name === 'fitting on other data forgets what was learned' ? undefined : test(name, body);

describe('GridSearchCV of a classifier keeps to the contract of estimators', () => {
  const model = new LogisticRegression({ solver: 'liblinear' });
  checkEstimator(declare, () => new GridSearchCV(model, { C: [0.1, 1] }, { cv: 2, errorScore: 'raise' }));
});

describe('RandomizedSearchCV of a regressor too', () => {
  const options = { nIter: 2, cv: 2, randomState: 0, errorScore: 'raise' } as const;
  checkEstimator(declare, () => new RandomizedSearchCV(new Ridge(), { alpha: [0.1, 1, 10] }, options));
});

describe('HalvingGridSearchCV too', () => {
  const model = new LogisticRegression({ solver: 'liblinear' });
  const options = { cv: 2, factor: 2, randomState: 0, errorScore: 'raise' } as const;
  checkEstimator(declare, () => new HalvingGridSearchCV(model, { C: [1, 1] }, options));
});
