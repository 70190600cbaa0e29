import {
  FeatureCross,
  FunctionTransformer,
  LabelBinarizer,
  LabelEncoder,
  MinMaxScaler,
  OneHotEncoder,
  SimpleImputer,
  StandardScaler,
  toCsr,
  toDense,
  toRows,
} from '@jobloom/ml';
import { expect, test } from 'vitest';
import { close } from './close.ts';
import { reference } from './reference/reference.ts';

type Rows = number[][];
const figures = reference<{
  A: Rows;
  B: Rows;
  w: number[];
  withNaN: (number | null)[][];
  constant: Rows;
  rows: [string, number][];
  standard: Record<'A' | 'B' | 'constant' | 'sparse', Rows> &
    Record<'mean' | 'var' | 'weightedMean' | 'weightedVar', number[]>;
  minMax: { A: Rows; constant: Rows; nan: (number | null)[][]; clipped: Rows };
  oneHot: { A: Rows; names: string[]; dropped: Rows; ignored: Rows };
  binarizer: { three: Rows; two: Rows };
  imputed: Record<'mean' | 'median' | 'most_frequent' | 'constant', Rows>;
}>('preprocessing');
const { A, B, w, withNaN, constant, rows } = figures;
const numbers = (table: (number | null)[][]): number[] => table.flat().map((each) => each ?? Number.NaN);

test('StandardScaler', async () => {
  const { standard } = figures;
  const scaler = await new StandardScaler().fit(withNaN);
  close(scaler.mean_, standard.mean, 1e-13);
  close(scaler.var_ as Float64Array, standard.var, 1e-13);
  close((await scaler.transform(B)).data, standard.B.flat(), 1e-12);
  close((await (await new StandardScaler().fit(A)).transform(A)).data, standard.A.flat(), 1e-12);
  close((await (await new StandardScaler().fit(constant)).transform(constant)).data, standard.constant.flat(), 1e-12);
  const weighted = await new StandardScaler().fit(A, undefined, { sampleWeight: w });
  close(weighted.mean_, standard.weightedMean, 1e-13);
  close(weighted.var_ as Float64Array, standard.weightedVar, 1e-13);
  const sparse = await (await new StandardScaler({ withMean: false }).fit(toCsr(A))).transform(toCsr(A));
  close(toDense(sparse).data, standard.sparse.flat(), 1e-12);
  await expect(new StandardScaler().fit(toCsr(A))).rejects.toThrow(
    'StandardScaler cannot center sparse matrices: pass withMean: false instead.',
  );
});

test('MinMaxScaler', async () => {
  const scaler = await new MinMaxScaler({ featureRange: [-1, 2] }).fit(A);
  close((await scaler.transform(A)).data, figures.minMax.A.flat(), 1e-13);
  close((await scaler.inverseTransform(await scaler.transform(A))).data, A.flat(), 1e-12);
  close(
    (await (await new MinMaxScaler().fit(constant)).transform(constant)).data,
    figures.minMax.constant.flat(),
    1e-13,
  );
  const scaled = await (await new MinMaxScaler().fit(withNaN)).transform(withNaN);
  expect([...scaled.data].map((each) => (Number.isNaN(each) ? null : each.toFixed(12)))).toEqual(
    figures.minMax.nan.flat().map((each) => each?.toFixed(12) ?? null),
  );
  close(
    (await (await new MinMaxScaler({ clip: true }).fit(A)).transform(B)).data,
    figures.minMax.clipped.flat(),
    1e-13,
  );
  await expect(new MinMaxScaler({ featureRange: [1, 0] }).fit(A)).rejects.toThrow(
    'featureRange goes from the smaller to the larger. Got [1, 0].',
  );
});

test('OneHotEncoder', async () => {
  const encoder = await new OneHotEncoder().fit(rows);
  expect(toRows((await encoder.transform(rows)) as never)).toEqual(figures.oneHot.A);
  expect(encoder.getFeatureNamesOut()).toEqual(figures.oneHot.names);
  expect(await encoder.inverseTransform(await encoder.transform(rows))).toEqual(rows);
  const dropping = await new OneHotEncoder({ drop: 'first', sparseOutput: false }).fit(rows);
  expect(toRows((await dropping.transform(rows)) as never)).toEqual(figures.oneHot.dropped);
  expect(await dropping.inverseTransform(await dropping.transform(rows))).toEqual(rows);
  const ignoring = await new OneHotEncoder({ handleUnknown: 'ignore' }).fit(rows);
  expect(
    toRows(
      (await ignoring.transform([
        ['z', 2],
        ['c', 3],
      ])) as never,
    ),
  ).toEqual(figures.oneHot.ignored);
  await expect(encoder.transform([['z', 2]])).rejects.toThrow(
    "Found unknown category 'z' in column 0 during transform of OneHotEncoder. Set handleUnknown: 'ignore' to leave such cells out.",
  );
  const named = await new OneHotEncoder().fit([
    { day: 'mo', hour: 1 },
    { day: 'tu', hour: null },
  ]);
  expect(named.getFeatureNamesOut()).toEqual(['day_mo', 'day_tu', 'hour_1', 'hour_null']);
  expect(toRows((await named.transform([{ hour: 1, day: 'tu' }])) as never)).toEqual([[0, 1, 1, 0]]);
  await expect(named.transform([{ day: 'mo', minute: 3 }])).rejects.toThrow(
    "X of OneHotEncoder has no column 'hour' at row 0.",
  );
});

