import { describe, expect, test } from 'vitest';
import { ranksOf } from '../../packages/ml/src/selection/cv-results.ts';
import { planUnits, type Unit } from '../../packages/ml/src/selection/plan.ts';
import { stepKeysOf } from '../../packages/ml/src/selection/step-keys.ts';
import { WorkQueue } from '../../packages/ml/src/selection/work-queue.ts';

const shapes = (units: readonly Unit[]): string[] =>
  units.map(
    ({ kind, split, candidate, from, to, parent }) =>
      `${split}: ${kind} ${candidate} ${from}-${to} <- ${parent ?? 'X'}`,
  );
const all = (candidates: number, splits: number) =>
  Array.from({ length: candidates * splits }, (_, at) => ({
    candidate: at % candidates,
    split: Math.floor(at / candidates),
  }));

describe('what candidates have in common is fitted once a split', () => {
  test('one prefix for all', () => {
    expect(
      shapes(
        planUnits(
          [
            ['v', 'a'],
            ['v', 'b'],
            ['v', 'c'],
          ],
          all(3, 2),
        ),
      ),
    ).toEqual([
      '0: prefix 0 0-1 <- X',
      '0: leaf 0 1-2 <- 0',
      '0: leaf 1 1-2 <- 0',
      '0: leaf 2 1-2 <- 0',
      '1: prefix 0 0-1 <- X',
      '1: leaf 0 1-2 <- 4',
      '1: leaf 1 1-2 <- 4',
      '1: leaf 2 1-2 <- 4',
    ]);
  });

  test('prefixes of prefixes; steps that belong together are one unit; what only one has stays with it', () => {
    const keys = [
      ['v', 'x', 's', 'a'],
      ['v', 'x', 's', 'b'],
      ['v', 'y', 's', 'a'],
      ['w', 'y', 's', 'a'],
    ];
    expect(shapes(planUnits(keys, all(4, 1)))).toEqual([
      '0: prefix 0 0-1 <- X',
      '0: prefix 0 1-3 <- 0',
      '0: leaf 0 3-4 <- 1',
      '0: leaf 1 3-4 <- 1',
      '0: leaf 2 1-4 <- 0',
      '0: leaf 3 0-4 <- X',
    ]);
  });

  test('only what is wanted', () => {
    const units = planUnits(
      [
        ['v', 'a'],
        ['v', 'b'],
        ['v', 'c'],
      ],
      [
        { candidate: 1, split: 0 },
        { candidate: 0, split: 1 },
        { candidate: 2, split: 1 },
      ],
    );
    expect(shapes(units)).toEqual([
      '0: leaf 1 0-2 <- X',
      '1: prefix 0 0-1 <- X',
      '1: leaf 0 1-2 <- 1',
      '1: leaf 2 1-2 <- 1',
    ]);
  });

  test('equal values are equal keys, by step; what is no step’s is everyone’s', () => {
    const other = () => 0;
    const candidates = [
      { v__n: [1, 2], lr__C: 1 },
      { lr__C: 2, v__n: [1, 2] },
      { v__n: [1, '2'] },
      { v: other },
      { memory: null },
    ];
    const [a, b, c, d, e] = stepKeysOf(candidates, ['v', 'lr']) as [string[], string[], string[], string[], string[]];
    expect(a[0]).toBe(b[0]);
    expect(new Set([a[0], c[0], d[0], e[0]]).size).toBe(4);
    expect([c[1], d[1]]).toEqual(['', '']);
    expect([new Set([a[1], b[1], e[1]]).size, e[0] === e[1]]).toEqual([3, true]);
  });
});

describe('the order of work', () => {
  test('leaves that took longest elsewhere go first, unknown ones before them, what failed takes its leaves along', () => {
    const units = planUnits([['a'], ['b'], ['c']], all(3, 2));
    const queue = new WorkQueue(units);
    const taken = [queue.take(), queue.take(), queue.take()] as Unit[];
    expect(taken.map(({ index }) => index)).toEqual([0, 1, 2]);
    queue.done(taken[0] as Unit, 5);
    queue.done(taken[1] as Unit, 50);
    expect([queue.take(), queue.take(), queue.take(), queue.take()].map((unit) => unit?.index)).toEqual([
      5,
      4,
      3,
      undefined,
    ]);
    expect(queue.isFinished).toBe(false);
  });

  test('a prefix goes when few leaves are left, and opens its own', () => {
    const queue = new WorkQueue(
      planUnits(
        [
          ['v', 'a'],
          ['v', 'b'],
          ['v', 'c'],
          ['v', 'd'],
        ],
        all(4, 3),
      ),
    );
    const prefixes = [queue.take(), queue.take(), queue.take()] as Unit[];
    expect(prefixes.map(({ kind, split }) => `${kind} ${split}`)).toEqual(['prefix 0', 'prefix 1', 'prefix 2']);
    expect(queue.take()).toBe(undefined);
    queue.done(prefixes[1] as Unit, 10);
    expect(queue.take()).toMatchObject({ kind: 'leaf', split: 1, candidate: 0 });
    expect(queue.fail(prefixes[0] as Unit).map(({ candidate, split }) => [candidate, split])).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 0],
    ]);
  });
});

test('ranks: equal means share the best place, NaN comes last', () => {
  expect([...ranksOf([0.5, 0.9, 0.5, Number.NaN, 0.1, Number.NaN])]).toEqual([2, 1, 2, 5, 4, 5]);
  expect([...ranksOf([Number.NaN, Number.NaN])]).toEqual([1, 1]);
});
