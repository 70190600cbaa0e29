import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describeExit, OptionError } from '../../errors.ts';
import type { Invitation, LaunchedWorker, WorkerProvider } from './provider.ts';

export interface LocalOptions {
  /** How many workers; 1 where it is left out. */
  readonly workers?: number;
  /** Tasks that each runs at once; 1 where it is left out. */
  readonly jobs?: number;
  /** What runs tasks within a worker; processes where it is left out. */
  readonly kind?: 'threads' | 'processes';
}

/** What a worker reads from its standard input, as one line of JSON. */
export interface LocalInvitation extends Invitation {
  readonly jobs: number;
  readonly kind: 'threads' | 'processes';
}

/**
 * Workers that are processes of this machine. They learn the token from their standard input, and end with it: when
 * the caller ends, in whatever way, so do they.
 *
 * @example
 * await parallelBackend('grpc', { provider: local({ workers: 2 }) }, () => Parallel().run(tasks));
 * @throws OptionError
 */
export function local({ workers = 1, jobs = 1, kind = 'processes' }: LocalOptions = {}): WorkerProvider {
  for (const [name, value] of Object.entries({ workers, jobs }))
    if (!Number.isInteger(value) || value < 1)
      throw new OptionError(`The ${name} option of local must be a whole number, 1 or more. Got ${String(value)}.`);
  return new LocalProvider(workers, { jobs, kind });
}

class LocalProvider implements WorkerProvider {
  readonly name = 'local';
  readonly workers: number;
  readonly #settings: Pick<LocalInvitation, 'jobs' | 'kind'>;
  readonly #children = new Map<string, ChildProcess>();
  readonly #listeners = new Set<(worker: string, why: string) => void>();

  constructor(workers: number, settings: Pick<LocalInvitation, 'jobs' | 'kind'>) {
    this.workers = workers;
    this.#settings = settings;
  }

  async launch(invitation: Invitation): Promise<void> {
    const { worker } = invitation;
    if (this.#children.has(worker)) throw new OptionError(`A worker ${worker} was launched already.`);
    const script = fileURLToPath(import.meta.resolve('@jobloom/backends/grpc/dial'));
    const child = spawn(process.execPath, [script], { stdio: ['pipe', 'inherit', 'inherit'] });
    this.#children.set(worker, child);
    child.stdin.on('error', () => undefined); // it ended: 'exit' tells
    child.once('exit', (code, signal) => {
      if (this.#children.get(worker) === child) this.#tell(worker, describeExit({ code, signal }));
    });
    try {
      await once(child, 'spawn');
    } catch (error) {
      this.#children.delete(worker);
      throw error;
    }
    const said: LocalInvitation = { ...invitation, ...this.#settings };
    child.stdin.write(`${JSON.stringify(said)}\n`);
    child.unref();
    (child.stdin as unknown as { unref(): void }).unref();
  }

  async cancel(worker: string): Promise<void> {
    const child = this.#children.get(worker);
    this.#children.delete(worker);
    if (child === undefined || hasEnded(child)) return;
    const ended = once(child, 'exit');
    child.ref();
    child.kill('SIGKILL');
    await ended;
  }

  async status(): Promise<readonly LaunchedWorker[]> {
    return [...this.#children].map(([worker, child]) => ({
      worker,
      state: hasEnded(child) ? 'ended' : 'running',
      detail: `process ${child.pid}`,
    }));
  }

  onLost(listener: (worker: string, why: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#children.keys()].map((worker) => this.cancel(worker)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #tell(worker: string, why: string): void {
    for (const listener of this.#listeners) listener(worker, `process ${this.#children.get(worker)?.pid} ${why}`);
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
