// A talk of 2016 in a minute: which film reviews are good ones, by a grid search over character n-grams, with a Memory on
// disk. On threads, on processes and on two worker daemons with TLS; then again from what they kept. One line changes.
//   npm run demo
//   npm run demo -- 120      with fewer reviews to learn from than 400
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Memory } from '@jobloom/memory';
import { parallelBackend } from '@jobloom/parallel';
import { type MovieGrid, movieGrid, splitScores } from './shared/movie-grid.ts';
import { sameOfAll } from './shared/same-of-all.ts';
import { startTlsDaemons } from './shared/tls-daemons.ts';

const size = {
  trainSize: Number(process.argv[2] ?? 400),
  testSize: 200,
  longestGram: 4,
  features: 20_000,
  C: [0.001, 0.01, 0.1, 1],
};
const location = mkdtempSync(join(tmpdir(), 'jobloom-talk-'));
await using daemons = await startTlsDaemons(2, { jobs: 1 });

const ways: Record<string, (grid: MovieGrid) => Promise<unknown>> = {
  threads: ({ fit }) => parallelBackend('threads', { nJobs: 2 }, fit),
  processes: ({ fit }) => parallelBackend('processes', { nJobs: 2 }, fit),
  'two TLS daemons': ({ fit }) => parallelBackend('grpc', daemons.cluster, fit),
};

console.log(`${size.trainSize} reviews, ${size.C.length} values of C, 3 folds, and a fit of the best on all of them\n`);
console.log('| on | first run, s | again, s | fits read | best C | ROC AUC, folds | ROC AUC, test |');
console.log('|---|---|---|---|---|---|---|');
const scores = new Map<string, unknown>();
for (const [name, on] of Object.entries(ways)) {
  await using memory = new Memory({ location: join(location, name) });
  const cells: string[] = [];
  for (const turn of ['first', 'again']) {
    const grid = movieGrid(size, memory);
    const { hits } = memory.stats();
    const start = performance.now();
    await on(grid);
    cells.push(((performance.now() - start) / 1000).toFixed(1));
    const { search } = grid;
    const test = await grid.testScore();
    scores.set(`${name}, ${turn}`, [splitScores(search), search.bestParams_, test]);
    if (turn === 'again')
      cells.push(
        `${memory.stats().hits - hits}`,
        `${search.bestParams_.lr__C}`,
        `${search.bestScore_?.toFixed(4)}`,
        test.toFixed(4),
      );
  }
  console.log(`| ${[name, ...cells].join(' | ')} |`);
}
rmSync(location, { recursive: true });
sameOfAll(scores);
console.log(`\nthe same scores, to the last bit, of all ${scores.size} runs`);
