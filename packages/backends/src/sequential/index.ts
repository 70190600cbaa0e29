import { setImmediate as turn } from 'node:timers/promises';
import type { Backend, Outcomes, SubmitOptions } from '../backend.ts';
import type { Batch } from '../batch.ts';
import { effectiveNJobs } from '../cpu.ts';
import { CancelledError, ClosedError } from '../errors.ts';

export interface SequentialOptions {
  /** Functions and arguments go through the codec, as for every other backend: what a task changes stays with it. */
  readonly isolate?: boolean;
}

/** After so long without one, the event loop gets a turn between batches: timers, signals and progress go on. */
const TURN_MS = 8;
let lastTurn = 0;

async function turnWhenDue(): Promise<void> {
  if (performance.now() - lastTurn < TURN_MS) return;
  await turn();
  lastTurn = performance.now();
}

/** One task after the other, in the caller's own thread: the reference for all other backends. */
export function createSequential({ isolate = false }: SequentialOptions = {}): Backend {
  let closed = false;
  /** The batch that each call is on: a call inside a task is another call, and does not wait for it. */
  const lasts = new Map<string, Promise<unknown>>();
  const run = async (batch: Batch, { signal, onOutcome, onConsole }: SubmitOptions): Promise<Outcomes> => {
    await turnWhenDue();
    if (signal.aborted)
      return batch.failAll('cancelled', new CancelledError('the call was cancelled before the task started'));
    if (!isolate) return batch.run({ signal, ...(onOutcome && { onOutcome }), ...(onConsole && { onConsole }) });
    const { runEncoded } = await import('../encoded.ts');
    return (
      batch.refusal() ?? batch.decode(await runEncoded(await batch.encode(), { signal }), onConsole && { onConsole })
    );
  };
  return {
    name: 'sequential',
    capabilities: { killsWorker: false, sharedMemory: !isolate, isolated: isolate, remote: false },
    effectiveNJobs: (nJobs) => Math.min(1, effectiveNJobs(nJobs)),
    submit(batch, options) {
      if (closed) return Promise.reject(new ClosedError('the sequential backend'));
      const { callId } = options;
      const result = (lasts.get(callId) ?? Promise.resolve()).then(() => run(batch, options));
      const forget = (): void => {
        if (lasts.get(callId) === settled) lasts.delete(callId);
      };
      const settled: Promise<void> = result.then(forget, forget);
      lasts.set(callId, settled);
      return result;
    },
    async close() {
      closed = true;
    },
    async [Symbol.asyncDispose]() {
      closed = true;
    },
  };
}
