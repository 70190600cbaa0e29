import { setMaxListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { Backend, Outcomes, SubmitOptions } from '../backend.ts';
import type { Batch } from '../batch.ts';
import { effectiveNJobs } from '../cpu.ts';
import { CancelledError, ClosedError } from '../errors.ts';
import { runInPlace } from '../in-place.ts';
import { Lanes } from '../worker/lanes.ts';

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

/** One task after the other, in the caller's own thread, unless the call lets them overlap: the reference for all other backends. */
export function createSequential({ isolate = false }: SequentialOptions = {}): Backend {
  let closed = false;
  /** The batch that each call is on: a call inside a task is another call, and does not wait for it. */
  const lasts = new Map<string, Promise<unknown>>();
  /** Where each call's tasks overlap, if they do. */
  const lanesOf = new Map<string, Lanes>();
  const run = async (
    batch: Batch,
    { signal, onOutcome, onConsole }: SubmitOptions,
    lanes?: Lanes,
  ): Promise<Outcomes> => {
    await turnWhenDue();
    if (signal.aborted)
      return batch.failAll('cancelled', new CancelledError('the call was cancelled before the task started'));
    if (!isolate)
      return runInPlace(batch, { signal, ...(onOutcome && { onOutcome }), ...(onConsole && { onConsole }) }, lanes);
    const { answerTo } = await import('../encoded.ts');
    return (
      batch.refusal() ?? batch.decode(await answerTo(await batch.encode(), signal, lanes), onConsole && { onConsole })
    );
  };
  const overlap = async (batch: Batch, options: SubmitOptions): Promise<Outcomes> => {
    const { callId, signal } = options;
    setMaxListeners(0, signal); // each batch that is under way listens
    const lanes = lanesOf.get(callId) ?? new Lanes();
    lanesOf.set(callId, lanes);
    try {
      return await run(batch, options, lanes);
    } finally {
      if (lanes.idle && lanesOf.get(callId) === lanes) lanesOf.delete(callId);
    }
  };
  return {
    name: 'sequential',
    capabilities: { killsWorker: false, sharedMemory: !isolate, isolated: isolate, remote: false },
    effectiveNJobs: (nJobs) => Math.min(1, effectiveNJobs(nJobs)),
    submit(batch, options) {
      if (closed) return Promise.reject(new ClosedError('the sequential backend'));
      if (batch.tasksPerWorker > 1) return overlap(batch, options);
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
