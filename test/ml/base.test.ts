import {
  clone,
  Estimator,
  encodeLabels,
  fromState,
  integer,
  RandomState,
  registerEstimator,
  take,
  toCsr,
  toDense,
} from '@jobloom/ml';
import { delayed, parallel } from '@jobloom/parallel';
import { expect, test } from 'vitest';

class Shift extends Estimator<{ by: number; inner: Estimator | null; list: unknown[] }> {
  static override readonly defaults = { by: 0, inner: null, list: [] };
  static override readonly constraints = { by: [integer('[0, 10)')] };
  declare seen_: number;

  async fit(X: number[][]): Promise<this> {
    this.checkParams();
    this.seen_ = X.length;
    return this;
  }

  async transform(X: number[][]): Promise<number[][]> {
    this.checkFitted();
    return X.map((row) => row.map((x) => x + this.params.by));
  }
}

test('parameters are stored, asked for and set, deep ones too', () => {
  const shift = new Shift({ by: 1, inner: new Shift({ by: 2 }) });
  expect(shift.getParams()).toMatchObject({ by: 1, inner__by: 2, inner__inner: null });
  shift.setParams({ by: 4, inner__by: 5 });
  expect(shift.getParams()).toMatchObject({ by: 4, inner__by: 5 });
  expect(() => shift.setParams({ buy: 1 })).toThrow(
    "Invalid parameter 'buy' for estimator Shift. Valid parameters are: by, inner, list.",
  );
  expect(() => new Shift({ buy: 1 } as never)).toThrow("Invalid parameter 'buy' for estimator Shift.");
});

test('a clone has the same parameters and nothing learned', async () => {
  const inner = new Shift({ by: 2 });
  const list = [inner, 1];
  const shift = await new Shift({ by: 1, inner, list }).fit([[1]]);
  const copy = clone(shift);
  expect(copy).toBeInstanceOf(Shift);
  expect(copy.isFitted).toBe(false);
  expect(copy.params.by).toBe(1);
  expect(copy.params.inner).not.toBe(inner);
  expect(copy.params.list[0]).toEqual(inner);
  expect(copy.params.list[0]).not.toBe(inner);
});

test('a constructor that changes what it is given is told of', () => {
  class Doubling extends Shift {
    constructor(params: { by: number }) {
      super({ by: params.by * 2 });
    }
  }
  expect(() => clone(new Doubling({ by: 1 }))).toThrow(
    "Cannot clone Doubling: its constructor does not set, or changes, the parameter 'by'.",
  );
});

test('errors of parameters and of unfitted estimators', async () => {
  await expect(new Shift({ by: 10 }).fit([[1]])).rejects.toThrow(
    "The 'by' parameter of Shift must be an integer in the range [0, 10). Got 10 instead.",
  );
  await expect(new Shift().transform([[1]])).rejects.toThrow('This Shift instance is not fitted yet.');
});

test('a state is data, and becomes the estimator again once its class is registered', async () => {
  const shift = await new Shift({ by: 3, inner: new Shift() }).fit([[1], [2]]);
  const state = shift.toState();
  expect(state).toMatchObject({ type: 'Shift', version: 1, params: { by: 3 }, fitted: { seen_: 2 } });
  expect(() => fromState(state)).toThrow("no estimator is known under the name 'Shift'");
  registerEstimator(Shift);
  expect(fromState(structuredClone(state))).toEqual(shift);
  expect(() => fromState({ ...state, version: 2 })).toThrow(
    'the state of Shift has version 2; this program reads up to 1.',
  );
  expect(() => new Shift({ list: [() => 1] }).toState()).toThrow(
    'Shift.list[0] is a function, which a state cannot hold.',
  );
  expect(() => fromState({} as never)).toThrow('this is no state of an estimator');
});

test.each(['sequential', 'threads', 'processes'] as const)(
  'an unregistered class and a generator travel: %s',
  async (backend) => {
    const random = new RandomState(5);
    random.gauss();
    const shift = new Shift({ by: 7 });
    const run = async (estimator: Shift, generator: RandomState): Promise<[Shift, number[][], number]> => {
      const fitted = await clone(estimator).fit([[1, 2]]);
      return [fitted, await fitted.transform([[1]]), generator.gauss()];
    };
    const [answer] = await parallel([delayed(run)(shift, random.copy())], { backend, nJobs: 2 });
    expect(answer?.[0].seen_).toBe(1);
    expect(await answer?.[0].transform([[2]])).toEqual([[9]]);
    expect(answer?.slice(1)).toEqual([[[8]], random.gauss()]);
  },
);

test('rows are taken from whatever has rows', () => {
  const dense = toDense([
    [1, 0],
    [0, 3],
    [5, 6],
  ]);
  expect(take(dense, [2, 0, 2])).toEqual(
    toDense([
      [5, 6],
      [1, 0],
      [5, 6],
    ]),
  );
  expect(toDense(take(toCsr(dense), [2, 0]))).toEqual(
    toDense([
      [5, 6],
      [1, 0],
    ]),
  );
  expect(take(['a', 'b', 'c'], new Int32Array([1, 1]))).toEqual(['b', 'b']);
  expect(take(new Int32Array([4, 5]), [1])).toEqual(new Int32Array([5]));
  expect(() => take(dense, [3])).toThrow('there is no row 3 in 3 rows.');
});

test('labels are sorted as numpy sorts them', () => {
  expect(encodeLabels([3, -1, 10, 3])).toEqual({ classes: [-1, 3, 10], codes: new Int32Array([1, 0, 2, 1]) });
  expect(encodeLabels(['b', 'a', '\u{1F600}', '\uFFFD']).classes).toEqual(['a', 'b', '\uFFFD', '\u{1F600}']);
  expect(encodeLabels([true, false, true]).classes).toEqual([false, true]);
  expect(() => encodeLabels([1, 'a'])).toThrow("labels must be of one kind. Got numbers and strings: [1, 'a'].");
  expect(() => encodeLabels([1, Number.NaN])).toThrow(
    'a label is a string, a finite number, a boolean or a bigint. Got NaN.',
  );
});
