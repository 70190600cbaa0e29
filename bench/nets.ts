// Nets and logistic regression of @jobloom/ml beside scikit-learn, and a step of the movie net beside TensorFlow.js, in turn.
//   npm run bench -- nets          about a minute on two cores
//   npm run bench -- nets 5        5 rounds
import { cpus, loadavg } from 'node:os';
import { LogisticRegression, loadDigits, MLPClassifier, tfStatus } from '@jobloom/ml';
import { movieSteps } from './nets/movie-step.ts';
import { sklearnSide } from './sklearn-side.ts';
import { median } from './tiny-tasks/report.ts';

/** Wall time and processor time in milliseconds, and the accuracy on the last quarter. */
type Measured = readonly [wall: number, cpu: number, figure: number];

const rounds = Number(process.argv[2] ?? '3');
const { X, y } = loadDigits();
const border = Math.floor(X.rows * 0.75);
const part = (from: number, to: number) => ({
  data: X.data.slice(from * X.cols, to * X.cols),
  rows: to - from,
  cols: X.cols,
});
const [train, test] = [part(0, border), part(border, X.rows)];
const [yTrain, yTest] = [y.slice(0, border), y.slice(border)];

const FITS = {
  'LogisticRegression, lbfgs, 100 iterations': () => new LogisticRegression<number>(),
  'MLPClassifier 256, 128, 64, 10 epochs of 32': () =>
    new MLPClassifier<number>({
      hiddenUnits: [256, 128, 64],
      batchSize: 32,
      nEpochs: 10,
      keepProb: 1,
      initScale: 1,
      randomState: 0,
      engine: 'native',
    }),
} as const;
type Work = keyof typeof FITS;

async function timed(run: () => unknown): Promise<[number, number]> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(before);
  return [performance.now() - start, (user + system) / 1000];
}

async function ours(work: Work): Promise<Measured> {
  const model = FITS[work]();
  const times = await timed(() => model.fit(train, yTrain));
  return [...times, await model.score(test, yTest)];
}

const python = sklearnSide(new URL('nets/sklearn_nets.py', import.meta.url));
const theirs = (work: string) => python.ask<Measured>(work);

process.on('warning', () => {}); // of 100 iterations that do not converge
console.log(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(0)}\nmedians of ${rounds} rounds in turn; ms by the clock (and of processor time)\n`,
);
console.log('| 1,347 digits | jobloom | scikit-learn | ratio | accuracy on the other 450 |\n|---|---|---|---|---|');
for (const work of Object.keys(FITS) as Work[]) {
  await ours(work); // compiles
  await theirs(work);
  const pairs: [Measured, Measured][] = [];
  for (let round = 0; round < rounds; round += 1) pairs.push([await ours(work), await theirs(work)]);
  const at = (side: 0 | 1, figure: 0 | 1): number => median(pairs.map((pair) => pair[side][figure]));
  const shown = (side: 0 | 1): string => `${at(side, 0).toFixed(0)} (${at(side, 1).toFixed(0)})`;
  const ratio = (figure: 0 | 1): string => `${(at(0, figure) / at(1, figure)).toFixed(2)}x`;
  const accuracies = pairs[0]?.map(([, , accuracy]) => accuracy.toFixed(4)).join(', ');
  console.log(`| ${work} | ${shown(0)} | ${shown(1)} | ${ratio(0)} (${ratio(1)}) | ${accuracies} |`);
}
await python.close();

console.log('\n| a step of 64 reviews x 50,000, 256 hidden, adam | native | tfjs wasm | ratio |\n|---|---|---|---|');
const [native, wasm] = await movieSteps(rounds);
console.log(`| ms by the clock | ${native.toFixed(0)} | ${wasm.toFixed(0)} | ${(wasm / native).toFixed(1)}x faster |`);
console.log(`\nengines: ${JSON.stringify((await tfStatus()).engines)}`);
