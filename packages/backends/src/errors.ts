import { JobloomError } from '@jobloom/codec';

/** An option that does not exist, is out of range, or cannot be honoured here. */
export class OptionError extends JobloomError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_OPTION', message, options);
  }
}

/** The worker died while the task may have been running: its outcome is unknown. */
export class WorkerLostError extends JobloomError {
  /** Index of the task in the input. */
  readonly index: number;
  /** Exit code of the worker; null when a signal ended it. */
  readonly exitCode: number | null;
  /** Signal that ended the worker, `'SIGKILL'` for example. */
  readonly signal: string | null;
  /** Name of the worker. */
  readonly worker: string;

  constructor(index: number, exit: WorkerExit, worker: string) {
    super(
      'ERR_WORKER_LOST',
      `task ${index}: its worker ${worker} ${describeExit(exit)} while it may have been running`,
      {
        cause: exit.error,
      },
    );
    this.index = index;
    this.exitCode = exit.code;
    this.signal = exit.signal;
    this.worker = worker;
  }
}

/** A worker held more memory than it may, and was ended for that: the cause of the `WorkerLostError` of the task that it was on. */
export class WorkerMemoryError extends JobloomError {
  /** Bytes that it may hold. */
  readonly limit: number;

  constructor(message: string, limit: number) {
    super('ERR_WORKER_MEMORY', message);
    this.limit = limit;
  }
}

/** How a worker ended. */
export interface WorkerExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The uncaught error that ended it, where it is known. */
  readonly error?: unknown;
  /** It was not heard to end: the way to it broke. Anything that it was sent may have started. */
  readonly severed?: true;
}

/** One phrase for messages: `ended with exit code 1`. */
export function describeExit(exit: WorkerExit): string {
  if (exit.severed) return `was lost: ${exit.error instanceof Error ? exit.error.message : 'its connection broke'},`;
  const why = exit.error instanceof Error ? ` (${exit.error.message})` : '';
  if (exit.signal !== null) return `was killed by ${exit.signal}${why}`;
  return `ended with exit code ${exit.code ?? 'unknown'}${why}`;
}

/** The task was dropped before it started, or stopped while it ran: by an abort, `cancel()`, or because the call ended. */
export class CancelledError extends JobloomError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_CANCELLED', message, options);
  }
}

/** The task took longer than `timeout`, from its start in the worker. What it gave afterwards is dropped. */
export class TaskTimeoutError extends JobloomError {
  /** Index of the task in the input. */
  readonly index: number;
  /** Milliseconds that it had. */
  readonly timeout: number;

  constructor(index: number, timeout: number) {
    super('ERR_TASK_TIMEOUT', `task ${index}: took longer than its timeout of ${timeout} ms`);
    this.index = index;
    this.timeout = timeout;
  }
}

/** With `checkWrites`: a task wrote to what other tasks see too. */
export class SharedWriteError extends JobloomError {
  /** Index of the task in the input. */
  readonly index: number;
  /** The way to what was written: `['task', 'table', '.rows', '[2]']`. */
  readonly trail: readonly string[];

  constructor(index: number, trail: readonly string[], what: string) {
    super(
      'ERR_SHARED_WRITE',
      `task ${index} wrote to what tasks have in common: ${trail.join(' -> ')} ${what}. Let it work on a copy: structuredClone(value), array.slice().`,
    );
    this.index = index;
    this.trail = trail;
  }
}

/** `currentTask()` was called where no task runs. */
export class NoTaskError extends JobloomError {
  constructor() {
    super(
      'ERR_NO_TASK',
      'currentTask() was called outside of a task. Call it in the function that was given to delayed(), or in what that calls.',
    );
  }
}

/** The backend itself cannot run anything: its workers do not start, say. */
export class BackendUnusableError extends JobloomError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_BACKEND_UNUSABLE', message, options);
  }
}

/** No backend is registered under this name. */
export class UnknownBackendError extends JobloomError {
  constructor(name: string, known: readonly string[]) {
    super(
      'ERR_UNKNOWN_BACKEND',
      `no backend is registered under the name ${JSON.stringify(name)}. Known: ${known.join(', ')}. Register your own with registerParallelBackend(name, factory).`,
    );
  }
}

/** What was used has been closed already. */
export class ClosedError extends JobloomError {
  constructor(what: string) {
    super('ERR_CLOSED', `${what} is closed. Create a new one.`);
  }
}

/** The other end speaks another protocol, or broke it. */
export class ProtocolError extends JobloomError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_PROTOCOL', message, options);
  }
}

/** The error of a task that was over its time, by its position. */
export function timedOut(first: number, timeout = 0): (position: number) => TaskTimeoutError {
  return (position) => new TaskTimeoutError(first + position, timeout);
}

export function notStarted(): CancelledError {
  return new CancelledError('the call was cancelled before the task started');
}

export function stopped(): CancelledError {
  return new CancelledError('the task was cancelled while it ran');
}
