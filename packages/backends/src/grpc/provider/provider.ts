/** How a worker finds its caller, and proves that it was called for. */
export interface Invitation {
  /** Name of the worker, unlike that of any other of this backend: lower-case letters, digits and `-`. */
  readonly worker: string;
  /** `host:port` where the caller waits. */
  readonly address: string;
  /**
   * The token of this backend alone. Like `key`, it reaches the worker by a pipe or a file that only its user can
   * read, never in arguments or environment variables, which others can see.
   */
  readonly token: string;
  /** PEM of the authority that signed the caller's certificate; without it, plain text. */
  readonly ca?: string;
  /** PEM of the worker's own certificate and its key, where the caller lets nobody in without one. */
  readonly cert?: string;
  readonly key?: string;
}

/** What a worker is told: its invitation, and what it runs. */
export interface Orders extends Invitation {
  readonly jobs: number;
  readonly kind: 'threads' | 'processes';
}

/** A worker that was launched. */
export interface LaunchedWorker {
  readonly worker: string;
  /** `starting` until the engine says that it runs; `ended` once it has ended, for whatever reason. */
  readonly state: 'starting' | 'running' | 'ended';
  /** For people: its process, its container, its job. */
  readonly detail?: string;
}

/** A way to start workers that dial back: local processes, containers, jobs of a batch system. `providerContract` checks one. */
export interface WorkerProvider extends AsyncDisposable {
  /** For messages: `local`. */
  readonly name: string;
  /** How many workers a backend asks for, and always keeps. */
  readonly workers: number;
  /** Most workers that it asks for while work waits; `workers` where it is left out. */
  readonly most?: number;
  /** Tasks that each runs at once; 1 where it is left out. */
  readonly jobs?: number;
  /** Workers are elsewhere: they dial this host by its name, with certificates that are made for this backend alone. */
  readonly remote?: boolean;
  /** Milliseconds that a caller waits for the first one where it does not say; 10,000 where it is left out. */
  readonly waitMs?: number;
  /**
   * Starts a worker, which dials the address. Resolves when it is on its way, not when it has arrived.
   * @throws when it cannot be started
   */
  launch(invitation: Invitation): Promise<void>;
  /** Ends the worker, if it has not ended. It has ended afterwards, and `onLost` does not tell. */
  cancel(worker: string): Promise<void>;
  /** Those that were launched and not cancelled. */
  status(): Promise<readonly LaunchedWorker[]>;
  /** Hears of workers that ended without having been cancelled, once each; returns the way to stop. */
  onLost(listener: (worker: string, why: string) => void): () => void;
  /** Ends all of them. Twice is fine. */
  close(): Promise<void>;
}
