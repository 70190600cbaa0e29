import { channel } from 'node:diagnostics_channel';
import type { WorkerExit } from '../errors.ts';

/** A worker is being started; published on `jobloom:worker:start`. */
export interface WorkerStartMessage {
  readonly backend: string;
  readonly worker: string;
  readonly slot: number;
}

/** A worker has ended, in whatever way; published on `jobloom:worker:exit`. */
export interface WorkerExitMessage extends WorkerStartMessage {
  /** Its exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  /** The uncaught error that ended it, where it is known. */
  readonly error?: unknown;
}

const started = channel('jobloom:worker:start');
const exited = channel('jobloom:worker:exit');

/** Tells whoever listens that a worker is being started. */
export function publishStart(message: WorkerStartMessage): void {
  if (started.hasSubscribers) started.publish(message);
}

/** Tells whoever listens that a worker has ended. */
export function publishExit({ backend, worker, slot }: WorkerStartMessage, exit: WorkerExit): void {
  if (exited.hasSubscribers) exited.publish({ backend, worker, slot, ...exit });
}
