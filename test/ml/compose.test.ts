import {
  ColumnTransformer,
  CountVectorizer,
  clone,
  DummyClassifier,
  FeatureCross,
  FeatureUnion,
  FunctionTransformer,
  fromState,
  InputError,
  LinearRegression,
  LogisticRegression,
  MinMaxScaler,
  makeClassification,
  OneHotEncoder,
  ParameterError,
  Pipeline,
  StandardScaler,
  toDense,
  toRows,
} from '@jobloom/ml';
import { expect, test } from 'vitest';
import { close } from './close.ts';

const { X, y } = makeClassification({ nSamples: 40, randomState: 0 });
const scaledLr = (): Pipeline =>
  new Pipeline([
    ['scale', new StandardScaler()],
    ['lr', new LogisticRegression()],
  ]);

test('a pipeline has parameters of its steps, and the steps by name', () => {
  const pipeline = scaledLr();
  expect(Object.keys(pipeline.getParams())).toEqual(
    expect.arrayContaining(['steps', 'scale', 'lr', 'scale__withMean', 'lr__C']),
  );
  pipeline.setParams({ lr__C: 0.1, scale: 'passthrough' });
  expect(pipeline.getParams()).toMatchObject({ lr__C: 0.1, scale: 'passthrough' });
  pipeline.setParams({ lr: new DummyClassifier(), lr__strategy: 'uniform' });
  expect(pipeline.getParams()).toMatchObject({ lr__strategy: 'uniform' });
  expect(() => pipeline.setParams({ scale__withMean: false })).toThrow(
    "Pipeline: 'scale' is no estimator, so it has no parameter withMean.",
  );
  expect(() => pipeline.setParams({ knn__k: 1 })).toThrow("Invalid parameter 'knn__k' for estimator Pipeline.");
});

test('a pipeline does what its steps do one after the other', async () => {
  const pipeline = await scaledLr().fit(X, y);
  const scaler = await new StandardScaler().fit(X);
  const model = await new LogisticRegression<number>().fit(await scaler.transform(X), y);
  expect(await pipeline.predict(X)).toEqual(await model.predict(await scaler.transform(X)));
  expect(await pipeline.predictProba(X)).toEqual(await model.predictProba(await scaler.transform(X)));
  expect(await pipeline.score(X, y)).toBe(await model.score(await scaler.transform(X), y));
  expect(pipeline.classes_).toEqual([0, 1]);
  expect(await (fromState(structuredClone(pipeline.toState())) as Pipeline).predict(X)).toEqual(
    await pipeline.predict(X),
  );
  expect(clone(pipeline).isFitted).toBe(false);
  expect(pipeline.isFitted).toBe(true);
});

test('a pipeline has the methods of its last step, and says which it lacks', async () => {
  const scaling = await new Pipeline([
    ['scale', new StandardScaler()],
    ['range', new MinMaxScaler()],
  ]).fit(X, y);
  expect([scaling.provides('transform'), scaling.provides('predict')]).toEqual([true, false]);
  expect([scaledLr().provides('transform'), scaledLr().provides('predictProba')]).toEqual([false, true]);
  await expect(scaling.predict(X)).rejects.toThrow(
    "this Pipeline has no predict(), for its last step 'range', a MinMaxScaler, has none.",
  );
  await expect(scaledLr().transform(X)).rejects.toThrow(
    "this Pipeline has no transform(), for its last step 'lr', a LogisticRegression, has none.",
  );
});

test('options of fit go to steps by name', async () => {
  const sampleWeight = Float64Array.from(y, (_, i) => i % 2);
  const pipeline = await scaledLr().fit(X, y, { lr__sampleWeight: sampleWeight });
  const scaler = await new StandardScaler().fit(X);
  const model = await new LogisticRegression().fit(await scaler.transform(X), y, { sampleWeight });
  expect(await pipeline.predictProba(X)).toEqual(await model.predictProba(await scaler.transform(X)));
  await expect(scaledLr().fit(X, y, { sampleWeight })).rejects.toThrow(
    "Pipeline.fit takes options as step__option. Got 'sampleWeight'. Steps: scale, lr.",
  );
});

test('steps that are none are refused at fit', async () => {
  const lr = new LogisticRegression();
  const wrong: [Pipeline, string][] = [
    [new Pipeline([]), 'Pipeline takes a list of [name, estimator], of one or more.'],
    [
      new Pipeline([
        ['a', new StandardScaler()],
        ['a', lr],
      ]),
      "Pipeline: names must be unique. 'a' comes twice.",
    ],
    [new Pipeline([['a__b', lr]]), "Pipeline: names must not contain __. Got 'a__b'."],
    [new Pipeline([['steps', lr]]), "Pipeline: 'steps' is one of its own parameters."],
    [
      new Pipeline([
        ['a', lr],
        ['b', lr],
      ]),
      "Pipeline: step 'a' must be 'passthrough' or a transformer with fit() and transform(), for it is not the last.",
    ],
    [
      new Pipeline([['a', 7 as never]]),
      "Pipeline: step 'a' must be 'passthrough' or an estimator with fit(), for it is the last.",
    ],
  ];
  for (const [pipeline, message] of wrong) await expect(pipeline.fit(X, y)).rejects.toThrow(message);
  await expect(scaledLr().predict(X)).rejects.toThrow('This Pipeline instance is not fitted yet.');
});

