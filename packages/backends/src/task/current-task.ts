import type { AsyncLocalStorage } from 'node:async_hooks';
import { NoTaskError } from '../errors.ts';
import type { Running } from './running.ts';

/** The task that runs where it is asked. */
export interface CurrentTask {
  /** Index of the task in the input. */
  readonly index: number;
  /** 1 the first time, one more with every retry. */
  readonly attempt: number;
  /** A whole number below 2^32 that depends on `randomState` and the index alone. */
  readonly seed: number;
  /** Aborted when the task is cancelled or timed out: it has `graceMs` from then. */
  readonly signal: AbortSignal;
  /** Where it runs. Slots are 0, 1, 2 … among the workers that live at one time: pin a GPU by it. */
  readonly worker: {
    readonly id: string;
    readonly slot: number;
    /** Which of each resource that the backend's `requires` names is with this worker alone: `{ gpu: [1] }`. */
    readonly resources?: Readonly<Record<string, readonly number[]>>;
  };
}

/** What a worker knows of itself. */
export interface WorkerPlace {
  readonly id: string;
  readonly slot: number;
  /** How many workers deep: 1 in those that the program started. */
  readonly level: number;
  /** CPUs that calls inside its tasks may use. */
  readonly slots: number;
  /** Of its daemon, those that are with this worker alone. */
  readonly resources?: Readonly<Record<string, readonly number[]>>;
}

interface Holder {
  /** In workers, which run one task at a time. */
  running?: Running | undefined;
  /** In place, where the caller's own code goes on meanwhile. */
  storage?: AsyncLocalStorage<Running>;
  worker?: WorkerPlace;
}

const KEY = Symbol.for('jobloom.currentTask');
const globals = globalThis as { [KEY]?: Holder };
globals[KEY] ??= {};

/** One a thread, whichever copy of the package asks. */
export const holder: Holder = globals[KEY];

/** What runs here now, if anything. */
export function runningHere(): Running | undefined {
  const running = holder.storage?.getStore() ?? holder.running;
  return running?.active ? running : undefined;
}

/**
 * The task that runs now: its index, attempt, seed, signal and worker.
 *
 * @example
 * const load = (url: string) => fetch(url, { signal: currentTask().signal });
 * @throws NoTaskError outside of tasks
 */
export function currentTask(): CurrentTask {
  const running = runningHere();
  if (running === undefined) throw new NoTaskError();
  return running.task;
}
