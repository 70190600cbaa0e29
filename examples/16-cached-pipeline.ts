// A pipeline with a Memory: what is fitted once is read afterwards, by the next run of this program too, and a helper
// that changed costs its own step and what follows.
//   npm run example -- 16-cached-pipeline                      in a temporary folder
//   npm run example -- 16-cached-pipeline s3://bucket/prefix   anywhere that a Memory can be
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Memory } from '@jobloom/memory';
import {
  CountVectorizer,
  Estimator,
  GridSearchCV,
  LogisticRegression,
  loadMovieReviews,
  Pipeline,
  take,
  trainTestSplit,
} from '@jobloom/ml';
import { delayed, parallel, parallelBackend } from '@jobloom/parallel';
import { startTlsDaemons } from './shared/tls-daemons.ts';

const [given] = process.argv.slice(2);
const location = given ?? mkdtempSync(join(tmpdir(), 'jobloom-example-'));
await using memory = new Memory({ location });

/** A transformer of this script. Its code counts, and that of the helper that it is given. */
class Clean extends Estimator<{ helper: (text: string) => string }> {
  static override readonly defaults = { helper: String };
  async fit(): Promise<this> {
    return this;
  }
  async transform(texts: string[]): Promise<string[]> {
    return texts.map(this.params.helper);
  }
}

const reviews = loadMovieReviews(new URL('data/movie_reviews.zip', import.meta.url).pathname);
const [X, , y] = trainTestSplit([reviews.X, reviews.y], { trainSize: 120, randomState: 0 });
const pipeline = (helper: (text: string) => string): Pipeline =>
  new Pipeline(
    [
      ['lower', new Clean({ helper: (text) => text.toLowerCase() })],
      ['clean', new Clean({ helper })],
      ['vect', new CountVectorizer({ maxFeatures: 2_000 })],
      ['lr', new LogisticRegression({ solver: 'liblinear' })],
    ],
    { memory },
  );

const noDigits = (text: string): string => text.replace(/\d/g, '');
const noNames = (text: string): string => text.replace(/\b(mr|mrs|dr)\b/g, '');

/** How many steps a fit had to fit. */
const fitted = async (fit: () => Promise<unknown>): Promise<number> => {
  const before = memory.stats().misses;
  await fit();
  return memory.stats().misses - before;
};

console.log(`first fit: ${await fitted(() => pipeline(noDigits).fit(X, y))} of 3 steps`);
console.log(`again: ${await fitted(() => pipeline(noDigits).fit(X, y))}`);
console.log(`another helper in the second: ${await fitted(() => pipeline(noNames).fit(X, y))}`);
console.log(`and back: ${await fitted(() => pipeline(noDigits).fit(X, y))}`);

// A search on worker processes, twice. What its workers kept, everyone reads.
const search = (): Promise<GridSearchCV> =>
  new GridSearchCV(pipeline(noDigits), { lr__C: [0.01, 0.1, 1] }, { cv: 3, refit: false }).fit(X, y);
const [first, second] = [await parallelBackend('processes', { nJobs: 2 }, search), await search()];
console.log(
  `the same scores: ${String(first.cvResults_.mean_test_score) === String(second.cvResults_.mean_test_score)}`,
);
console.log(`fitted again for the second search: ${await fitted(search)}`);

// Two daemons want the same at once: each step is fitted by one of them.
const half = Int32Array.from({ length: 60 }, (_, row) => row);
const task = delayed(async (one: Pipeline, texts: string[], labels: Int32Array) => {
  const own = one.params.memory as Memory;
  const before = own.stats().misses;
  await one.fit(texts, labels);
  return { misses: own.stats().misses - before, parent: process.ppid };
})(pipeline(noDigits), take(X, half), take(y, half));
const environment = ['AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']; // for a bucket
await using daemons = await startTlsDaemons(2, { jobs: 1, environment });
const both = await parallelBackend('grpc', { ...daemons.cluster, minWorkers: 2 }, () =>
  parallel([task, task], { batchSize: 1 }),
);
const parents = new Set(both.map(({ parent }) => parent));
const misses = both.reduce((sum, each) => sum + each.misses, 0);
console.log(`${parents.size} daemons at once: ${misses} fits of 3 steps`);

if (given === undefined) rmSync(location, { recursive: true });
