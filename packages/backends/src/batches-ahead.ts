/** More at one worker gain nothing: what comes at once goes together. */
const MOST = 64;

/**
 * Batches of one call that a worker may have at once: two, so that it need not wait for the second; where batches are
 * shorter than `aheadMs`, which is what hides a slow channel, as many as are worth that.
 */
export function batchesAhead(expectedMs: number | undefined, aheadMs: number | undefined): number {
  if (expectedMs === undefined || aheadMs === undefined) return 2;
  return Math.max(2, Math.min(MOST, Math.floor(aheadMs / Math.max(expectedMs, Number.EPSILON))));
}
