/** Where a call is. */
export interface ProgressEvent {
  /** Tasks with an outcome, failed ones included. */
  readonly done: number;
  readonly failed: number;
  /** Tasks in all; undefined while the input may go on. */
  readonly total: number | undefined;
  /** Milliseconds since the call began. */
  readonly elapsedMs: number;
}

export interface ProgressOptions {
  readonly onProgress?: ((event: ProgressEvent) => void) | undefined;
  readonly verbose: number;
  readonly nJobs: number;
  readonly total: number | undefined;
}

/** Counts outcomes and tells whoever wants to know. */
export function progressTeller({
  onProgress,
  verbose,
  nJobs,
  total,
}: ProgressOptions): (done: number, failed: number) => void {
  const start = performance.now();
  let done = 0;
  let failed = 0;
  let nextLine = 1;
  return (more, moreFailed) => {
    done += more;
    failed += moreFailed;
    const event: ProgressEvent = { done, failed, total, elapsedMs: performance.now() - start };
    onProgress?.(event);
    if (verbose <= 0 || (done < nextLine && done !== event.total)) return;
    nextLine = verbose > 10 ? done + 1 : lineAfter(done, verbose);
    (verbose < 50 ? process.stderr : process.stdout).write(`${lineOf(event, nJobs)}\n`);
  };
}

/** Below verbosity 11, gaps between lines grow with the square root of what is done, as joblib's do. */
function lineAfter(done: number, verbose: number): number {
  return Math.ceil((Math.sqrt(done) + 10 / verbose) ** 2);
}

function lineOf({ done, failed, total, elapsedMs }: ProgressEvent, nJobs: number): string {
  const left = total === undefined || done === 0 ? '' : `, about ${seconds((elapsedMs / done) * (total - done))} left`;
  const failures = failed > 0 ? `, ${failed} failed` : '';
  return `[Parallel(nJobs=${nJobs})] ${done}${total === undefined ? '' : ` of ${total}`} done${failures} in ${seconds(elapsedMs)}${left}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
