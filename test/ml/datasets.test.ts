import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ClassificationOptions,
  type DenseMatrix,
  loadDigits,
  loadMovieReviews,
  type MoonsOptions,
  makeClassification,
  makeMoons,
} from '@jobloom/ml';
import { expect, test } from 'vitest';
import { close } from './close.ts';
import { reference } from './reference/reference.ts';

interface Case<O> {
  readonly options: O;
  readonly X: number[][];
  readonly y: number[];
}
const { moons, classifications } = reference<{
  moons: Case<MoonsOptions>[];
  classifications: Case<ClassificationOptions>[];
}>('datasets');

function same({ X, y }: { X: DenseMatrix; y: Int32Array }, expected: Case<unknown>): void {
  expect([...y]).toEqual(expected.y);
  close(X.data, expected.X.flat(), 1e-12);
}

test.each(moons)('moons of scikit-learn: $options', (expected) => {
  same(makeMoons({ ...expected.options, randomState: 3 }), expected);
});

test.each(classifications)('classification problems of scikit-learn: $options', (expected) => {
  same(makeClassification({ ...expected.options, randomState: 3 }), expected);
});

test('impossible problems are refused', () => {
  expect(() => makeClassification({ nInformative: 1 })).toThrow('4 clusters need 2 to 30 informative features. Got 1.');
  expect(() => makeClassification({ nFeatures: 3 })).toThrow(
    '4 informative, redundant and repeated features are more than 3.',
  );
});

test('the digits', () => {
  const { X, y } = loadDigits();
  expect([X.rows, X.cols, y.length]).toEqual([1797, 64, 1797]);
  expect([...X.data].reduce((sum, each) => sum + each, 0)).toBe(561_718);
  expect([...y.subarray(0, 12)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
});

test('the movie reviews, from the archive and from a folder', () => {
  const { X, y } = loadMovieReviews(new URL('../../examples/data/movie_reviews.zip', import.meta.url).pathname);
  expect(X).toHaveLength(2000);
  expect(X.reduce((sum, each) => sum + each.length, 0)).toBe(7_786_004);
  expect(y.reduce((sum, each) => sum + each, 0)).toBe(1000);
  const folder = mkdtempSync(join(tmpdir(), 'reviews-'));
  try {
    expect(() => loadMovieReviews(folder)).toThrow();
    for (const [i, kind] of ['neg', 'pos'].entries()) {
      mkdirSync(join(folder, kind));
      writeFileSync(join(folder, kind, 'cv000_1.txt'), X[i * 1000] as string);
    }
    expect(loadMovieReviews(folder)).toEqual({ X: [X[0], X[1000]], y: new Int32Array([0, 1]) });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
