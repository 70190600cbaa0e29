import type { Batch, Outcomes } from '@jobloom/backends';
import { batchEnd, batchStart, taskRetry } from './channels.ts';

/** How a batch came back: with outcomes, or because the backend broke. */
type Return = Outcomes | { readonly error: unknown };

/** Tells the channels that a batch leaves; what it gives tells that it is back. Undefined where nobody listens. */
export function watchBatch(
  callId: string,
  backend: string,
  { firstIndex, length, attempt }: Batch,
): ((back: Return) => void) | undefined {
  if (!batchStart.hasSubscribers && !batchEnd.hasSubscribers) return undefined;
  const message = { callId, backend, firstIndex, length, attempt };
  const start = performance.now();
  batchStart.publish(message);
  return (back) => {
    const elapsedMs = performance.now() - start;
    if ('error' in back) batchEnd.publish({ ...message, failed: length, elapsedMs, error: back.error });
    else batchEnd.publish({ ...message, failed: failedOf(back), elapsedMs });
  };
}

/** Tells the channels that a task is run again. */
export function tellRetry(
  callId: string,
  backend: string,
  index: number,
  attempt: number,
  { afterMs, error }: { readonly afterMs: number; readonly error: unknown },
): void {
  if (taskRetry.hasSubscribers) taskRetry.publish({ callId, backend, index, attempt, afterMs, error });
}

function failedOf(outcomes: Outcomes): number {
  return outcomes.all === 'done' ? 0 : outcomes.each.filter(({ status }) => status !== 'done').length;
}