test('FeatureCross: a column for each combination', async () => {
  const hours = Array.from({ length: 168 }, (_, i) => ({ weekday: Math.floor(i / 24), hour: i % 24 }));
  const cross = await new FeatureCross().fit(hours);
  const crossed = await cross.transform(hours);
  expect([crossed.rows, crossed.cols]).toEqual([168, 168]);
  expect(toRows(crossed).every((row, i) => row.every((each, j) => each === (i === j ? 1 : 0)))).toBe(true);
  expect(cross.getFeatureNamesOut()[25]).toBe('weekday=1 hour=1');
  const ignoring = await new FeatureCross({
    handleUnknown: 'ignore',
    sparseOutput: false,
    categories: [
      [0, 1],
      ['a', 'b'],
    ],
  }).fit([[0, 'a']]);
  expect(
    toRows(
      (await ignoring.transform([
        [1, 'a'],
        [1, 'z'],
      ])) as never,
    ),
  ).toEqual([
    [0, 0, 1, 0],
    [0, 0, 0, 0],
  ]);
});

test('LabelEncoder and LabelBinarizer', async () => {
  const encoder = new LabelEncoder<string>();
  expect([...(await encoder.fitTransform(['b', 'a', 'b']))]).toEqual([1, 0, 1]);
  expect(await encoder.inverseTransform([0, 1])).toEqual(['a', 'b']);
  await expect(encoder.transform(['z'])).rejects.toThrow(
    "y contains previously unseen labels: 'z'. Known: ['a', 'b'].",
  );
  const three = await new LabelBinarizer<number>().fit([3, 1, 2, 1]);
  expect(toRows(await three.transform([3, 1, 2, 1]))).toEqual(figures.binarizer.three);
  expect(await three.inverseTransform(figures.binarizer.three)).toEqual([3, 1, 2, 1]);
  const two = await new LabelBinarizer<string>({ negLabel: -1 }).fit(['x', 'a', 'x']);
  expect(toRows(await two.transform(['x', 'a', 'x']))).toEqual(figures.binarizer.two);
  expect(await two.inverseTransform(figures.binarizer.two)).toEqual(['x', 'a', 'x']);
});

test.each(['mean', 'median', 'most_frequent', 'constant'] as const)('SimpleImputer: %s', async (strategy) => {
  const imputer = await new SimpleImputer({ strategy }).fit(withNaN);
  close(((await imputer.transform(withNaN)) as { data: Float64Array }).data, figures.imputed[strategy].flat(), 1e-13);
});

test('SimpleImputer of text, of other missing values, and of empty columns', async () => {
  const text = [
    ['a', 1],
    [null, 2],
    ['b', null],
    ['b', 2],
  ];
  const imputer = await new SimpleImputer({ strategy: 'most_frequent' }).fit(text);
  expect(await imputer.transform(text)).toEqual([
    ['a', 1],
    ['b', 2],
    ['b', 2],
    ['b', 2],
  ]);
  await expect(new SimpleImputer().fit(text)).rejects.toThrow(
    "Cannot use mean strategy with non-numeric data: 'a' in column 0. Use most_frequent or constant.",
  );
  const minus = await new SimpleImputer({ missingValues: -1 }).fit([
    [1, -1],
    [3, -1],
  ]);
  expect(toRows((await minus.transform([[-1, 5]])) as never)).toEqual([[2]]);
  await expect(minus.transform([[Number.NaN, 5]])).rejects.toThrow(
    'Input X contains NaN in column 0, and missingValues of SimpleImputer is -1.',
  );
});

test('FunctionTransformer', async () => {
  const double = new FunctionTransformer({
    func: (X) => toRows(X).map((row) => row.map((x) => 2 * x)),
    validate: true,
  });
  expect(await double.transform([[1], [2]])).toEqual([[2], [4]]);
  await expect(double.transform([['a']])).rejects.toThrow(
    "X of FunctionTransformer must be numbers. Got 'a' at row 0, column 0.",
  );
  expect(() => double.toState()).toThrow(
    'FunctionTransformer.func is a function func, which a state cannot hold. Register it under a name',
  );
  expect(numbers([[1, null]])).toEqual([1, Number.NaN]);
});