test('a union has the columns of its parts side by side, weighed', async () => {
  const union = new FeatureUnion(
    [
      ['scale', new StandardScaler()],
      ['same', 'passthrough'],
      ['not', 'drop'],
    ],
    { transformerWeights: { same: 2 } },
  );
  const made = toRows(await union.fitTransform([[1], [3]]));
  expect(made).toEqual([
    [-1, 2],
    [1, 6],
  ]);
  const texts = new FeatureUnion([
    ['words', new CountVectorizer()],
    ['chars', new CountVectorizer({ analyzer: 'char' })],
  ]);
  const counted = await texts.fitTransform(['ab', 'b ab']);
  expect('indptr' in counted).toBe(true);
  expect(toRows(counted)).toEqual([
    [1, 0, 1, 1],
    [1, 1, 1, 2],
  ]);
  texts.setParams({ words: 'drop', chars__binary: true });
  expect(toRows(await texts.fitTransform(['ab', 'b ab']))).toEqual([
    [0, 1, 1],
    [1, 1, 1],
  ]);
  await expect(new FeatureUnion([['a', 'drop']], { transformerWeights: { b: 1 } }).fit(X)).rejects.toThrow(
    "transformerWeights names 'b', which is none of a.",
  );
});

test('columns go to their transformers, by name and by position, in any order of names', async () => {
  const table = [
    { city: 'Rome', size: 1, note: 'old town' },
    { city: 'Oslo', size: 3, note: 'old harbour' },
  ];
  const transformer = new ColumnTransformer(
    [
      ['city', new OneHotEncoder(), ['city']],
      ['note', new CountVectorizer(), 'note'],
    ],
    { remainder: 'passthrough', sparseThreshold: 0 },
  );
  expect(toRows(await transformer.fitTransform(table))).toEqual([
    [0, 1, 0, 1, 1, 1],
    [1, 0, 1, 1, 0, 3],
  ]);
  expect(toRows(await transformer.transform([{ size: 9, note: 'town town', city: 'Oslo' }]))).toEqual([
    [1, 0, 0, 0, 2, 9],
  ]);
  expect(transformer.featureNamesIn_).toEqual(['city', 'size', 'note']);
  const byPosition = new ColumnTransformer([
    ['last', new MinMaxScaler(), [-1]],
    ['chosen', 'passthrough', (rows) => [toDense(rows).cols - 3]],
  ]);
  expect(
    toRows(
      await byPosition.fitTransform([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    ),
  ).toEqual([
    [0, 1],
    [1, 4],
  ]);
  await expect(new ColumnTransformer([['a', 'passthrough', ['town']]]).fit(table)).rejects.toThrow(
    "X has no column 'town'. It has city, size, note.",
  );
  await expect(new ColumnTransformer([['a', 'passthrough', [3]]]).fit([[1, 2, 3]])).rejects.toThrow(
    'X has no column 3. It has 3.',
  );
  expect(() => new ColumnTransformer([]).setParams({ rest: 1 })).toThrow(ParameterError);
});

test('a linear model of the hour of the week learns what no sum of hour and weekday can say', async () => {
  const hours = Array.from({ length: 336 }, (_, i) => ({
    weekday: Math.floor(i / 24) % 7,
    hour: i % 24,
    outside: i / 336,
    pressure: (i * 37) % 11,
  }));
  const humidity = hours.map(
    ({ weekday, hour, outside, pressure }) => 40 + 3 * outside - pressure + (weekday === 2 && hour === 9 ? 25 : 0),
  );
  const cross = new ColumnTransformer([['hourOfWeek', new FeatureCross(), ['weekday', 'hour']]], {
    remainder: 'passthrough',
    sparseThreshold: 0,
  });
  expect((await cross.fitTransform(hours)).cols).toBe(170);
  const crossed = await new Pipeline([
    ['cross', cross],
    ['lr', new LinearRegression()],
  ]).fit(hours, humidity);
  const plain = await new Pipeline([
    ['columns', new ColumnTransformer([['beta', 'passthrough', ['outside', 'pressure']]])],
    ['lr', new LinearRegression()],
  ]).fit(hours, humidity);
  close((await crossed.predict(hours)) as Float64Array, humidity, 1e-9);
  expect(await plain.score(hours, humidity)).toBeLessThan(0.8);
});

test('what a step refuses, the pipeline refuses', async () => {
  await expect(scaledLr().fit([[1, 'a']] as never, [1])).rejects.toThrow(InputError);
  const log = new Pipeline([
    ['log', new FunctionTransformer({ func: (rows) => toRows(rows).map((row) => row.map(Math.log)) })],
    ['lr', new LogisticRegression()],
  ]);
  await expect(log.fit([[0], [1]], [0, 1])).rejects.toThrow(
    'Input X contains infinity. LogisticRegression takes finite numbers.',
  );
});
