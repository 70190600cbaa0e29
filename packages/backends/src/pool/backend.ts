import type { Backend, Capabilities, Outcomes, SubmitOptions } from '../backend.ts';
import type { Batch } from '../batch.ts';
import { effectiveNJobs } from '../cpu.ts';
import { OptionError } from '../errors.ts';
import type { WorkerLink } from './link.ts';
import { Pool } from './pool.ts';

export interface PoolBackendOptions {
  /** Milliseconds after which a worker without work ends; 30,000 where it is left out. */
  readonly idleMs?: number;
  /** Megabytes of JavaScript heap a worker may use; beyond that it is lost. Left out: Node's own limit. */
  readonly heapMb?: number;
}

/** A backend whose workers are reached by links of one kind. */
export class PoolBackend implements Backend {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly #pool: Pool;

  constructor(
    name: string,
    link: (id: number) => WorkerLink,
    capabilities: Capabilities,
    { idleMs = 30_000, heapMb }: PoolBackendOptions,
  ) {
    if (!(idleMs >= 0))
      throw new OptionError(
        `The idleMs option of ${name} must be a number of milliseconds, 0 or more. Got ${String(idleMs)}.`,
      );
    if (heapMb !== undefined && !(heapMb > 0))
      throw new OptionError(
        `The heapMb option of ${name} must be a number of megabytes above 0. Got ${String(heapMb)}.`,
      );
    this.name = name;
    this.capabilities = capabilities;
    this.#pool = new Pool({ name, link, idleMs: Math.min(idleMs, 2 ** 31 - 1) });
  }

  effectiveNJobs(nJobs: number): number {
    return effectiveNJobs(nJobs);
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
