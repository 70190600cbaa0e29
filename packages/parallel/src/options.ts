import { type Backend, type ConsoleLine, effectiveNJobs, OptionError } from '@jobloom/backends';
import { bytesOf } from './bytes.ts';
import type { OnFailure } from './failure.ts';
import type { ProgressEvent } from './progress/progress-event.ts';
import { describe } from './task.ts';

/** Options of the built-in backends; third parties add theirs by declaration merging. */
export interface BackendOptions {
  sequential: import('@jobloom/backends').SequentialOptions;
  threads: import('@jobloom/backends').PoolBackendOptions;
  processes: import('@jobloom/backends').PoolBackendOptions;
  grpc: import('@jobloom/backends').GrpcOptions;
  container: import('@jobloom/backends').ContainerOptions;
}

/** A name of `BackendOptions`, or any other that is registered. */
export type BackendName = keyof BackendOptions | (string & {});

export interface ParallelOptions {
  /** Workers, and so tasks at once: a positive number, -1 for all CPUs (the default), -2 for all but one. */
  readonly nJobs?: number;
  /**
   * Tasks that may be under way at once in each worker; 1 by default. For tasks that mostly wait (requests, files): while
   * one waits, others of the same call go on beside it. Synchronous tasks run one after the other all the same.
   */
  readonly tasksPerWorker?: number;
  /** Name of a registered backend, or one of your own; `'threads'` where nothing is said. */
  readonly backend?: BackendName | Backend;
  /** Tasks sent together; 'auto' (the default) learns a size from measured durations. */
  readonly batchSize?: number | 'auto';
  /**
   * How far the input is read ahead of what was consumed: 'auto' (the default, about two batches a job),
   * a number of tasks, or an expression in nJobs like '2*nJobs'. A number is a hard bound; batches shrink to fit it. An
   * expression counts `tasksPerWorker` for each job.
   */
  readonly preDispatch?: number | 'auto' | `${number}*nJobs`;
  /**
   * Milliseconds that a task may take, from its start in its worker; waiting does not count. Then its signal is aborted,
   * `graceMs` later its worker is replaced, and the task fails with TaskTimeoutError. Backends that run in place cannot
   * end synchronous code: there it shows when the task returns.
   */
  readonly timeout?: number;
  /** Milliseconds that tasks have to end after they were cancelled or timed out, before their worker is replaced; 5,000 by default. */
  readonly graceMs?: number;
  /** Milliseconds for the whole call, which rejects with DeadlineError then. Calls inside its tasks end by then too. */
  readonly deadline?: number;
  /** Times that a task which failed, timed out or was lost is run again; 0 by default. */
  readonly retries?: number;
  /** Milliseconds before the first retry, doubled with each further one; or a function of the attempt that failed. */
  readonly backoff?: number | ((attempt: number) => number);
  /** Asked before a task is run again; `attempt` is 1 after the first run. */
  readonly retryIf?: (error: unknown, attempt: number) => boolean;
  /** Running a task twice does no harm: one whose worker died is run again, up to twice where `retries` says nothing. */
  readonly idempotent?: boolean;
  /**
   * What takes the place of a task that failed: 'throw' (the default) its error, which ends the call; 'settle'
   * `{ status: 'rejected', reason }`; `{ value }` that value; a function what it gives. Cancelled tasks stay cancelled.
   */
  readonly onFailure?: OnFailure;
  /** A whole number from which each task gets `currentTask().seed`, by its index: the same on every backend. */
  readonly randomState?: number;
  /** What tasks print comes back: true prints it here, each line behind its task's index; a function gets the lines. */
  readonly captureConsole?: boolean | ((line: CapturedLine) => void);
  /** Each worker calls it before its first task. The workers are then this runner's, or this scope's, own. */
  readonly initWorker?: () => unknown;
  /** Each worker that is let go calls it before it ends; one that crashes or is ended by force does not. */
  readonly teardownWorker?: () => unknown;
  /** Tasks after which a worker is replaced. */
  readonly recycleAfter?: number;
  /** Memory beyond which a worker is replaced once its batch is over: bytes, or text like '512M'. */
  readonly maxMemory?: number | `${number}${'K' | 'M' | 'G'}`;
  /**
   * Buffers in arguments and captured variables from this size on are sent to each worker once, by content, however many
   * tasks take them; its tasks get the same object. Bytes, or text like '512K' or '2M'; 1 MB by default; null switches it off.
   */
  readonly maxNbytes?: number | `${number}${'K' | 'M' | 'G'}` | null;
  /**
   * A task that writes to what tasks have in common fails with SharedWriteError, which names what was written: variables
   * that its function captured, shared values, large arrays among arguments. For finding mistakes: it costs a lot.
   */
  readonly checkWrites?: boolean;
  /** Threads that native libraries in a worker may use (OMP_NUM_THREADS and its like), where workers are processes. */
  readonly innerMaxThreads?: number;
  /** Abort it to cancel the call: it rejects with the signal's reason, and tasks that have not started never start. */
  readonly signal?: AbortSignal;
  /**
   * Results may hold functions and classes that tasks made; they are rebuilt here, which runs code that comes from the
   * workers: for workers that are trusted. Without it results are data.
   */
  readonly allowFunctionResults?: boolean;
  /**
   * Packages that tasks use: with 'reference', the default, workers must have them, at the same version; with 'ship' a
   * worker that lacks one which is nothing but JavaScript gets it with all that it depends on, and keeps it on its disk.
   */
  readonly packages?: 'reference' | 'ship';
  /** A soft hint, for where no backend is named. */
  readonly prefer?: 'threads' | 'processes';
  /** Refuse backends whose tasks cannot see the caller's SharedArrayBuffers; takes 'threads' over an outer scope's backend that cannot. */
  readonly require?: 'sharedMemory';
  /** Hears of every change; see also `verbose`. */
  readonly onProgress?: (event: ProgressEvent) => void;
  /**
   * Above 0, progress on stderr: a bar on a terminal, lines elsewhere, the more the higher; above 10 a line with every
   * outcome, from 50 on stdout. No more than ten lines a second.
   */
  readonly verbose?: number;
}

