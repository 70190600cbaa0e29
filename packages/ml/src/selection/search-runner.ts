import { hasActiveBackend, Parallel, type ParallelOptions } from '@jobloom/parallel';

/** How a search runs. What is left out comes from the scope: `parallelBackend`, `parallelConfig`. */
export interface RunnerOptions {
  /** Fits at once. Without it, and outside of a scope, fits run in place, one after the other. */
  readonly nJobs?: number | null | undefined;
  readonly preDispatch?: ParallelOptions['preDispatch'] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What stands for a task that gave no result: its number in the input, and why. */
export interface Lost {
  readonly lost: number;
  readonly error: unknown;
}

export function isLost(result: object): result is Lost {
  return 'lost' in result;
}

/** The runner of a search, to which tasks that fail give a `Lost`. */
export function searchRunner(options: RunnerOptions): Parallel {
  return taskRunner(options, { onFailure: (error, lost): Lost => ({ lost, error }) });
}

/** A runner on the active backend; in place where there is none and nobody asked for jobs. */
export function taskRunner({ nJobs, preDispatch, signal }: RunnerOptions, rest: ParallelOptions = {}): Parallel {
  const inPlace = nJobs == null && !hasActiveBackend();
  return new Parallel({
    ...(inPlace && { backend: 'sequential' }),
    ...(nJobs != null && { nJobs }),
    ...(preDispatch !== undefined && { preDispatch }),
    ...(signal !== undefined && { signal }),
    ...rest,
  });
}
