import { OptionError } from '../../errors.ts';
import type { Invitation, LaunchedWorker, Orders, WorkerProvider } from './provider.ts';
import type { Size } from './size.ts';

/** A worker that this process hears and ends directly. */
export interface AttachedWorker {
  /** For people. */
  readonly detail: string;
  /** Resolves once it has ended, with how. */
  readonly ended: Promise<string>;
  /** It has ended when this resolves. */
  kill(): Promise<void>;
}

export interface AttachedOptions extends Size {
  readonly name: string;
  readonly remote?: boolean;
  readonly waitMs?: number;
  /** Starts a worker and tells it its orders. @throws when it cannot be started */
  readonly open: (orders: Orders) => Promise<AttachedWorker>;
  /** After the end of all workers. */
  readonly close?: () => Promise<void>;
}

/** Workers that are held by a stream or handle of this process: nobody need be asked what became of them. */
export class AttachedProvider implements WorkerProvider {
  readonly name: string;
  readonly workers: number;
  readonly most: number;
  readonly jobs: number;
  readonly remote: boolean;
  readonly waitMs: number;
  readonly #options: AttachedOptions;
  readonly #workers = new Map<string, { readonly opened: Promise<AttachedWorker>; state: LaunchedWorker }>();
  readonly #listeners = new Set<(worker: string, why: string) => void>();

  constructor(options: AttachedOptions) {
    const { name, workers, most, jobs, remote = false, waitMs = 10_000 } = options;
    this.name = name;
    this.workers = workers;
    this.most = most;
    this.jobs = jobs;
    this.remote = remote;
    this.waitMs = waitMs;
    this.#options = options;
  }

  async launch(invitation: Invitation): Promise<void> {
    const { worker } = invitation;
    if (this.#workers.has(worker)) throw new OptionError(`A worker ${worker} was launched already.`);
    const { jobs, kind, open } = this.#options;
    const opened = open({ ...invitation, jobs, kind });
    const launched = { opened, state: { worker, state: 'starting' } as LaunchedWorker };
    this.#workers.set(worker, launched);
    try {
      const { detail, ended } = await opened;
      launched.state = { worker, state: 'running', detail };
      void ended.then((how) => {
        launched.state = { worker, state: 'ended', detail };
        if (this.#workers.get(worker) !== launched) return;
        for (const listener of this.#listeners) listener(worker, `${detail} ${how}`);
      });
    } catch (error) {
      if (this.#workers.get(worker) === launched) this.#workers.delete(worker);
      throw error;
    }
  }

  async cancel(worker: string): Promise<void> {
    const launched = this.#workers.get(worker);
    this.#workers.delete(worker);
    await (await launched?.opened.catch(() => undefined))?.kill();
  }

  async status(): Promise<readonly LaunchedWorker[]> {
    return [...this.#workers.values()].map(({ state }) => state);
  }

  onLost(listener: (worker: string, why: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#workers.keys()].map((worker) => this.cancel(worker)));
    await this.#options.close?.();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
