// The talk's grid on film reviews, 6 values of C and 3 folds, on two workers: jobloom beside scikit-learn.
// It needs some 4 GB, and minutes; with fewer reviews than the talk's 1,500 to learn from, less of both.
//   npm run bench -- movie-grid [threads,processes,one,sklearn] [1500]
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
  /** Processor seconds of all, where they can be told. */
  readonly cpu?: number;
  readonly testAuc: number;
}

const reviews = fileURLToPath(new URL('../examples/data/movie_reviews.zip', import.meta.url));
const C = [0.001, 0.01, 0.1, 1, 10, 100];

async function ours(backend: string, nJobs: number): Promise<Run> {
  const { X, y } = loadMovieReviews(reviews);
  const [trainX, testX, trainY, testY] = trainTestSplit([X, y], { trainSize, testSize: 500, randomState: 1234 });
  const pipeline = new Pipeline([
    ['vect', new CountVectorizer({ analyzer: 'char', ngramRange: [2, 5], maxFeatures: 50_000 })],
    ['lr', new LogisticRegression({ solver: 'liblinear' })],
  ]);
  const search = new GridSearchCV(pipeline, { lr__C: C }, { scoring: 'roc_auc', cv: 3 });
  const start = performance.now();
  const before = process.cpuUsage();
  await parallelBackend(backend, { nJobs }, () => search.fit(trainX, trainY));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  const testAuc = await getScorer('roc_auc').score(search, testX, testY);
  return {
    name: `jobloom ${backend}, nJobs ${nJobs}`,
    search: seconds - search.refitTime_,
    refit: search.refitTime_,
    ...(backend === 'threads' && { cpu: (user + system) / 1e6 }),
    testAuc,
  };
}

function sklearn(): Run | undefined {
  const python = '/usr/bin/python3';
  if (!existsSync(python)) return undefined;
  const script = fileURLToPath(new URL('movie-grid/sklearn_grid.py', import.meta.url));
  try {
    return JSON.parse(
      execFileSync(python, [script, reviews, String(trainSize)], {
        encoding: 'utf8',
        env: { ...process.env, OMP_NUM_THREADS: '1' },
      }),
    ) as Run;
  } catch (error) {
    console.log(`scikit-learn is left out (Debian: python3-sklearn): ${(error as Error).message.split('\n')[0]}`);
    return undefined;
  }
}

const [asked = 'threads,processes,one,sklearn', reviewsAsked = '1500'] = process.argv.slice(2);
const kinds = asked.split(',');
const trainSize = Number(reviewsAsked);
const runs: Run[] = [];
for (const [kind, backend, nJobs] of [
  ['threads', 'threads', 2],
  ['processes', 'processes', 2],
  ['one', 'threads', 1],
] as const)
  if (kinds.includes(kind)) runs.push(await ours(backend, nJobs));
const reference = kinds.includes('sklearn') ? sklearn() : undefined;
if (reference !== undefined) runs.push(reference);

const seconds = (value: number | undefined): string => value?.toFixed(1) ?? '';
const beside = (of: (run: Run) => number | undefined, run: Run): string => {
  const [value, theirs] = [of(run), reference && of(reference)];
  return value === undefined || theirs === undefined ? '' : `${(value / theirs).toFixed(2)}x`;
};
console.log(`${trainSize} reviews\n`);
console.log('| | search s | last fit s | processor s | test ROC AUC | all / scikit-learn | processor / scikit-learn |');
console.log('|---|---|---|---|---|---|---|');
for (const run of runs) {
  const all = beside(({ search, refit }) => search + refit, run);
  const cpu = beside((each) => each.cpu, run);
  const { name, search, refit, testAuc } = run;
  console.log(
    `| ${name} | ${seconds(search)} | ${seconds(refit)} | ${seconds(run.cpu)} | ${testAuc.toFixed(4)} | ${all} | ${cpu} |`,
  );
}
const [two, one] = ['threads, nJobs 2', 'threads, nJobs 1'].map((name) => runs.find((run) => run.name.endsWith(name)));
if (two !== undefined && one !== undefined)
  console.log(`efficiency on 2 workers: ${(one.search / two.search / 2).toFixed(2)}`);
