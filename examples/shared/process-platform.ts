import { type ChildProcess, spawn } from 'node:child_process';
import type { ContainerExecutor, ContainerExit, ContainerJob } from '@jobloom/parallel/container';

interface Job {
  readonly process: ChildProcess;
  readonly ended: Promise<ContainerExit>;
  readonly lines: string[];
}

/** A platform that runs each job as a process of this host: what yours has in its place is a call to its API. */
export class ProcessPlatform implements ContainerExecutor {
  readonly name = 'processes of this host';
  readonly #jobs = new Map<string, Job>();

  async submit({ token, command, env }: ContainerJob): Promise<string> {
    if (this.#jobs.has(token)) return token; // the same token is the same job
    const [program = '', ...args] = command;
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => lines.push(...`${text}`.split('\n').filter((line) => line !== '')));
    const ended = new Promise<ContainerExit>((resolve) => {
      child.once('error', (error) => resolve({ code: null, signal: null, error }));
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
    this.#jobs.set(token, { process: child, ended, lines });
    return token;
  }

  async wait(id: string): Promise<ContainerExit> {
    const job = this.#jobs.get(id);
    return job === undefined ? { code: null, signal: 'SIGKILL' } : job.ended;
  }

  async logs(id: string, lines: number): Promise<readonly string[]> {
    return this.#jobs.get(id)?.lines.slice(-lines) ?? [];
  }

  async cancel(id: string): Promise<void> {
    this.#jobs.get(id)?.process.kill('SIGTERM');
    await this.#jobs.get(id)?.ended;
    this.#jobs.delete(id);
  }

  async cancelAll(): Promise<void> {
    await Promise.all([...this.#jobs.keys()].map((id) => this.cancel(id)));
  }
}
