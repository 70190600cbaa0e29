// Which film reviews are good ones: counts of character 2- to 5-grams, and a logistic regression whose C a grid search
// chooses, or a neural net. The talk's own data, split and grids, and its figures: ROC AUC 0.9119 and 0.9271 on the test part.
//   npm run example -- 11-movie-reviews [--model lr|mlp] [--backend sequential|threads|processes|grpc|container] [--jobs 2]
//                                       [--quick | --best]
//   npm run example -- 11-movie-reviews --simulated-cluster    a slow laptop beside four of its kind, as root on Linux
// Only the backend differs between the ways to run it, and it changes nothing but the time.
import { parseArgs } from 'node:util';
import { parallelBackend } from '@jobloom/parallel';
import { cpuQuotas } from './shared/cpu-quotas.ts';
import { FINE, type MovieGridSize, movieGrid, QUICK, splitScores, WHOLE } from './shared/movie-grid.ts';
import { movieModels } from './shared/movie-models.ts';
import { runOn } from './shared/run-on.ts';
import { startTlsDaemons } from './shared/tls-daemons.ts';
import { endWithout } from './shared/without.ts';

const { values } = parseArgs({
  options: {
    backend: { type: 'string', default: 'threads' },
    jobs: { type: 'string', default: '2' },
    model: { type: 'string', default: 'lr' },
    quick: { type: 'boolean', default: false },
    best: { type: 'boolean', default: false },
    'simulated-cluster': { type: 'boolean', default: false },
  },
});
if (values['simulated-cluster']) await compare(values.quick ? QUICK : FINE);
else if (values.best) await fitBest();
else await run(values.quick ? QUICK : WHOLE, values.backend, Number(values.jobs));

function model(): ReturnType<(typeof movieModels)['lr' | 'mlp']> {
  return movieModels[values.model as 'lr' | 'mlp'](values.quick);
}

/** The talk's best parameters alone. */
async function fitBest(): Promise<void> {
  const { best, ...rest } = model();
  const start = performance.now();
  const auc = await movieGrid(WHOLE, null, rest).fitOne(best);
  const seconds = (performance.now() - start) / 1000;
  console.log(`${JSON.stringify(best)}: test ROC AUC ${auc.toFixed(4)}, ${seconds.toFixed(0)} s`);
}

async function run(size: MovieGridSize, backend: string, jobs: number): Promise<void> {
  const { search, fit, testScore } = movieGrid(size, null, model());
  const seconds = await runOn(backend, jobs, () => timed(fit));
  console.log(search.toTable());
  console.log(
    `best ${JSON.stringify(search.bestParams_)}: ROC AUC ${search.bestScore_?.toFixed(4)} by cross-validation`,
  );
  console.log(`test ROC AUC ${(await testScore()).toFixed(4)}`);
  console.log(`all scores ${JSON.stringify(splitScores(search))}`);
  console.log(
    `${backend}: ${seconds.toFixed(1)} s, of which ${search.refitTime_.toFixed(1)} s for the fit on all of ${size.trainSize}`,
  );
}

/** The search on one daemon that has 0.4 of a CPU, and on four such: a laptop and a cluster, simulated on one machine. */
async function compare(size: MovieGridSize): Promise<void> {
  console.log(`${size.C.length} values of C, 3 folds, ${size.trainSize} reviews, ${size.features} features`);
  const walls: number[] = [];
  const scores: string[] = [];
  for (const [name, count] of [
    ['laptop', 1],
    ['cluster', 4],
  ] as const) {
    const groups = groupsOf(count);
    try {
      await using daemons = await startTlsDaemons(count, { jobs: 1, groups: groups.files });
      const { search, fit } = movieGrid(size);
      search.setParams({ refit: false }); // one task, which no cluster makes faster
      const seconds = await parallelBackend('grpc', daemons.cluster, () => timed(fit));
      walls.push(seconds);
      scores.push(JSON.stringify(splitScores(search)));
      console.log(`simulated ${name}, ${count} x 0.4 CPU: ${seconds.toFixed(1)} s`);
    } finally {
      await groups[Symbol.asyncDispose]();
    }
  }
  const [laptop = Number.NaN, cluster = Number.NaN] = walls;
  console.log(`simulated cluster: ${(laptop / cluster).toFixed(2)} times as fast`);
  if (scores[0] !== scores[1]) throw new Error(`the scores differ:\n${scores.join('\n')}`);
  console.log('the same scores');
}

function groupsOf(count: number): ReturnType<typeof cpuQuotas> {
  try {
    return cpuQuotas(count, 0.4);
  } catch (error) {
    return endWithout((error as Error).message);
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
