import type { JobloomError } from '@jobloom/codec';
import type { Batch } from './batch.ts';
import type { AnyFunction } from './call-scope.ts';
import type { ConsoleLine } from './task/running.ts';

/** What an implementation can do, as data: shared code asks this, never a name. */
export interface Capabilities {
  /** A task that never ends, or crashes, costs its worker only; the caller's program goes on. */
  readonly killsWorker: boolean;
  /** Workers see the caller's SharedArrayBuffers. */
  readonly sharedMemory: boolean;
  /** Functions and arguments go through the codec: tasks cannot touch the caller's objects. */
  readonly isolated: boolean;
  /** Workers may run on another host. */
  readonly remote: boolean;
  /** Workers have environment variables of their own. */
  readonly ownEnvironment?: boolean;
  /** Fewest milliseconds of work worth one batch, for slow channels; where it is left out, batches begin small. */
  readonly batchMs?: number;
  /** Milliseconds of work that a worker may be sent ahead as batches that are shorter, for slow channels; left out: two batches. */
  readonly aheadMs?: number;
}

/** Time that a task took in its worker, in milliseconds; of a batch that ran as one piece, the share of one task. */
export interface Timing {
  readonly ms: number;
}

/** What became of one task. */
export type Outcome =
  | { readonly status: 'done'; readonly value: unknown; readonly timing: Timing; readonly worker: string }
  | { readonly status: 'failed'; readonly error: unknown; readonly timing: Timing; readonly worker: string }
  | {
      readonly status: 'lost' | 'timeout' | 'cancelled' | 'notStarted';
      readonly error: JobloomError;
      readonly timing: Timing;
      readonly worker: string;
    };

/** What became of a batch: one outcome a task, in the batch's order; the short form when all are done. */
export type Outcomes =
  | {
      readonly all: 'done';
      readonly values: ArrayLike<unknown>;
      /** Of one task, on average. */
      readonly timing: Timing;
      readonly worker: string;
    }
  | { readonly all: 'mixed'; readonly each: readonly Outcome[] };

export interface SubmitOptions {
  /** Aborted: tasks that have not started never start and come back as `cancelled`. */
  readonly signal: AbortSignal;
  /** Batches of one call share it: backends are fair between calls. */
  readonly callId: string;
  /** Most workers that may have tasks of the call at once: what `effectiveNJobs` gave, or less. */
  readonly nJobs: number;
  /** Milliseconds that tasks have to end once they were cancelled or timed out, before their worker is replaced; 5,000 where it is left out. */
  readonly graceMs?: number;
  /** Hears of outcomes as they arrive, before the batch is complete; `submit` gives all of them again. */
  onOutcome?(index: number, outcome: Outcome): void;
  /** Hears of lines that tasks print, where the batch's settings ask for them. */
  onConsole?(index: number, line: ConsoleLine): void;
}

/**
 * A way to run tasks. Everything else (order, batch sizes, retries, back-pressure)
 * is written once above it. `backendContract` checks an implementation.
 */
export interface Backend extends AsyncDisposable {
  /** As registered: `'threads'`. */
  readonly name: string;
  readonly capabilities: Capabilities;
  /** How many tasks run at once when `nJobs` are asked for: -1 all, -2 all but one. @throws OptionError for 0 and non-integers */
  effectiveNJobs(nJobs: number): number | Promise<number>;
  /**
   * Runs a batch; any number at once. Resolves with one outcome a task, whatever became of it.
   * @throws only when the backend itself is unusable
   */
  submit(batch: Batch, options: SubmitOptions): Promise<Outcomes>;
  /** Calls `fn` once in every worker that is there; gives what each gave. */
  broadcast?(fn: AnyFunction): Promise<unknown[]>;
  /** Elastic backends tell here how many jobs there is room for; returns the way to stop listening. */
  onCapacity?(listener: (nJobs: number) => void): () => void;
  /** Ends what the backend holds. Twice is fine. */
  close(): Promise<void>;
}
