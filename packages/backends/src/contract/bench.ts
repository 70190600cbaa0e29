import type { Backend, Outcome, Outcomes, SubmitOptions } from '../backend.ts';
import { Batch } from '../batch.ts';
import { CallScope } from '../call-scope.ts';
import type { Call } from '../work.ts';

/** What tests of the contract work with. */
export interface Bench {
  readonly backend: Backend;
  /** Submits calls as one batch of a call of its own. */
  submit(
    calls: readonly Call[],
    options?: Partial<SubmitOptions> & { readonly firstIndex?: number; readonly checkWrites?: boolean },
  ): Promise<readonly Outcome[]>;
}

/** A call, for tests. */
export function call<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): Call {
  return { fn, args };
}

/** Bytes from which on a buffer is sent once. */
export const LARGE: number = 64 * 1024;

let lastCall = 0;

/** A bench on this backend. */
export function benchOf(backend: Backend): Bench {
  return {
    backend,
    async submit(calls, { firstIndex, checkWrites = true, ...options } = {}) {
      const scope = new CallScope({
        sharedMemory: backend.capabilities.sharedMemory,
        ...(backend.capabilities.isolated && { maxNbytes: LARGE }),
        ...(checkWrites && { settings: { checkWrites: LARGE } }),
      });
      const batch = new Batch(scope, calls, { ...(firstIndex !== undefined && { firstIndex }) });
      const callId = `contract-${++lastCall}`;
      try {
        return listed(
          await backend.submit(batch, { signal: new AbortController().signal, callId, nJobs: 2, ...options }),
        );
      } finally {
        scope.end();
      }
    },
  };
}

/** One outcome a task, whichever form they came in. */
export function listed(outcomes: Outcomes): readonly Outcome[] {
  if (outcomes.all === 'mixed') return outcomes.each;
  const { timing, worker } = outcomes;
  return Array.from(outcomes.values, (value) => ({ status: 'done', value, timing, worker }));
}

export function valuesOf(outcomes: readonly Outcome[]): unknown[] {
  return outcomes.map((outcome) => {
    if (outcome.status !== 'done') throw outcome.error;
    return outcome.value;
  });
}
