// Memory and starts: a generator of 1,000,000 tasks, a slow consumer, cold starts.
//   npm run bench -- footprint
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { circumstances, median } from './tiny-tasks/report.ts';

const program = fileURLToPath(new URL('footprint/measure.mjs', import.meta.url));
const measure = (what: string, backend = 'threads'): Record<string, number> =>
  JSON.parse(execFileSync(process.execPath, ['--expose-gc', program, what, backend], { encoding: 'utf8' }));

console.log(`${circumstances()}\n`);
console.log('| what | threads | processes |\n|---|---|---|');
for (const [what, unit] of [
  ['generator', 'MB above its result array, at most'],
  ['slow-stream', 'MB above the start, at most'],
] as const) {
  const [threads, processes] = ['threads', 'processes'].map((backend) => measure(what, backend).megabytes?.toFixed(1));
  console.log(`| ${what}: ${unit} | ${threads} | ${processes} |`);
}
const starts = ['bare', 'threads', 'processes'].map((backend) =>
  median(Array.from({ length: 9 }, () => measure('start', backend).milliseconds as number)),
);
const [bare = 0, threads = 0, processes = 0] = starts;
const bareNode = median(
  Array.from({ length: 9 }, () => {
    const start = performance.now();
    execFileSync(process.execPath, ['-e', '0']);
    return performance.now() - start;
  }),
);
console.log(
  `| start to first result, ms beyond the first capture (${bare.toFixed(0)} ms) | ${(threads - bare).toFixed(0)} | ${(processes - bare).toFixed(0)} |`,
);
console.log(`\nA bare \`node -e 0\` took ${bareNode.toFixed(0)} ms in this run.`);
