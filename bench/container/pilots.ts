import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGrpc, slurm } from '@jobloom/backends/grpc';
import { startSlurm } from '../../test/services/slurm.ts';

const PILOTS = 4;
const ROUNDS = 5;

/** Milliseconds of each round. */
export interface PilotTimes {
  /** From sbatch until as many tasks of an array as there are pilots are all running. */
  readonly running: readonly number[];
  /** The same of tasks that are a Node which does nothing, until the code of all runs. */
  readonly nodes: readonly number[];
  /** From the opening of the backend, with its certificates, until all pilots have dialled back and proved who they are. */
  readonly connected: readonly number[];
}

/** Pilots of Slurm beside an array of jobs that do nothing, in turn, on a cluster of two nodes of our own, or that of SLURM_CONF. */
export async function measurePilots(): Promise<PilotTimes> {
  const cluster = process.env.SLURM_CONF === undefined ? await startSlurm() : undefined;
  if (cluster !== undefined) process.env.SLURM_CONF = cluster.configuration;
  const folder = mkdtempSync(join(tmpdir(), 'jobloom-pilots-'));
  const running: number[] = [];
  const nodes: number[] = [];
  const connected: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      running.push(await arrayRuns());
      nodes.push(await nodesRun(join(folder, `${round}`)));
      connected.push(await pilotsConnect(folder));
    }
  } finally {
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return { running, nodes, connected };
}

async function arrayRuns(): Promise<number> {
  const start = performance.now();
  const options = ['--parsable', `--array=1-${PILOTS}`, '--output=/dev/null'];
  const job = `${execFileSync('sbatch', options, { input: '#!/bin/sh\nexec sleep 600\n' })}`.trim();
  while (jobs(`--jobs=${job}`, '--states=RUNNING') < PILOTS) await sleep(10);
  const ms = performance.now() - start;
  execFileSync('scancel', [job]);
  await empty();
  return ms;
}

async function nodesRun(marks: string): Promise<number> {
  mkdirSync(marks);
  const start = performance.now();
  const options = [`--array=1-${PILOTS}`, '--output=/dev/null'];
  const code = `require('fs').writeFileSync('${marks}/' + process.env.SLURM_ARRAY_TASK_ID, '')`;
  execFileSync('sbatch', options, { input: `#!/bin/sh\nexec '${process.execPath}' -e "${code}"\n` });
  while (readdirSync(marks).length < PILOTS) await sleep(10);
  const ms = performance.now() - start;
  await empty();
  return ms;
}

async function pilotsConnect(folder: string): Promise<number> {
  const start = performance.now();
  const provider = slurm({ nodes: PILOTS, folder });
  const backend = createGrpc({ provider, advertise: '127.0.0.1:0', minWorkers: PILOTS });
  await backend.effectiveNJobs(-1);
  const ms = performance.now() - start;
  await backend.close();
  await empty();
  return ms;
}

async function empty(): Promise<void> {
  while (jobs() > 0) await sleep(50);
}

function jobs(...filter: string[]): number {
  const said = `${execFileSync('squeue', ['--me', '--noheader', '--array', '--format=%i', ...filter])}`;
  return said.split('\n').filter((line) => line !== '').length;
}
