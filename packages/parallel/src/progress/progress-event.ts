/** Where a call is. */
export interface ProgressEvent {
  /** Tasks with an outcome, failed ones included. */
  readonly done: number;
  readonly failed: number;
  /** Tasks that were taken from the input and have no outcome yet: they run, or wait for a worker or for a retry. */
  readonly underway: number;
  /** Tasks in all; undefined while the input may go on. */
  readonly total: number | undefined;
  /** Tasks a second: since the beginning in the first seconds, then of the last seconds. */
  readonly rate: number;
  /** Milliseconds that the rest takes at this rate; undefined where total or rate are not known yet. */
  readonly etaMs: number | undefined;
  /** Tasks that may run at once. */
  readonly workers: number;
  /** Milliseconds since the call began. */
  readonly elapsedMs: number;
}
