import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Constraints,
  CountVectorizer,
  checkFeatures,
  checkLength,
  DEFAULT_TAGS,
  Estimator,
  encodeLabels,
  type Features,
  InputError,
  type Label,
  type Labels,
  LogisticRegression,
  Pipeline,
  real,
  StandardScaler,
  toRows,
} from '@jobloom/ml';
import { checkEstimator } from '@jobloom/ml/contract';
import { afterAll, describe, test } from 'vitest';
import { startDaemon } from '../cluster/daemons.ts';

const folder = mkdtempSync(join(tmpdir(), 'jobloom-travel-'));
const tokenFile = join(folder, 'token');
writeFileSync(tokenFile, 'a token that only this test knows\n', { mode: 0o600 });
const daemon = await startDaemon({ args: ['--jobs', '1', '--token-file', tokenFile], cwd: '/' });
afterAll(async () => {
  await daemon.kill();
  rmSync(folder, { recursive: true });
});
const remote = { grpc: { workers: [daemon.address], tokenFile } };

/** A function of this script that the estimator below needs where it is. */
const meanOf = (rows: readonly (readonly number[])[], column: number): number =>
  rows.reduce((sum, row) => sum + (row[column] as number), 0) / rows.length;

/** An estimator of this script: nobody registered it, and no package has it. */
class NearestMean<L extends Label = Label> extends Estimator<{ shrink: number }> {
  static override readonly defaults = { shrink: 0 };
  static override readonly constraints: Constraints = { shrink: [real('[0, 1)')] };
  declare classes_: L[];
  declare means_: number[][];
  declare nFeaturesIn_: number;

  override get tags(): Estimator['tags'] {
    return { ...DEFAULT_TAGS, kind: 'classifier', requiresY: true };
  }

  async fit(X: Features, y: Labels<L>): Promise<this> {
    this.checkParams();
    const matrix = checkFeatures(X, { owner: 'NearestMean' });
    checkLength('y', y, matrix.rows, 'NearestMean');
    const rows = toRows(matrix);
    const { classes, codes } = encodeLabels(y);
    if (classes.length < 2) throw new InputError(`NearestMean needs 2 classes or more. Got ${classes.length} class.`);
    this.classes_ = classes;
    this.nFeaturesIn_ = matrix.cols;
    this.means_ = classes.map((_, code) => {
      const own = rows.filter((_row, at) => codes[at] === code);
      return Array.from({ length: matrix.cols }, (_, column) => meanOf(own, column) * (1 - this.params.shrink));
    });
    return this;
  }

  async predict(X: Features): Promise<L[]> {
    this.checkFitted();
    const rows = toRows(checkFeatures(X, { owner: 'NearestMean', cols: this.nFeaturesIn_ }));
    return rows.map((row) => {
      const distances = this.means_.map((mean) =>
        mean.reduce((sum, each, j) => sum + (each - (row[j] as number)) ** 2, 0),
      );
      return this.classes_[distances.indexOf(Math.min(...distances))] as L;
    });
  }

  async score(X: Features, y: Labels<L>): Promise<number> {
    const said = await this.predict(X);
    return said.filter((label, row) => label === y[row]).length / said.length;
  }
}

describe('an estimator of a script keeps to the contract, on threads, on processes and on a daemon elsewhere', () => {
  checkEstimator(test, () => new NearestMean({ shrink: 0.1 }), { backends: { threads: {}, processes: {}, ...remote } });
});

describe.each([
  ['LogisticRegression', () => new LogisticRegression()],
  [
    'Pipeline',
    () =>
      new Pipeline([
        ['scale', new StandardScaler()],
        ['mean', new NearestMean()],
      ]),
  ],
  ['CountVectorizer', () => new CountVectorizer({ analyzer: 'char_wb' })],
] as const)('%s on a daemon elsewhere', (_, make) => {
  const onDaemon = (name: string, body: () => Promise<void>): unknown => name.includes('grpc') && test(name, body);
  checkEstimator(onDaemon, make, { backends: remote });
});
