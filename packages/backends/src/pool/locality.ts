/** What is known when a batch could go to a worker that lacks some of its large buffers. */
export interface Journey {
  /** Milliseconds until the worker would have them. */
  readonly transferMs: number;
  /** Milliseconds that the call's tasks still need, on one worker, from this batch on; undefined while nobody knows. */
  readonly backlogMs: number | undefined;
  /** Workers of the call that have them. */
  readonly near: number;
}

/**
 * Whether it is worth sending them: the call is over sooner than if the workers that have them did all that is left.
 * Those need `backlog / near`; with another one, which begins after the transfer, it is less exactly when the transfer takes less.
 */
export function isWorthSending({ transferMs, backlogMs, near }: Journey): boolean {
  if (transferMs === 0 || near === 0 || backlogMs === undefined) return true;
  return transferMs < backlogMs / near;
}
