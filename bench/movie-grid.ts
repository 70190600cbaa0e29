// The talk's grid on film reviews, 6 values of C and 3 folds, on two workers: jobloom beside scikit-learn.
// It needs some 4 GB, and minutes.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  CountVectorizer,
  GridSearchCV,
  getScorer,
  LogisticRegression,
  loadMovieReviews,
  Pipeline,
  trainTestSplit,
} from '@jobloom/ml';
import { parallelBackend } from '@jobloom/parallel';

interface Run {
  readonly name: string;
  /** Seconds, the last fit on all data apart. */
  readonly search: number;
  readonly refit: number;
  readonly testAuc: number;
}

const reviews = fileURLToPath(new URL('../examples/data/movie_reviews.zip', import.meta.url));
const C = [0.001, 0.01, 0.1, 1, 10, 100];

async function ours(backend: string, nJobs: number): Promise<Run> {
  const { X, y } = loadMovieReviews(reviews);
  const [trainX, testX, trainY, testY] = trainTestSplit([X, y], { testSize: 0.25, randomState: 1234 });
  const pipeline = new Pipeline([
    ['vect', new CountVectorizer({ analyzer: 'char', ngramRange: [2, 5], maxFeatures: 50_000 })],
    ['lr', new LogisticRegression({ solver: 'liblinear' })],
  ]);
  const search = new GridSearchCV(pipeline, { lr__C: C }, { scoring: 'roc_auc', cv: 3 });
  const start = performance.now();
  await parallelBackend(backend, { nJobs }, () => search.fit(trainX, trainY));
  const seconds = (performance.now() - start) / 1000;
  const testAuc = await getScorer('roc_auc').score(search, testX, testY);
  return {
    name: `jobloom ${backend}, nJobs ${nJobs}`,
    search: seconds - search.refitTime_,
    refit: search.refitTime_,
    testAuc,
  };
}

function sklearn(): Run | undefined {
  const python = '/usr/bin/python3';
  if (!existsSync(python)) return undefined;
  const script = fileURLToPath(new URL('movie-grid/sklearn_grid.py', import.meta.url));
  try {
    return JSON.parse(
      execFileSync(python, [script, reviews], { encoding: 'utf8', env: { ...process.env, OMP_NUM_THREADS: '1' } }),
    ) as Run;
  } catch (error) {
    console.log(`scikit-learn is left out (Debian: python3-sklearn): ${(error as Error).message.split('\n')[0]}`);
    return undefined;
  }
}

const only = process.argv[2];
const runs: Run[] = [];
for (const [backend, nJobs] of [
  ['threads', 2],
  ['processes', 2],
  ['threads', 1],
] as const)
  if (only === undefined || only === backend) runs.push(await ours(backend, nJobs));
const reference = sklearn();
if (reference !== undefined) runs.push(reference);

console.log('| | search s | last fit s | test ROC AUC | all / scikit-learn |\n|---|---|---|---|---|');
for (const { name, search, refit, testAuc } of runs) {
  const ratio =
    reference === undefined ? '' : `${((search + refit) / (reference.search + reference.refit)).toFixed(2)}x`;
  console.log(`| ${name} | ${search.toFixed(1)} | ${refit.toFixed(1)} | ${testAuc.toFixed(4)} | ${ratio} |`);
}
const [two, one] = ['threads, nJobs 2', 'threads, nJobs 1'].map((name) => runs.find((run) => run.name.endsWith(name)));
if (two !== undefined && one !== undefined)
  console.log(`efficiency on 2 workers: ${(one.search / two.search / 2).toFixed(2)}`);
