// How well two workers are kept busy: CPU-bound tasks of 0.1 to 100 ms, equal and exponential durations.
// Efficiency is the sum of the durations over twice the time that passed: 1 is two workers that never wait.
//   npm run bench -- cpu-bound
import { setTimeout } from 'node:timers/promises';
import { joblibSpin, spinRunners, WORKERS } from './cpu-bound/runners.ts';
import { joblibVersion } from './tiny-tasks/joblib.ts';
import { circumstances, median } from './tiny-tasks/report.ts';

const SIZES = [0.1, 1, 10, 100];
const WORK_MS = 3000;
const rounds = Number(process.argv[2] ?? 3);

/** Durations with this mean, the same in every run. */
function durations(mean: number, exponential: boolean): number[] {
  let state = 12_345;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 1) / 2 ** 32;
  };
  const count = Math.round(WORK_MS / mean);
  return Array.from({ length: count }, () => (exponential ? -mean * Math.log(random()) : mean));
}

const runners = [...spinRunners(), ...(joblibVersion() === undefined ? [] : [joblibSpin()])];
for (const runner of runners) await runner.run([1, 1, 1, 1]); // the workers start
const rows: string[] = [];
for (const exponential of [false, true]) {
  for (const mean of SIZES) {
    const work = durations(mean, exponential);
    const total = work.reduce((sum, ms) => sum + ms, 0);
    const seen = runners.map((): number[] => []);
    for (let round = 0; round < rounds; round += 1)
      for (const [at, runner] of runners.entries()) seen[at]?.push(total / (WORKERS * (await runner.run(work))));
    rows.push(
      `| ${mean} ms ${exponential ? 'on average, exponential' : 'each'} | ${seen.map((all) => median(all).toFixed(3)).join(' | ')} |`,
    );
    console.error(rows.at(-1));
  }
}
for (const runner of runners) await Promise.race([runner.close(), setTimeout(2000, undefined, { ref: false })]);
console.log(`${circumstances()}\nefficiency, median of ${rounds} rounds in turn\n`);
console.log(`| tasks | ${runners.map(({ name }) => name).join(' | ')} |\n|---|${runners.map(() => '---').join('|')}|`);
console.log(rows.join('\n'));
process.exit();
