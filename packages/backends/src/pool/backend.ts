import type { Backend, Capabilities, Outcomes, SubmitOptions } from '../backend.ts';
import type { Batch } from '../batch.ts';
import type { AnyFunction } from '../call-scope.ts';
import { effectiveNJobs } from '../cpu.ts';
import { OptionError } from '../errors.ts';
import { holder } from '../task/current-task.ts';
import { LONGEST_MS } from '../task/settings.ts';
import type { PoolOptions } from './crew.ts';
import type { WorkerLink } from './link.ts';
import { Pool } from './pool.ts';

/** How workers are prepared, and when they are replaced. */
export interface WorkerOptions {
  /** Each worker calls it before its first task. When it throws, the worker is of no use. */
  readonly initWorker?: () => unknown;
  /** Each worker that is let go calls it before it ends; one that crashes or is ended by force does not. */
  readonly teardownWorker?: () => unknown;
  /** Tasks after which a worker is replaced. */
  readonly recycleAfter?: number;
  /** Bytes of memory beyond which a worker is replaced, once its batch is over: resident ones of a process, heap and buffers of a thread. */
  readonly maxMemory?: number;
  /** Threads that native libraries in a worker may use: sets OMP_NUM_THREADS and its like, and UV_THREADPOOL_SIZE. */
  readonly innerMaxThreads?: number;
}

export interface PoolBackendOptions extends WorkerOptions {
  /** Milliseconds after which a worker without work ends; 30,000 where it is left out. */
  readonly idleMs?: number;
  /** Megabytes of JavaScript heap a worker may use; beyond that it is lost. Left out: Node's own limit. */
  readonly heapMb?: number;
}

const atLeastOne = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 1;
const isFunction = (value: unknown): boolean => typeof value === 'function';

/** What each option must be, as the end of "must be …". */
const CHECKS: { readonly [K in keyof Required<PoolBackendOptions>]: readonly [(value: unknown) => boolean, string] } = {
  idleMs: [(value) => (value as number) >= 0, 'a number of milliseconds, 0 or more'],
  heapMb: [(value) => (value as number) > 0, 'a number of megabytes above 0'],
  initWorker: [isFunction, 'a function'],
  teardownWorker: [isFunction, 'a function'],
  recycleAfter: [atLeastOne, 'a whole number of tasks, 1 or more'],
  maxMemory: [(value) => (value as number) > 0, 'a number of bytes above 0'],
  innerMaxThreads: [atLeastOne, 'a whole number of threads, 1 or more'],
};

/** A backend whose workers are reached by links of one kind. */
export class PoolBackend implements Backend {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly #pool: Pool;

  constructor(
    name: string,
    link: (id: number) => WorkerLink,
    capabilities: Capabilities,
    options: PoolBackendOptions,
    more: Pick<PoolOptions, 'deaf' | 'batchAWorker' | 'packages'> = {},
  ) {
    for (const [option, [holds, expected]] of Object.entries(CHECKS)) {
      const value: unknown = options[option as keyof PoolBackendOptions];
      if (value !== undefined && !holds(value))
        throw new OptionError(`The ${option} option of ${name} must be ${expected}. Got ${String(value)}.`);
    }
    const { idleMs = 30_000, initWorker, teardownWorker, recycleAfter, maxMemory } = options;
    this.name = name;
    this.capabilities = capabilities;
    this.#pool = new Pool({
      name,
      link,
      idleMs: Math.min(idleMs, LONGEST_MS),
      initWorker,
      teardownWorker,
      recycleAfter,
      maxMemory,
      remote: capabilities.remote,
      aheadMs: capabilities.aheadMs,
      ...more,
    });
  }

  effectiveNJobs(nJobs: number): number | Promise<number> {
    const slots = holder.worker?.slots ?? Number.POSITIVE_INFINITY;
    return Math.min(slots, effectiveNJobs(nJobs)); // a call inside a task stays within what its worker may use
  }

  broadcast(fn: AnyFunction): Promise<unknown[]> {
    return this.#pool.broadcast(fn);
  }

  submit(batch: Batch, options: SubmitOptions): Promise<Outcomes> {
    return this.#pool.submit(batch, options);
  }

  /** Workers that are alive or starting now. */
  get workers(): number {
    return this.#pool.size;
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
