// 64 MB to each of two workers and 64 MB back from each, jobloom beside other pools, in turn.
//   npm run bench -- bulk           about two minutes on two cores; takes some 2 GB of memory
//   npm run bench -- bulk 16 3      16 MB, three rounds
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { hasJoblib, joblib } from './bulk/joblib.ts';
import { allOfOurs } from './bulk/ours.ts';
import { peers } from './bulk/peers.ts';
import { circumstances, median } from './tiny-tasks/report.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const megabytes = Number(process.argv[2] ?? 64);
const rounds = Number(process.argv[3] ?? 5);
const bytes = megabytes * 1024 * 1024;

const python = hasJoblib() ? [joblib('same'), joblib('new')] : [];
const measured = new Map<string, number[]>();
const runners = [...allOfOurs, ...peers, ...python].map((make) => make(bytes));
for (const runner of runners) {
  measured.set(runner.name, []);
  await runner.open();
}
for (let round = 0; round <= rounds; round += 1) {
  for (const runner of runners) {
    console.error(round === 0 ? `warming ${runner.name}` : `round ${round} of ${rounds}: ${runner.name}`);
    runner.prepare?.();
    collectGarbage();
    await setTimeout(150); // nobody pays for giving back what the one before left
    const ms = await runner.round();
    if (round > 0) measured.get(runner.name)?.push(ms);
  }
}
for (const runner of runners) await Promise.race([runner.close(), setTimeout(5000, undefined, { ref: false })]);

const ofJoblib = measured.get('joblib loky, numpy, same arrays (Python)');
const base = ofJoblib === undefined ? undefined : median(ofJoblib);
console.log(circumstances());
console.log(`${megabytes} MB to each of two workers and back, median of ${rounds} rounds in turn\n`);
console.log('| runner | ms, median | range | / joblib loky, same arrays |\n|---|---|---|---|');
for (const [name, all] of measured) {
  const ratio = base === undefined ? '' : `${(median(all) / base).toFixed(3)}x`;
  const range = `${Math.min(...all).toFixed(1)}-${Math.max(...all).toFixed(1)}`;
  console.log(`| ${name} | ${median(all).toFixed(1)} | ${range} | ${ratio} |`);
}
process.exit();