/** A line that a task printed. */
export interface CapturedLine extends ConsoleLine {
  /** Index of the task in the input. */
  readonly index: number;
}

type Check = (value: never) => string | undefined;

const oneOf =
  (...allowed: readonly string[]): Check =>
  (value) =>
    allowed.includes(value) ? undefined : allowed.map((name) => `'${name}'`).join(' or ');

const isPositive = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 1;
const isFunction = (value: unknown): boolean => typeof value === 'function';
const unless =
  (holds: (value: unknown) => boolean, expected: string) =>
  (value: unknown): string | undefined =>
    holds(value) ? undefined : expected;
const aboveZero = unless((value) => typeof value === 'number' && value > 0, 'a number of milliseconds above 0');
const callable = unless(isFunction, 'a function');
const counted = unless(isPositive, 'a whole number, 1 or more');

/** What each option must be, as the end of the sentence "must be …"; undefined when it is. */
const CHECKS: { readonly [K in keyof Required<ParallelOptions>]: Check } = {
  nJobs: (value: unknown) => {
    effectiveNJobs(value as number, 1); // has a message of its own
    return undefined;
  },
  backend: (value: unknown) =>
    typeof value === 'string' || typeof (value as Backend | null)?.submit === 'function'
      ? undefined
      : 'the name of a registered backend, or a backend',
  tasksPerWorker: counted,
  batchSize: (value: unknown) =>
    value === 'auto' || isPositive(value) ? undefined : "'auto' or a whole number, 1 or more",
  preDispatch: (value: unknown) =>
    value === 'auto' || isPositive(value) || (typeof value === 'string' && perJob(value) !== undefined)
      ? undefined
      : "'auto', a whole number of tasks, 1 or more, or an expression like '2*nJobs'",
  timeout: aboveZero,
  graceMs: unless((value) => typeof value === 'number' && value >= 0, 'a number of milliseconds, 0 or more'),
  deadline: aboveZero,
  retries: unless((value) => Number.isInteger(value) && (value as number) >= 0, 'a whole number, 0 or more'),
  backoff: unless(
    (value) => isFunction(value) || (typeof value === 'number' && value >= 0),
    'a number of milliseconds, 0 or more, or a function (attempt) => milliseconds',
  ),
  retryIf: callable,
  idempotent: unless((value) => typeof value === 'boolean', 'true or false'),
  onFailure: unless(
    (value) =>
      value === 'throw' ||
      value === 'settle' ||
      isFunction(value) ||
      (typeof value === 'object' && value !== null && 'value' in value),
    "'throw', 'settle', { value } or a function (error, index) => value",
  ),
  randomState: unless((value) => Number.isSafeInteger(value) && (value as number) >= 0, 'a whole number, 0 or more'),
  captureConsole: unless((value) => typeof value === 'boolean' || isFunction(value), 'true, false or a function'),
  initWorker: callable,
  teardownWorker: callable,
  recycleAfter: counted,
  maxMemory: unless((value) => bytesOf(value) !== undefined, "a number of bytes above 0, or text like '512M'"),
  maxNbytes: unless(
    (value) => value === null || bytesOf(value) !== undefined,
    "a number of bytes above 0, text like '2M', or null",
  ),
  checkWrites: unless((value) => typeof value === 'boolean', 'true or false'),
  innerMaxThreads: counted,
  signal: (value: unknown) => (value instanceof AbortSignal ? undefined : 'an AbortSignal'),
  allowFunctionResults: (value: unknown) => (typeof value === 'boolean' ? undefined : 'true or false'),
  packages: oneOf('reference', 'ship'),
  prefer: oneOf('threads', 'processes'),
  require: oneOf('sharedMemory'),
  onProgress: (value: unknown) => (typeof value === 'function' ? undefined : 'a function'),
  verbose: (value: unknown) => (typeof value === 'number' && value >= 0 ? undefined : 'a number, 0 or more'),
};

