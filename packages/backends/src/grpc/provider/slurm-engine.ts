import type { JobEngine, JobState } from './job-provider.ts';
import { OrderFiles, reapOrders } from './order-files.ts';
import type { Orders } from './provider.ts';
import { runCommand } from './run-command.ts';

export interface SlurmEngineOptions {
  /** Nodes see it too. */
  readonly folder: string;
  /** Starts a pilot; the file with its orders is added. */
  readonly command: readonly string[];
  /** Options of sbatch. */
  readonly wishes: readonly string[];
}

/** A pilot is one task on one node, is never started twice, and has its number in the array for a name. */
const ALWAYS = ['--parsable', '--job-name=jobloom', '--nodes=1', '--ntasks=1', '--no-requeue'];
/** States in which Slurm has not started a job yet. */
const WAITING = /^(PENDING|CONFIGURING|REQUEUED|REQUEUE_\w+|RESV_DEL_HOLD|SPECIAL_EXIT)$/;
/** States in which it has, and has not seen its end. */
const THERE = /^(RUNNING|COMPLETING|SUSPENDED|STOPPED|SIGNALING|STAGE_OUT|RESIZING)$/;

/** Slurm by its commands. Their argument lists and the batch script hold names of files alone; no accounting is asked. */
export class SlurmEngine implements JobEngine {
  readonly #options: SlurmEngineOptions;
  readonly #files = new Map<string, { readonly files: OrderFiles; readonly log: string }>();
  #reaped = false;

  constructor(options: SlurmEngineOptions) {
    this.#options = options;
  }

  async submit(orders: readonly Orders[]): Promise<readonly string[]> {
    const { folder, command, wishes } = this.#options;
    if (!this.#reaped) {
      this.#reaped = true;
      const left = reapOrders(folder);
      if (left.length > 0) await this.cancel(left);
    }
    const files = new OrderFiles(folder, orders);
    try {
      const array = `--array=0-${orders.length - 1}`;
      const log = `--output=${files.folder.replaceAll('%', '%%')}/%a.log`;
      const script = batchScript(command, files.folder);
      const said = await runCommand(['sbatch', ...ALWAYS, array, log, ...wishes], script);
      const job = said.trim().split(';')[0] as string; // the name of the cluster may follow
      files.note(job);
      return orders.map((_, at) => {
        this.#files.set(`${job}_${at}`, { files, log: `${at}.log` });
        return `${job}_${at}`;
      });
    } catch (error) {
      files.remove();
      throw error;
    }
  }

  async states(jobs: readonly string[]): Promise<ReadonlyMap<string, JobState>> {
    const arrays = [...new Set(jobs.map((job) => job.split('_')[0]))].join(',');
    const said = await runCommand([
      'squeue',
      '--noheader',
      '--array',
      '--format=%i|%T|%N|%r',
      `--jobs=${arrays}`,
    ]).catch((error: Error) => {
      if (/Invalid job id/.test(error.message)) return ''; // it has forgotten all of them
      throw error;
    });
    return queueStates(said);
  }

  async why(job: string): Promise<string> {
    const told = await runCommand(['scontrol', '--oneliner', 'show', 'job', job]).catch(() => '');
    const field = (name: string): string | undefined => new RegExp(` ${name}=(\\S+)`).exec(told)?.[1];
    const { files, log } = this.#files.get(job) ?? {};
    const wrote = files?.lastLines(log ?? '');
    const how = told === '' ? 'is gone from the queue' : `on ${field('NodeList')} ended as ${field('JobState')}`;
    const code = told === '' ? '' : `, exit code ${field('ExitCode')}`;
    return `${how}${code}${wrote ? `; it wrote last: ${wrote}` : ''}`;
  }

  async cancel(jobs: readonly string[]): Promise<void> {
    await runCommand(['scancel', '--quiet', ...jobs]);
  }

  forget(job: string): void {
    this.#files.get(job)?.files.done();
    this.#files.delete(job);
  }
}

/** What squeue tells, as `%i|%T|%N|%r`. Pure. */
export function queueStates(said: string): ReadonlyMap<string, JobState> {
  const states = new Map<string, JobState>();
  for (const line of said.split('\n')) {
    const [job = '', state = '', node = '', reason = ''] = line.split('|');
    if (WAITING.test(state)) states.set(job, { state: 'starting', detail: `in the queue (${reason})` });
    else if (THERE.test(state)) states.set(job, { state: 'running', detail: `on ${node}` });
  }
  return states;
}

/** The shell becomes the pilot, so that signals reach it. */
function batchScript(command: readonly string[], folder: string): string {
  return `#!/bin/sh\nexec ${command.map(quoted).join(' ')} ${quoted(folder)}/"$SLURM_ARRAY_TASK_ID".json\n`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
