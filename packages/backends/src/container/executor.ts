/** A command that runs in a container of its own. */
export interface ContainerJob {
  /** The same job has the same token: submitting it again starts nothing new. Letters, digits and dashes. */
  readonly token: string;
  readonly command: readonly string[];
  /** Environment variables. They hold a key: show them to nobody who may not run the job. */
  readonly env: Readonly<Record<string, string>>;
  /** Folders of this host that the command needs, at the same path. */
  readonly folders: readonly string[];
}

/** How a job ended. */
export interface ContainerExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Why, where the platform knows more than the code says. */
  readonly error?: Error;
}

/**
 * Something that runs containers: Docker, or a platform of your own. Any number of jobs at once.
 * `containerExecutorContract` checks an implementation.
 */
export interface ContainerExecutor {
  /** For people. */
  readonly name: string;
  /** Starts a job, or finds the one that was started with this token; gives its id. Rejects when it cannot be started. */
  submit(job: ContainerJob): Promise<string>;
  /** Resolves when the job has ended, however; again with the same. */
  wait(id: string): Promise<ContainerExit>;
  /** The last lines that the job wrote, the latest last. */
  logs(id: string, lines: number): Promise<readonly string[]>;
  /** Ends the job if it runs, and removes what is left of it. Again, or for one that is gone: nothing. */
  cancel(id: string): Promise<void>;
  /** How many jobs there is room for. */
  capacity?(): Promise<number>;
  /** Ends and removes all jobs that were submitted here. */
  cancelAll?(): Promise<void>;
}
