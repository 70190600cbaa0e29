// Estimators of @jobloom/ml beside scikit-learn, in turn, on the same data.
//   npm run bench -- estimators           about two minutes on two cores
//   npm run bench -- estimators 5         5 rounds
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ours } from './estimators/ours.ts';
import { type Measured, WORK } from './estimators/subject.ts';
import { sklearnSide } from './sklearn-side.ts';
import { median } from './tiny-tasks/report.ts';

const [rounds = '3'] = process.argv.slice(2);
const reviews = fileURLToPath(new URL('../examples/data/movie_reviews.zip', import.meta.url));
const theirs = sklearnSide(new URL('estimators/sklearn_side.py', import.meta.url), reviews);
const [, version] = await theirs.ask<[number, string]>('version');
const mine = ours(reviews);
const sides = [mine.measure, (work: string) => theirs.ask<Measured>(work)] as const;
const works = Object.keys(WORK) as (keyof typeof WORK)[];
const measured = new Map(works.map((work) => [work, [[], []] as [Measured[], Measured[]]]));
for (let round = 1; round <= Number(rounds); round += 1) {
  for (const work of works) {
    console.error(`round ${round} of ${rounds}: ${WORK[work]}`);
    for (const who of [0, 1] as const) measured.get(work)?.[who].push(await sides[who](work));
  }
}
const cpu = cpus()[0]?.model ?? 'unknown CPU';
console.log(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} x ${cpu}, Node ${process.versions.node}; scikit-learn ${version}, 1 BLAS thread\nmedian of ${rounds} rounds in turn\n`,
);
console.log('| | jobloom, ms | scikit-learn, ms | ratio | figures |\n|---|---|---|---|---|');
for (const [work, [here, there]] of measured) {
  const [a, b] = [median(here.map(([ms]) => ms)), median(there.map(([ms]) => ms))];
  const figures = [here, there].map((all) => all[0]?.[1]);
  console.log(`| ${WORK[work]} | ${a.toFixed(0)} | ${b.toFixed(0)} | ${(a / b).toFixed(2)}x | ${figures.join(', ')} |`);
}
await mine.close();
await theirs.close();
