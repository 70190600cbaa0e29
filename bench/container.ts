// What containers cost: from nothing to the first result beside `docker run` of the same Node, a warm round trip, and
// 100,000 tiny tasks beside worker processes. Needs Docker or Podman with its command; DOCKER_HOST says where.
// With Slurm here (Debian: slurm-wlm munge): four pilots beside an array of four jobs.
//   npm run bench -- container             about a minute on two cores
//   npm run bench -- container slurm       Slurm alone
import { execFile, spawnSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { promisify } from 'node:util';
import { delayed, Parallel } from '@jobloom/parallel';
import { buildWorkerImage, container } from '@jobloom/parallel/container';
import { measurePilots } from './container/pilots.ts';

const run = promisify(execFile);
const ROUNDS = 7;
const TRIPS = 500;
const CALLS = 100_000;

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] as number;
const row = (...cells: (string | number)[]): void => console.log(`| ${cells.join(' | ')} |`);
const head = (): void => {
  row('what', 'ms, median', 'beside', 'ms, median', 'ratio');
  row('---', '---', '---', '---', '---');
};
const ratio = (a: number, b: number): string => `${(a / b).toFixed(2)}x`;
const line = (what: string, ms: number, beside: string, other: number): void =>
  row(what, ms.toFixed(0), beside, other.toFixed(0), ratio(ms, other));
const pilots = async (): Promise<void> => {
  const { connected, running, nodes } = await measurePilots();
  line('four pilots of Slurm connected', median(connected), 'an array of four jobs, all running', median(running));
  line('the same', median(connected), 'an array of four bare Nodes', median(nodes));
};
if (process.argv[2] === 'slurm') {
  head();
  await pilots();
  process.exit();
}

const engine = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
const podman = process.argv[2] === 'podman';
const command = podman
  ? ['podman', '--remote', '--url', engine, 'run', '--rm', '--network=none']
  : ['docker', '-H', engine, 'run', '--rm', '--network=none'];
const image = await buildWorkerImage({ tag: 'localhost/jobloom-bench:1' });
const square = delayed((x: number) => 10 * x ** 2);

const timed = async (act: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await act();
  return performance.now() - start;
};

const bare: number[] = [];
const cold: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const [program = '', ...args] = [...command, image, 'node', '-e', '1'];
  bare.push(await timed(() => run(program, args)));
  await using backend = container({ image });
  cold.push(await timed(() => new Parallel({ nJobs: 1, backend }).run([square(1)])));
}

await using warm = container({ image });
const one = new Parallel({ nJobs: 1, backend: warm });
await one.run([square(1)]);
const trips: number[] = [];
for (let trip = 0; trip < TRIPS; trip += 1) trips.push(await timed(() => one.run([square(trip)])));

const tasks = Array.from({ length: CALLS }, (_, x) => square(x));
const containers = new Parallel({ nJobs: 2, backend: warm });
const processes = new Parallel({ nJobs: 2, backend: 'processes' });
const many = new Map<Parallel, number[]>([
  [containers, []],
  [processes, []],
]);
for (const runner of many.keys()) await runner.run(tasks.slice(0, 5000));
for (let round = 0; round < ROUNDS; round += 1)
  for (const [runner, times] of many) times.push(await timed(() => runner.run(tasks)));
await processes.close();

const tiny = (runner: Parallel): number => median(many.get(runner) ?? []);
console.log(`${availableParallelism()} x ${cpus()[0]?.model}, Node ${process.versions.node}, ${engine}\n`);
head();
line('first result, cold', median(cold), `${command[0]} run … node -e 1`, median(bare));
line(`${CALLS} tiny tasks, 2 containers`, tiny(containers), 'processes', tiny(processes));
row('one task, warm', median(trips).toFixed(2), '', '', '');
if (spawnSync('sbatch', ['--version']).error === undefined) await pilots();
