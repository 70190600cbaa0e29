import { type Channel, channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { WorkerExitMessage, WorkerStartMessage } from '@jobloom/backends';

/** A call has its backend and is about to take its first task. */
export interface CallStartMessage {
  readonly callId: string;
  readonly backend: string;
  readonly nJobs: number;
  /** Tasks in all; undefined where the input does not say. */
  readonly total: number | undefined;
}

/** Nothing of a call is left. */
export interface CallEndMessage {
  readonly callId: string;
  readonly backend: string;
  /** Tasks with an outcome, failed ones included. */
  readonly done: number;
  readonly failed: number;
  readonly elapsedMs: number;
  /** What ended the call before its time. */
  readonly error?: unknown;
}

/** A batch leaves for the backend. */
export interface BatchStartMessage {
  readonly callId: string;
  readonly backend: string;
  /** Index of its first task in the input. */
  readonly firstIndex: number;
  readonly length: number;
  /** 1, or more where a task is run again. */
  readonly attempt: number;
}

/** A batch is back. */
export interface BatchEndMessage extends BatchStartMessage {
  /** Tasks of it that have no result. */
  readonly failed: number;
  /** Milliseconds between its leave and its return. */
  readonly elapsedMs: number;
  /** The backend itself broke. */
  readonly error?: unknown;
}

/** A task is run again. */
export interface TaskRetryMessage {
  readonly callId: string;
  readonly backend: string;
  readonly index: number;
  /** The attempt that comes: 2 or more. */
  readonly attempt: number;
  /** Milliseconds until then. */
  readonly afterMs: number;
  /** Why the attempt before it did not succeed. */
  readonly error: unknown;
}

/** What is published on `node:diagnostics_channel`, by channel. */
export interface ChannelMessages {
  'jobloom:call:start': CallStartMessage;
  'jobloom:call:end': CallEndMessage;
  'jobloom:batch:start': BatchStartMessage;
  'jobloom:batch:end': BatchEndMessage;
  'jobloom:task:retry': TaskRetryMessage;
  'jobloom:worker:start': WorkerStartMessage;
  'jobloom:worker:exit': WorkerExitMessage;
}

/** A channel of ours; ask `hasSubscribers` before a message is made. */
export interface TypedChannel<M> {
  readonly hasSubscribers: boolean;
  publish(message: M): void;
}

const typed = <N extends keyof ChannelMessages>(name: N): TypedChannel<ChannelMessages[N]> =>
  channel(name) as Channel as TypedChannel<ChannelMessages[N]>;

export const callStart: TypedChannel<CallStartMessage> = typed('jobloom:call:start');
export const callEnd: TypedChannel<CallEndMessage> = typed('jobloom:call:end');
export const batchStart: TypedChannel<BatchStartMessage> = typed('jobloom:batch:start');
export const batchEnd: TypedChannel<BatchEndMessage> = typed('jobloom:batch:end');
export const taskRetry: TypedChannel<TaskRetryMessage> = typed('jobloom:task:retry');

/**
 * Subscribes to a channel, with the type of its messages; what it gives ends the subscription. The same as
 * `subscribe` of `node:diagnostics_channel`.
 *
 * @example
 * const stop = observe('jobloom:worker:exit', ({ worker, signal }) => log(worker, signal));
 */
export function observe<N extends keyof ChannelMessages>(
  name: N,
  listener: (message: ChannelMessages[N]) => void,
): () => void {
  const heard = (message: unknown): void => listener(message as ChannelMessages[N]);
  subscribe(name, heard);
  return () => void unsubscribe(name, heard);
}
