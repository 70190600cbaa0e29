// The job of the first example on two worker daemons with TLS and a token, one of which is killed in the middle.
//   npm run example -- 06-cluster              all 2,000 reviews
//   npm run example -- 06-cluster 200
import { Parallel, parallelBackend } from '@jobloom/parallel';
import { digestOf, gramTasks } from './shared/char-ngrams.ts';
import { startTlsDaemons } from './shared/tls-daemons.ts';

const tasks = gramTasks(process.argv[2] === undefined ? undefined : Number(process.argv[2]));
{
  await using runner = new Parallel({ backend: 'threads' });
  console.log(`threads ${await digestOf(runner.stream(tasks, { ordered: false }))}`);
}

await using daemons = await startTlsDaemons(2, { jobs: 2, log: 'inherit' });
const [first, second] = daemons.processes;
await parallelBackend('grpc', daemons.cluster, async () => {
  await using runner = new Parallel({
    idempotent: true, // a task that was lost is run again
    onProgress: ({ done }) => {
      if (done < tasks.length / 2 || first?.killed) return;
      first?.kill('SIGKILL');
      console.error('killed one of two daemons');
    },
  });
  console.log(`grpc    ${await digestOf(runner.stream(tasks, { ordered: false }))}`);
});
console.log(`the killed daemon ended by ${first?.signalCode}, the other is alive: ${second?.exitCode === null}`);
