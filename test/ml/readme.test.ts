import { readFileSync } from 'node:fs';
import {
  CountVectorizer,
  checkFeatures,
  type DenseMatrix,
  Estimator,
  type Features,
  LogisticRegression,
  loadMovieReviews,
  Pipeline,
  real,
  take,
} from '@jobloom/ml';
import { checkEstimator } from '@jobloom/ml/contract';
import { describe, expect, test } from 'vitest';

// The class of the README, as it stands there; the test below sees to that.
class Clipper extends Estimator<{ low: number; high: number }> {
  static override readonly defaults = { low: 0, high: 1 };
  static override readonly constraints = { low: [real('(-inf, inf)')], high: [real('(-inf, inf)')] };
  override get tags() {
    return { ...super.tags, kind: 'transformer' as const, stateless: true };
  }
  async fit(X: Features): Promise<this> {
    this.checkParams();
    checkFeatures(X, { owner: 'Clipper' });
    return this;
  }
  async transform(X: Features): Promise<DenseMatrix> {
    const matrix = checkFeatures(X, { owner: 'Clipper' });
    return { ...matrix, data: matrix.data.map((x) => Math.min(Math.max(x, this.params.low), this.params.high)) };
  }
}

describe('the estimator of the README', () => {
  checkEstimator(test, () => new Clipper());

  test('stands there as it is here', () => {
    const bodyIn = (file: string): string | undefined =>
      /class Clipper .*?\n\}\n/s.exec(readFileSync(new URL(file, import.meta.url), 'utf8'))?.[0];
    expect(bodyIn('../../packages/ml/README.md')).toBe(bodyIn('readme.test.ts'));
  });
});

test('the first program of the README, on a tenth of the reviews', async () => {
  const { X, y } = loadMovieReviews(new URL('../../examples/data/movie_reviews.zip', import.meta.url).pathname);
  const tenth = Array.from({ length: 200 }, (_, i) => 10 * i);
  const pipeline = new Pipeline([
    ['vect', new CountVectorizer({ analyzer: 'char', ngramRange: [2, 5], maxFeatures: 50_000 })],
    ['lr', new LogisticRegression({ solver: 'liblinear', C: 0.001 })],
  ]);
  await pipeline.fit(take(X, tenth), take(y, tenth));
  const unseen = tenth.map((i) => i + 1);
  expect(await pipeline.score(take(X, unseen), take(y, unseen))).toBeGreaterThan(0.65);
});
