import type { Backend, CallScope, ConsoleLine } from '@jobloom/backends';
import type { OnFailure } from './failure.ts';
import type { RetryPolicy } from './retry.ts';
import type { Stats } from './stats.ts';

/** What a call is to be dispatched with. */
export interface DispatchOptions {
  readonly backend: Backend;
  readonly nJobs: number;
  /** Tasks that may be under way at once in one worker. */
  readonly perWorker: number;
  readonly batchSize: number | 'auto';
  readonly retry: RetryPolicy;
  readonly onFailure: OnFailure;
  readonly graceMs: number;
  readonly onConsole: ((index: number, line: ConsoleLine) => void) | undefined;
  readonly stats: Stats;
  /** Made where the tasks were given. */
  readonly caller: { readonly stack?: string } | undefined;
  /** Largest batch that the read-ahead allows. */
  readonly maxBatch: number;
  readonly scope: CallScope;
  readonly callId: string;
  /** Aborted when the call stops early. */
  readonly abort: AbortController;
  /** Hears when nothing of the call is left, in any case. */
  readonly onDrained: () => void;
}
