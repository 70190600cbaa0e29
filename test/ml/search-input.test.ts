import {
  accuracyScore,
  DummyClassifier,
  GridSearchCV,
  LabelEncoder,
  LogisticRegression,
  makeMoons,
  Pipeline,
  StandardScaler,
  StratifiedKFold,
} from '@jobloom/ml';
import { expect, test } from 'vitest';

const { X, y } = makeMoons({ nSamples: 24, noise: 0.2, randomState: 0 });
const model = () => new LogisticRegression();
const grid = (params: object, options: object = {}, estimator: unknown = model()) =>
  new GridSearchCV(estimator as LogisticRegression, params as { C: number[] }, { cv: 2, ...options }).fit(X, y);

test.each<[string, () => Promise<unknown>, string]>([
  [
    'no estimator',
    () => grid({ C: [1] }, {}, null),
    "The 'estimator' parameter of GridSearchCV must be an estimator. Got null instead.",
  ],
  [
    'a class',
    () => grid({ C: [1] }, {}, LogisticRegression),
    'must be an estimator. Got a function LogisticRegression instead.',
  ],
  [
    'a name that the estimator does not know',
    () => grid({ C: [1], c: [1] }),
    "Invalid parameter 'c' for estimator LogisticRegression.",
  ],
  [
    'an errorScore',
    () => grid({ C: [1] }, { errorScore: 'raises' }),
    "must be a number, NaN or one of {'raise'}. Got 'raises' instead.",
  ],
  [
    'a folder for a Memory',
    () => grid({ C: [1] }, { memory: './cache' }),
    "must be a Memory, as of new Memory({ location }) or null. Got './cache' instead.",
  ],
])('a search refuses %s before it fits anything', async (_, search, message) => {
  const error = await search().catch((reason: unknown) => reason as Error);
  expect(error).toHaveProperty('name', 'ParameterError');
  expect((error as Error).message).toContain(message);
});

test('a pipeline refuses a folder for a Memory', async () => {
  const pipeline = new Pipeline([['scale', new StandardScaler()]], { memory: './cache' as never });
  await expect(pipeline.fit(X)).rejects.toThrow("The 'memory' parameter of Pipeline must be a Memory");
});

test('measurements are no classes', async () => {
  const measured = Float64Array.from(y, (label, row) => Number(label) + row / 100);
  const message = 'Unknown label type: continuous. A classifier and its scores take classes. Got 0.01.';
  await expect(model().fit(X, measured)).rejects.toThrow('Unknown label type: continuous.');
  await expect(new DummyClassifier().fit(X, measured)).rejects.toThrow('Unknown label type: continuous.');
  expect(() => [...new StratifiedKFold({ nSplits: 2 }).split(X, measured)]).toThrow('Unknown label type: continuous.');
  expect(() => accuracyScore([0, 1], [0, 0.01])).toThrow(message);
  expect(await new LabelEncoder().fitTransform([0.5, 0.1, 0.5])).toEqual(Int32Array.of(1, 0, 1));
});

test('values of parameters that are objects are written out in the table', async () => {
  const search = await grid({ classWeight: [{ 0: 1, 1: 2 }] });
  expect(search.toTable()).toContain('{ 0: 1, 1: 2 }');
});
