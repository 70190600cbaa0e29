// The job of the first example on pilots of Slurm: two at first, more while work waits.
//   npm run example -- 08-slurm              all 2,000 reviews; needs sbatch here, and this folder on the nodes too
//   npm run example -- 08-slurm 200 ADDRESS  ADDRESS is how nodes reach this host; its name where it is left out
import { spawnSync } from 'node:child_process';
import { slurm } from '@jobloom/backends/grpc';
import { Parallel, parallelBackend } from '@jobloom/parallel';
import { digestOf, gramTasks } from './shared/char-ngrams.ts';

const [reviews, address] = process.argv.slice(2);
if (spawnSync('sbatch', ['--version']).error !== undefined) {
  console.log('skipped: sbatch is not here');
  process.exit();
}

const tasks = gramTasks(reviews === undefined ? undefined : Number(reviews));
{
  await using runner = new Parallel({ backend: 'threads' });
  console.log(`threads ${await digestOf(runner.stream(tasks, { ordered: false }))}`);
}

const provider = slurm({ min: 2, max: 4, time: '10' });
const cluster = { provider, ...(address !== undefined && { advertise: `${address}:0` }) };
const nodes = new Set<string | undefined>();
await parallelBackend('grpc', cluster, async () => {
  await using runner = new Parallel({ idempotent: true }); // a task whose pilot was lost is run again
  console.log(`slurm   ${await digestOf(runner.stream(tasks, { ordered: false }))}`);
  for (const { detail } of await provider.status()) nodes.add(detail?.split(' on ')[1]);
});
console.log(`pilots on ${[...nodes].sort().join(' and ')}; left: ${(await provider.status()).length}`);
