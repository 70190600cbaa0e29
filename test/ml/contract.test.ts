import {
  type Constraints,
  type DenseMatrix,
  Estimator,
  type Features,
  integer,
  LogisticRegression,
  rowCount,
  StandardScaler,
  toDense,
} from '@jobloom/ml';
import { checkEstimator } from '@jobloom/ml/contract';
import { expect, test } from 'vitest';

/** Names of the checks that an estimator fails. */
async function failures(make: () => Estimator): Promise<string[]> {
  const checks: [string, () => Promise<void>][] = [];
  checkEstimator((name, body) => checks.push([name, body]), make);
  const failed: string[] = [];
  for (const [name, body] of checks) {
    if (/threads|processes/.test(name)) continue; // they run in the tests of our estimators
    try {
      await body();
    } catch {
      failed.push(name);
    }
  }
  return failed;
}

test('an estimator that keeps the rules fails nothing', async () => {
  expect(await failures(() => new StandardScaler())).toEqual([]);
});

test('there are about fifty checks of a classifier', () => {
  const names: string[] = [];
  checkEstimator(
    (name) => names.push(name),
    () => new LogisticRegression(),
  );
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(40);
});

test('a constructor that changes what it is given', async () => {
  class Doubling extends StandardScaler {
    constructor(params: { withMean?: boolean } = {}) {
      super({ ...params, withMean: !(params.withMean ?? true) });
    }
  }
  expect(await failures(() => new Doubling())).toContain('the constructor stores what it is given');
});

test('a fit that changes its parameters', async () => {
  class Tuning extends StandardScaler {
    override async fit(X: Features): Promise<this> {
      await super.fit(X);
      return this.setParams({ withMean: false });
    }
  }
  expect(await failures(() => new Tuning())).toContain('fit changes no parameter');
});

test('a transform that works in place', async () => {
  class InPlace extends StandardScaler {
    override async transform(X: Features): Promise<DenseMatrix> {
      const made = toDense(await super.transform(X));
      toDense(X).data.set(made.data);
      return made;
    }
  }
  expect(await failures(() => new InPlace())).toContain('X and y stay as they were');
});

test('answers that depend on the other rows, and a fit that remembers', async () => {
  class Ranking extends Estimator<{ from: number }> {
    static override readonly defaults = { from: 0 };
    static override readonly constraints: Constraints = { from: [integer('[0, inf)')] };
    declare seen_: number;
    override get tags(): Estimator['tags'] {
      return { ...super.tags, kind: 'transformer', input: 'cells', ignoresX: true };
    }
    fit(X: Features): this {
      this.seen_ = (this.seen_ ?? 0) + rowCount(X);
      return this;
    }
    transform(X: Features): DenseMatrix {
      return { data: Float64Array.from({ length: rowCount(X) }, (_, i) => i + this.seen_), rows: rowCount(X), cols: 1 };
    }
  }
  expect(await failures(() => new Ranking())).toEqual([
    'setParams stores any value, and fit refuses those that break a constraint',
    'before fit it answers with NotFittedError, unless it needs no fit',
    'fitting again gives the same',
    'fitting on other data forgets what was learned',
    'answers have a row for each row, in their order',
    'a row alone has the answer that it has among others',
    'no rows are refused',
  ]);
});

test('a classifier without checks of its input', async () => {
  class Careless extends LogisticRegression<string> {
    override async predict(X: Features): Promise<string[]> {
      return Array.from({ length: rowCount(X) }, () => this.classes_?.[0] as string);
    }
  }
  const failed = await failures(() => new Careless());
  expect(failed).toContain('before fit it answers with NotFittedError, unless it needs no fit');
  expect(failed).toContain('infinity is refused');
  expect(failed).toContain('score is the accuracy');
  expect(failed).toContain('decisions are largest for the label; of two classes above zero for the second');
});
