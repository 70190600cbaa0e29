/** What is known when the next batch is cut. */
export interface BatchingInput {
  /** Size asked for; 'auto' learns it. */
  readonly batchSize: number | 'auto';
  /** Measured milliseconds a task takes in a worker; undefined before the first outcome. */
  readonly meanMs: number | undefined;
  /** Size of the largest batch so far. */
  readonly largest: number;
  /** Tasks left in the input, where that is known. */
  readonly remaining: number | undefined;
  /** Tasks that may be under way at once. */
  readonly atOnce: number;
  /** Milliseconds of work worth one batch. */
  readonly batchMs: number;
}

const GROWTH = 8;
const LARGEST = 4096;
/** A batch is worth this share of the time that its call has run: what it costs the caller fades, and a short call still has many. */
const SHARE = 1 / 16;
const SHORTEST_MS = 2;
const LONGEST_MS = 32;

/** Milliseconds of work worth one batch of a call that has run so long. */
export function worthwhileMs(elapsedMs: number): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, elapsedMs * SHARE));
}

/**
 * How many tasks the next batch takes: a task of its own while durations are unknown, then about
 * `batchMs` of work, at most 8 times the largest before, and less towards the end of the input, so that
 * workers finish together (guided self-scheduling, Polychronopoulos and Kuck 1987).
 */
export function nextBatchSize({ batchSize, meanMs, largest, remaining, atOnce, batchMs }: BatchingInput): number {
  if (batchSize !== 'auto') return batchSize;
  if (meanMs === undefined) return 1;
  let size = Math.min(LARGEST, Math.max(1, largest) * GROWTH, batchMs / Math.max(meanMs, 1e-6));
  if (remaining !== undefined) size = Math.min(size, Math.ceil(remaining / (2 * atOnce)));
  return Math.max(1, Math.floor(size));
}

const WEIGHT = 0.3;

/** The mean after one more batch: an exponentially weighted one, so that it follows a change. */
export function updateMean(meanMs: number | undefined, batchMeanMs: number): number {
  return meanMs === undefined ? batchMeanMs : meanMs + WEIGHT * (batchMeanMs - meanMs);
}
