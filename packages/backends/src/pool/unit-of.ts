import type { SubmitOptions } from '../backend.ts';
import type { Batch } from '../batch.ts';
import { batchesAhead } from '../batches-ahead.ts';
import type { PoolOptions } from './crew.ts';
import type { Unit } from './state.ts';

/** Batches expected to take no longer are worth holding a second one at the worker; far from the end of the input, longer ones are too. */
const QUICK_MS = 5;
const QUICK_EARLY_MS = 100;

/** The whole of a batch, with what is expected of it. */
export function unitOf(
  id: number,
  batch: Batch,
  { callId, nJobs }: SubmitOptions,
  { aheadMs, batchAWorker }: Pick<PoolOptions, 'aheadMs' | 'batchAWorker'>,
): Unit {
  const { tasksPerWorker: lanes, expectedMs } = batch;
  const backlogMs = backlogOf(batch);
  return {
    id,
    client: callId,
    from: 0,
    to: batch.length,
    quick: !batchAWorker && isQuick(batch, nJobs),
    ahead: batchesAhead(expectedMs, aheadMs),
    ...(lanes > 1 && { lanes }),
    ...(backlogMs !== undefined && { backlogMs }),
  };
}

/** Milliseconds that the call still needs on one worker, from this batch on. */
function backlogOf({ expectedMs, length, remaining }: Batch): number | undefined {
  return expectedMs === undefined || remaining === undefined ? undefined : (expectedMs * (length + remaining)) / length;
}

/** Near the end a batch that waits behind a slow one would make the whole call late. */
function isQuick({ expectedMs, remaining = 0 }: Batch, nJobs: number): boolean {
  if (expectedMs === undefined) return false;
  return expectedMs <= (remaining >= 2 * nJobs ? QUICK_EARLY_MS : QUICK_MS);
}