/** Checks options of `owner`. @throws OptionError for one that is unknown or out of range */
export function checkOptions(options: Readonly<Record<string, unknown>>, owner: string): void {
  if (typeof options !== 'object' || options === null)
    throw new OptionError(`The options of ${owner} must be an object. Got ${describe(options)}.`);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const check = Object.hasOwn(CHECKS, name)
      ? (CHECKS[name as keyof ParallelOptions] as (value: unknown) => string | undefined)
      : undefined;
    if (check === undefined) throw new OptionError(unknownOption(name, owner));
    const expected = check(value);
    if (expected !== undefined)
      throw new OptionError(`The ${name} option of ${owner} must be ${expected}. Got ${describe(value)}.`);
  }
}

function unknownOption(name: string, owner: string): string {
  const known = Object.keys(CHECKS);
  const close = known.find((other) => other.toLowerCase() === name.toLowerCase() || distance(other, name) <= 2);
  return `${owner} has no option ${JSON.stringify(name)}.${close === undefined ? '' : ` Did you mean ${close}?`} It knows: ${known.join(', ')}.`;
}

/** Tasks per job in `'2*nJobs'`; undefined when it is no such expression. */
function perJob(expression: string): number | undefined {
  const match = expression.match(/^\s*(\d+(?:\.\d+)?)\s*\*\s*nJobs\s*$/);
  const factor = Number(match?.[1]);
  return factor > 0 ? factor : undefined;
}

/** The bound in tasks that `preDispatch` stands for, where so many may be under way at once; undefined for 'auto'. */
export function readAhead(preDispatch: number | string | undefined, atOnce: number): number | undefined {
  if (preDispatch === undefined || preDispatch === 'auto') return undefined;
  if (typeof preDispatch === 'number') return preDispatch;
  return Math.max(1, Math.floor((perJob(preDispatch) ?? 1) * atOnce));
}

/** Edits that turn one word into the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next[j] = Math.min(
        (row[j] as number) + 1,
        (next[j - 1] as number) + 1,
        (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    }
    row = next;
  }
  return row[b.length] as number;
}
