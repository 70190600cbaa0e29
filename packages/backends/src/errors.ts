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

/** How a worker ended. */
export interface WorkerExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The uncaught error that ended it, where it is known. */
  readonly error?: unknown;
}

/** One phrase for messages: `ended with exit code 1`. */
export function describeExit(exit: WorkerExit): string {
  const why = exit.error instanceof Error ? ` (${exit.error.message})` : '';
  if (exit.signal !== null) return `was killed by ${exit.signal}${why}`;
  return `ended with exit code ${exit.code ?? 'unknown'}${why}`;
}

/** The task was dropped before it started, by an abort or because the call ended. */
export class CancelledError extends JobloomError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_CANCELLED', message, options);
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
