// Counts the character 2-5-grams of 2,000 movie reviews: once in place, once on threads, once on processes.
//   npm run example -- 01-char-ngrams
//   npm run example -- 01-char-ngrams 200      only the first 200 reviews
import { Parallel } from '@jobloom/parallel';
import { digestOf, gramTasks } from './shared/char-ngrams.ts';
import { progressLine } from './shared/progress-line.ts';

const tasks = gramTasks(process.argv[2] === undefined ? undefined : Number(process.argv[2]));
console.error(`${tasks.length} tasks of 20 reviews`);
let sequentialMs: number | undefined;
for (const backend of ['sequential', 'threads', 'processes']) {
  const start = performance.now();
  await using runner = new Parallel({ backend, onProgress: progressLine(backend) });
  const digest = await digestOf(runner.stream(tasks, { ordered: false }));
  const ms = performance.now() - start;
  sequentialMs ??= ms;
  console.log(`${backend} ${ms.toFixed(0)} ms ${(sequentialMs / ms).toFixed(2)}x ${digest}`);
}
