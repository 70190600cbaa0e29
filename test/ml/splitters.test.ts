import {
  GroupKFold,
  integers,
  KFold,
  logUniform,
  ParameterGrid,
  ParameterSampler,
  ShuffleSplit,
  type Split,
  StratifiedKFold,
  StratifiedShuffleSplit,
  TimeSeriesSplit,
  trainTestSplit,
  uniform,
} from '@jobloom/ml';
import { describe, expect, test } from 'vitest';
import { reference } from './reference/reference.ts';

type Lists = { train: number[]; test: number[] }[];
type Name =
  | 'kFold'
  | 'kFoldShuffled'
  | 'stratified'
  | 'stratifiedShuffled'
  | 'group'
  | 'time'
  | 'timeGap'
  | 'shuffle'
  | 'shuffleSizes'
  | 'stratifiedShuffle';
interface Figures extends Record<Name, Lists> {
  data: { letters: string[]; groups: number[] };
  trainTest: [number[], number[], string[], string[]];
  trainTestStratified: number[][];
  trainTestPlain: number[][];
  grid: object[];
  samples: object[];
  samplesOfMany: object[];
  samplesDrawn: Record<string, number | string>[];
}
const sklearn = reference<Figures>('model_selection');
const { letters, groups } = sklearn.data;
const lists = (splits: Iterable<Split>): Lists =>
  Array.from(splits, ({ train, test }) => ({ train: Array.from(train), test: Array.from(test) }));
const count = (n: number): number[] => Array.from({ length: n }, (_, at) => at);

describe("splitters give scikit-learn's rows", () => {
  test.each<[Name, () => Iterable<Split>]>([
    ['kFold', () => new KFold({ nSplits: 4 }).split(10)],
    ['kFoldShuffled', () => new KFold({ nSplits: 3, shuffle: true, randomState: 5 }).split(11)],
    ['stratified', () => new StratifiedKFold({ nSplits: 3 }).split(letters, letters)],
    [
      'stratifiedShuffled',
      () => new StratifiedKFold({ nSplits: 4, shuffle: true, randomState: 1 }).split(letters, letters),
    ],
    ['group', () => new GroupKFold({ nSplits: 3 }).split(groups, null, groups)],
    ['time', () => new TimeSeriesSplit({ nSplits: 3 }).split(11)],
    ['timeGap', () => new TimeSeriesSplit({ nSplits: 3, gap: 2, maxTrainSize: 4, testSize: 2 }).split(15)],
    ['shuffle', () => new ShuffleSplit({ nSplits: 2, randomState: 1234 }).split(25)],
    ['shuffleSizes', () => new ShuffleSplit({ nSplits: 2, testSize: 0.3, trainSize: 7, randomState: 3 }).split(25)],
    [
      'stratifiedShuffle',
      () => new StratifiedShuffleSplit({ nSplits: 2, testSize: 0.3, randomState: 2 }).split(letters, letters),
    ],
  ])('%s', (name, split) => {
    expect(lists(split())).toEqual(sklearn[name]);
  });

  test('trainTestSplit', () => {
    expect(trainTestSplit([count(60), letters], { randomState: 42 })).toEqual(sklearn.trainTest);
    expect(trainTestSplit([count(60)], { randomState: 42, trainSize: 20, stratify: letters })).toEqual(
      sklearn.trainTestStratified,
    );
    expect(trainTestSplit([count(10)], { shuffle: false })).toEqual(sklearn.trainTestPlain);
  });

  test("the contiguous recipe cuts each label's rows as KFold does, the first folds larger", () => {
    const y = ['a', 'a', 'a', 'a', 'b', 'b', 'b', 'b'];
    const splits = lists(new StratifiedKFold({ nSplits: 3, recipe: 'contiguous' }).split(y, y));
    expect(splits.map(({ test }) => test)).toEqual([
      [0, 1, 4, 5],
      [2, 6],
      [3, 7],
    ]);
    const balanced = lists(new StratifiedKFold({ nSplits: 3 }).split(y, y));
    expect(balanced.map(({ test }) => test)).toEqual([
      [0, 1, 4],
      [2, 5, 6],
      [3, 7],
    ]);
  });
});

describe('what splitters refuse', () => {
  test.each([
    [() => new KFold({ nSplits: 1 }), 'nSplits of KFold must be an integer, 2 or more. Got 1.'],
    [
      () => new KFold({ randomState: 1 }),
      'randomState of KFold has no effect without shuffle: true. Set it, or leave randomState out.',
    ],
    [() => lists(new KFold({ nSplits: 5 }).split(4)), 'Cannot make 5 splits of 4 rows. Use fewer splits or more data.'],
    [
      () => lists(new StratifiedKFold({ nSplits: 3 }).split([1, 2], [1, 2])),
      'Cannot make 3 splits of labels that have 1 rows at most. Use fewer splits or more data.',
    ],
    [() => lists(new StratifiedKFold().split([1, 2], [1])), 'X and y have different numbers of rows: 2 and 1.'],
    [() => lists(new GroupKFold().split(groups)), 'GroupKFold needs groups, one a row.'],
    [() => trainTestSplit([[1, 2], [1]]), 'The arrays must have equally many rows. Got 2, 1.'],
    [
      () => trainTestSplit([[1, 2, 3]], { testSize: 3 }),
      'testSize must be a share between 0 and 1, or a number of rows below 3. Got 3.',
    ],
    [
      () => new ParameterGrid({ C: 1 as never }),
      "The values of 'C' in a parameter grid must be a list. Got 1. Write [1] for a single one.",
    ],
    [() => new ParameterGrid({ C: [] }), "The list of values of 'C' in a parameter grid must not be empty."],
  ])('%#', (call, message) => {
    expect(call).toThrow(message);
  });
});

describe("grids and samplers give scikit-learn's candidates", () => {
  test('a grid: names sorted, the last varying fastest, each at its position', () => {
    const grid = new ParameterGrid([{ b: [1, 2], a: ['x', 'y', 'z'] }, { c: [true] }, {}]);
    expect([...grid]).toEqual(sklearn.grid);
    expect([grid.length, grid.at(5), grid.at(8)]).toEqual([8, { a: 'z', b: 2 }, undefined]);
  });

  test('samples of lists, without replacement', () => {
    expect([...new ParameterSampler({ b: [1, 2, 3], a: ['x', 'y', 'z'] }, { nIter: 4, randomState: 0 })]).toEqual(
      sklearn.samples,
    );
    const many = { b: count(100), a: count(100) };
    expect([...new ParameterSampler(many, { nIter: 5, randomState: 0 })]).toEqual(sklearn.samplesOfMany);
  });

  test('samples of distributions', () => {
    const given = [
      { C: logUniform(1e-3, 1e3), k: ['a', 'b', 'c'] },
      { u: uniform(2, 5), i: integers(3, 30) },
    ];
    const drawn = [...new ParameterSampler(given, { nIter: 6, randomState: 3 })];
    expect(drawn.map((params) => Object.keys(params))).toEqual(
      sklearn.samplesDrawn.map((params) => Object.keys(params)),
    );
    drawn.forEach((params, at) => {
      for (const [name, due] of Object.entries(sklearn.samplesDrawn[at] as Record<string, number | string>))
        if (typeof due === 'number') expect((params[name] as number) / due).toBeCloseTo(1, 12);
        else expect(params[name]).toBe(due);
    });
  });
});
