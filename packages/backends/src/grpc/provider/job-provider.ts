import { setTimeout as sleep } from 'node:timers/promises';
import { OptionError } from '../../errors.ts';
import type { Invitation, LaunchedWorker, Orders, WorkerProvider } from './provider.ts';
import type { Size } from './size.ts';

/** What became of a job that has not ended. */
export interface JobState {
  readonly state: 'starting' | 'running';
  /** For people: `on n1`. */
  readonly detail?: string;
}

/** A system that runs jobs when it has room: it is asked what became of them. */
export interface JobEngine {
  /** Submits a job for each worker, together, and gives their ids in that order. @throws when it takes none of them */
  submit(orders: readonly Orders[]): Promise<readonly string[]>;
  /** Jobs that it does not tell of have ended. @throws when it cannot be asked now */
  states(jobs: readonly string[]): Promise<ReadonlyMap<string, JobState>>;
  /** Why a job ended, in words. */
  why(job: string): Promise<string>;
  /** Sees to it that jobs end, and that nothing is left of those that have. */
  cancel(jobs: readonly string[]): Promise<void>;
  /** What is kept here of a job that has ended goes. */
  forget(job: string): void;
}

export interface JobProviderOptions extends Size {
  readonly name: string;
  readonly engine: JobEngine;
  /** Milliseconds between two looks at the jobs. */
  readonly pollMs: number;
  readonly waitMs?: number;
}

/** A job that was told to end and is still there after so long is on a host that does not answer. */
const END_MS = 10_000;
const END_LOOK_MS = 100;

interface Launched {
  readonly orders: Orders;
  submitted: Promise<void>;
  job: string | undefined;
  state: LaunchedWorker;
  cancelled: boolean;
}

/** Workers that are jobs. What is launched or cancelled within a turn goes to the engine as one. */
export class JobProvider implements WorkerProvider {
  readonly name: string;
  readonly workers: number;
  readonly most: number;
  readonly jobs: number;
  readonly remote = true;
  readonly waitMs: number;
  readonly #options: JobProviderOptions;
  readonly #launched = new Map<string, Launched>();
  readonly #listeners = new Set<(worker: string, why: string) => void>();
  #arriving: { readonly launched: Launched[]; readonly submitted: Promise<void> } | undefined;
  #leaving: { readonly jobs: string[]; readonly told: Promise<void> } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(options: JobProviderOptions) {
    this.#options = options;
    this.name = options.name;
    this.workers = options.workers;
    this.most = options.most;
    this.jobs = options.jobs;
    this.waitMs = options.waitMs ?? 10_000;
  }

  launch(invitation: Invitation): Promise<void> {
    const { worker } = invitation;
    if (this.#launched.has(worker)) return Promise.reject(new OptionError(`A worker ${worker} was launched already.`));
    const { jobs, kind } = this.#options;
    const state: LaunchedWorker = { worker, state: 'starting' };
    if (this.#arriving === undefined) {
      const together: Launched[] = [];
      this.#arriving = { launched: together, submitted: nextTurn().then(() => this.#submit(together)) };
    }
    const { launched, submitted } = this.#arriving;
    const orders = { ...invitation, jobs, kind };
    const mine: Launched = { orders, submitted, job: undefined, state, cancelled: false };
    this.#launched.set(worker, mine);
    launched.push(mine);
    return submitted;
  }

  async cancel(worker: string): Promise<void> {
    const launched = this.#launched.get(worker);
    if (launched === undefined) return;
    launched.cancelled = true;
    this.#launched.delete(worker);
    const { job, submitted } = launched;
    if (job === undefined) return submitted.catch(() => undefined); // what submits it ends it
    await this.#end(job);
  }

  async status(): Promise<readonly LaunchedWorker[]> {
    await this.#look();
    return [...this.#launched.values()].map(({ state }) => state);
  }

  onLost(listener: (worker: string, why: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#launched.keys()].map((worker) => this.cancel(worker)));
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #submit(together: readonly Launched[]): Promise<void> {
    this.#arriving = undefined;
    const wanted = together.filter(({ cancelled }) => !cancelled);
    if (wanted.length === 0) return;
    let jobs: readonly string[];
    try {
      jobs = await this.#options.engine.submit(wanted.map(({ orders }) => orders));
    } catch (error) {
      for (const { orders } of wanted) this.#launched.delete(orders.worker);
      throw error;
    }
    const unwanted: Promise<void>[] = [];
    for (const [at, launched] of wanted.entries()) {
      launched.job = jobs[at] as string;
      launched.state = { ...launched.state, detail: `job ${launched.job}` };
      if (launched.cancelled) unwanted.push(this.#end(launched.job));
    }
    this.#lookLater();
    await Promise.all(unwanted);
  }

  /** Jobs that end together are told together. */
  async #end(job: string): Promise<void> {
    const { engine } = this.#options;
    if (this.#leaving === undefined) {
      const jobs = [job];
      const told = nextTurn().then(() => {
        this.#leaving = undefined;
        return engine.cancel(jobs);
      });
      this.#leaving = { jobs, told };
    } else this.#leaving.jobs.push(job);
    await this.#leaving.told;
    for (const until = performance.now() + END_MS; performance.now() < until; await sleep(END_LOOK_MS)) {
      if (!(await engine.states([job])).has(job)) break;
    }
    engine.forget(job);
  }

  #lookLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#look()
        .catch(() => undefined) // it cannot be asked now: the streams of its workers tell meanwhile
        .finally(() => {
          if (this.#live().length > 0) this.#lookLater();
        });
    }, this.#options.pollMs).unref();
  }

  #live(): Launched[] {
    return [...this.#launched.values()].filter(({ job, state }) => job !== undefined && state.state !== 'ended');
  }

  #look(): Promise<void> {
    this.#looking ??= this.#lookNow().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookNow(): Promise<void> {
    const { engine } = this.#options;
    const live = this.#live();
    if (live.length === 0) return;
    const states = await engine.states(live.map(({ job }) => job as string));
    for (const launched of live) {
      const { worker } = launched.orders;
      const job = launched.job as string;
      const now = states.get(job);
      const detail = `job ${job}${now?.detail ? ` ${now.detail}` : ''}`;
      launched.state = { worker, state: now?.state ?? 'ended', detail };
      if (now !== undefined || launched.cancelled) continue;
      const why = `job ${job} ${await engine.why(job)}`;
      if (launched.cancelled) continue;
      for (const listener of this.#listeners) listener(worker, why);
    }
  }
}

/** After what this turn of the event loop still does. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
