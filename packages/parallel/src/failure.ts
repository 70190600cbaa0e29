import { inspect } from 'node:util';
import type { Outcome } from '@jobloom/backends';
import type { Task } from './task.ts';

/** What a task came to that did not succeed. */
export type Failed = Exclude<Outcome, { status: 'done' }>;

/** Where and how a task failed; objects among errors carry it as `task`, not enumerable. */
export interface FailedTask {
  readonly index: number;
  readonly attempt: number;
  /** Name of the worker; empty for what never left. */
  readonly worker: string;
  /** A short look at the arguments. */
  readonly args: string;
}

/** What a failure is told with. */
export interface FailureOrigin {
  readonly index: number;
  readonly attempt: number;
  readonly task: Pick<Task<unknown>, 'fn' | 'args'>;
  /** Made where the tasks were given to the runner. */
  readonly caller: { readonly stack?: string } | undefined;
}

const told = new WeakSet<object>();

/**
 * The error of an outcome that is not 'done'. Objects among errors get the task's index as `taskIndex` and all of
 * `FailedTask` as `task`, and their stack goes on to where the tasks were given to the runner.
 */
export function errorOf(outcome: Failed, origin: FailureOrigin): unknown {
  const { error, worker } = outcome;
  if (typeof error !== 'object' || error === null) return error;
  const { index, attempt, task } = origin;
  try {
    const info: FailedTask = { index, attempt, worker, args: preview(task.args) };
    Object.defineProperty(error, 'taskIndex', { value: index, configurable: true, writable: true });
    Object.defineProperty(error, 'task', { value: info, configurable: true, writable: true });
    if (error instanceof Error && !told.has(error)) lengthenStack(error, info, origin);
  } catch {
    // frozen, or a proxy that was revoked: it comes as it is
  }
  return error;
}

function lengthenStack(error: Error, { index, attempt, worker, args }: FailedTask, origin: FailureOrigin): void {
  told.add(error);
  const { stack } = error;
  if (typeof stack !== 'string') return;
  const name = origin.task.fn.name || '(anonymous)';
  const again = attempt > 1 ? `, attempt ${attempt}` : '';
  const where = worker === '' ? '' : ` on ${worker}`;
  const frames = (origin.caller?.stack ?? '')
    .split('\n')
    .slice(1)
    .filter((line) => !INSIDE.test(line));
  const lines = [`    --- task ${index}: ${name}(${args})${where}${again}, given by`, ...frames];
  Object.defineProperty(error, 'stack', { value: `${stack}\n${lines.join('\n')}`, configurable: true, writable: true });
}

/** Frames of this package and of Node itself say nothing to its user. */
const INSIDE = new RegExp(
  `${new URL('.', import.meta.url).href.replace(/[.*+?^$()|[\]\\]/g, '\\$&')}|\\(node:|at node:`,
);

const LONGEST = 120;

/** Arguments in a line, cut where it gets long. */
export function preview(args: readonly unknown[]): string {
  let text: string;
  try {
    text = args
      .map((argument) => inspect(argument, { depth: 1, breakLength: Number.POSITIVE_INFINITY, ...SHORT }))
      .join(', ');
  } catch {
    return '…'; // an inspector of its own that throws
  }
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

const SHORT = { maxArrayLength: 5, maxStringLength: 60, customInspect: false } as const;

/** An error in one line. */
export function describeError(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } catch {
    return 'an error that cannot be shown';
  }
}

/** What takes the place of a task that failed: `'throw'` its error, which ends the call; `'settle'` its settled form; or a value. */
export type OnFailure = 'throw' | 'settle' | { readonly value: unknown } | ((error: unknown, index: number) => unknown);

/** A result, or the error that ends the call. */
export type Settled = { readonly value: unknown } | { readonly error: unknown };

/** What a failed task leaves in its place. @throws what the caller's function throws */
export function replaceFailure(error: unknown, index: number, onFailure: OnFailure): Settled {
  if (onFailure === 'throw') return { error };
  if (onFailure === 'settle') return { value: { status: 'rejected', reason: error } };
  return { value: typeof onFailure === 'function' ? onFailure(error, index) : onFailure.value };
}
