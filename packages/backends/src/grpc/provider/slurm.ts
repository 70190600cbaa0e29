import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { OptionError } from '../../errors.ts';
import { JobProvider } from './job-provider.ts';
import { dialCommand } from './local.ts';
import type { WorkerProvider } from './provider.ts';
import { sizeOf, type WorkerCount } from './size.ts';
import { SlurmEngine } from './slurm-engine.ts';

export interface SlurmOptions extends Omit<WorkerCount, 'workers'> {
  /** How many pilots, each on one node; 1 where it is left out. */
  readonly nodes?: number;
  /** Pilots that there always are; `nodes` where it is left out. */
  readonly min?: number;
  /** Pilots that there are at most, while work waits; `min` where it is left out. */
  readonly max?: number;
  /** CPUs of a pilot, and tasks that it runs at once unless `jobs` says; 1 where it is left out. */
  readonly cpusPerTask?: number;
  readonly partition?: string;
  /** Time limit of a pilot, as sbatch takes it: `'2:00:00'`, `'30'` for minutes. The partition's where it is left out. */
  readonly time?: string | number;
  /** Memory of a pilot, as sbatch takes it: `'4G'`. */
  readonly memory?: string;
  /** Seconds before its time limit at which a pilot takes no new task and lets running ones end; 60 where it is left out. */
  readonly drainSeconds?: number;
  /** More options of sbatch: `['--account=physics', '--gres=gpu:1']`. */
  readonly sbatch?: readonly string[];
  /** A folder of this user that the nodes see too, for orders and logs; ~/.cache/jobloom/slurm where it is left out. */
  readonly folder?: string;
  /** What starts a pilot on a node, to which the file with its orders is added; this very Node and jobloom where it is left out. */
  readonly command?: readonly string[];
  /** Milliseconds between two looks at the queue; 5,000 where it is left out. Lost pilots are noticed by their streams meanwhile. */
  readonly pollMs?: number;
}

/** Jobs may wait for nodes. */
const WAIT_MS = 600_000;
const POLL_MS = 5_000;
const DRAIN_SECONDS = 60;

/**
 * Workers that are pilot jobs of Slurm: an array of them is submitted by sbatch, each dials back, and tasks go over its
 * stream. Nodes must reach this host (`advertise`) and see `folder`; sbatch, squeue, scancel and scontrol must be here.
 *
 * @example
 * await parallelBackend('grpc', { provider: slurm({ min: 1, max: 8, cpusPerTask: 4, time: '1:00:00' }) }, body);
 * @throws OptionError
 */
export function slurm(options: SlurmOptions = {}): WorkerProvider {
  const { nodes = 1, min = nodes, max, cpusPerTask = 1, jobs = cpusPerTask, kind } = options;
  const { folder = join(homedir(), '.cache', 'jobloom', 'slurm'), pollMs = POLL_MS } = options;
  const { drainSeconds = DRAIN_SECONDS } = options;
  const count = { workers: min, jobs, ...(max !== undefined && { max }), ...(kind !== undefined && { kind }) };
  sizeOf('slurm', { workers: cpusPerTask }, 'cpusPerTask');
  const size = sizeOf('slurm', count, 'min');
  if (!(pollMs > 0))
    throw new OptionError(`The pollMs option of slurm must be a number above 0. Got ${String(pollMs)}.`);
  if (!Number.isInteger(drainSeconds) || drainSeconds < 1 || drainSeconds > 65_535)
    throw new OptionError(
      `The drainSeconds option of slurm must be a whole number of seconds, 1 to 65535. Got ${String(drainSeconds)}.`,
    );
  const { partition, time, memory, sbatch = [], command = dialCommand() } = options;
  const wishes = [
    `--cpus-per-task=${cpusPerTask}`,
    `--signal=B:TERM@${drainSeconds}`,
    ...(partition === undefined ? [] : [`--partition=${partition}`]),
    ...(time === undefined ? [] : [`--time=${time}`]),
    ...(memory === undefined ? [] : [`--mem=${memory}`]),
    ...sbatch,
  ];
  return new JobProvider({
    name: 'slurm',
    ...size,
    engine: new SlurmEngine({ folder: resolve(folder), command, wishes }),
    pollMs,
    waitMs: WAIT_MS,
  });
}
