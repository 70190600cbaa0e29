// What a task costs: 100,000 calls of x => 10 * x ** 2 on two workers, jobloom beside other pools, in turn.
//   npm run bench -- tiny-tasks            about two minutes on two cores
//   npm run bench -- tiny-tasks 10000 3    fewer calls, fewer rounds
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { floor } from './tiny-tasks/floor.ts';
import { joblib, joblibVersion } from './tiny-tasks/joblib.ts';
import { ours } from './tiny-tasks/ours.ts';
import { peers } from './tiny-tasks/peers.ts';
import { circumstances, taskTable, tripTable } from './tiny-tasks/report.ts';
import { measureRoundTrips } from './tiny-tasks/round-trip.ts';
import { expectedSum } from './tiny-tasks/runner.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const calls = Number(process.argv[2] ?? 100_000);
const rounds = Number(process.argv[3] ?? 5);

const python = joblibVersion() === undefined ? [] : [joblib('loky'), joblib('threading')];
const runners = [...ours, floor(), ...peers, ...python];
const measured = new Map<string, number[]>(runners.map(({ name }) => [name, []]));

console.error('round trips'); // first: later this process holds what all the pools leave
const trips = await measureRoundTrips();

console.error('starting and warming all workers');
for (const runner of runners) {
  await runner.open();
  await runner.run(Math.min(calls, 5000));
}
for (let round = 1; round <= rounds; round += 1) {
  for (const runner of runners) {
    console.error(`round ${round} of ${rounds}: ${runner.name}`);
    collectGarbage(); // nobody pays for what the one before left
    const n = Math.ceil(calls * (runner.share ?? 1));
    const start = performance.now();
    const sum = await runner.run(n);
    const ms = performance.now() - start;
    if (sum !== expectedSum(n)) throw new Error(`${runner.name} gave ${sum} instead of ${expectedSum(n)}`);
    measured.get(runner.name)?.push((1000 * ms) / n);
  }
}
// poolifier's destroy has been seen to wait for ever.
for (const runner of runners) await Promise.race([runner.close(), setTimeout(2000, undefined, { ref: false })]);

console.log(`${circumstances()}`);
console.log(`${calls} calls (slow peers: 3 in 10 of them), median of ${rounds} rounds in turn\n`);
console.log(taskTable(measured));
console.log(`\n${tripTable(trips)}`);
process.exit();
