// Models of @jobloom/ml beside scikit-learn, in turn, on the same data, one process each.
//   npm run bench -- models                 3 rounds, after one that is not counted
//   npm run bench -- models 5 supervised    5 rounds of one family
import { cpus, loadavg } from 'node:os';
import type { Family, Measured } from './models/family.ts';
import { supervised } from './models/supervised.ts';
import { unsupervised } from './models/unsupervised.ts';
import { sklearnSide } from './sklearn-side.ts';
import { median } from './tiny-tasks/report.ts';

const FAMILIES: Readonly<Record<string, Family>> = { supervised, unsupervised };

const [rounds = '3', ...chosen] = process.argv.slice(2);
const names = chosen.length > 0 ? chosen : Object.keys(FAMILIES);
const rows: string[] = [];
let version = '';
for (const name of names) {
  const family = FAMILIES[name];
  if (family === undefined) throw new Error(`no family ${name}; there are ${Object.keys(FAMILIES).join(', ')}`);
  const theirs = sklearnSide(family.script);
  [, version] = await theirs.ask<[number, string]>('version');
  for (const [work, { title, asked }] of Object.entries(family.works)) {
    console.error(title);
    const measured: [Measured, Measured][] = [];
    for (let round = 0; round <= Number(rounds); round += 1)
      measured.push([await family.measure(work), await theirs.ask<Measured>(work)]);
    measured.shift();
    const [a, b] = [median(measured.map(([[ms]]) => ms)), median(measured.map(([, [ms]]) => ms))];
    const figures = (measured[0] as [Measured, Measured]).map(([, figure]) => Number(figure.toPrecision(6)));
    rows.push(
      `| ${title} | ${a.toFixed(1)} | ${b.toFixed(1)} | ${(a / b).toFixed(2)}x | ${asked === undefined ? '' : `${asked}x`} | ${figures.join(', ')} |`,
    );
  }
  await theirs.close();
}
console.log(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown CPU'}, load ${loadavg()[0]?.toFixed(0)}, Node ${process.versions.node}; scikit-learn ${version}, 1 BLAS thread\nmedian of ${rounds} rounds in turn\n`,
);
console.log('| | jobloom, ms | scikit-learn, ms | ratio | asked | figures |\n|---|---|---|---|---|---|');
for (const row of rows) console.log(row);
