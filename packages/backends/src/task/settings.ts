/** What a call asks of the workers for each of its tasks. Travels with every batch; small. */
export interface TaskSettings {
  /** Milliseconds from the task's start in its worker after which it is timed out. */
  readonly timeout?: number;
  /** Milliseconds that a task which was timed out or cancelled has, after its signal, to come to an end. */
  readonly graceMs?: number;
  /** Tasks of one worker that may be under way at once; 1 where it is left out. */
  readonly tasksPerWorker?: number;
  /** What the seeds of the tasks come from. */
  readonly seed?: number;
  /** Tasks that write to what tasks have in common fail; buffers in arguments count from so many bytes on. */
  readonly checkWrites?: number;
  /** What tasks print comes back with their index. */
  readonly console?: true;
  /** Results may hold functions and classes that were made in the task: their code comes along. */
  readonly functionResults?: true;
  /** When the whole call must be over, in milliseconds since 1970: calls inside tasks end by then too. */
  readonly deadline?: number;
}

/** Milliseconds a task has to end after its signal, where nothing is said. */
export const GRACE_MS = 5_000;

/** The longest that a timer of Node's takes: about 24 days. */
export const LONGEST_MS: number = 2 ** 31 - 1;

/**
 * The seed of a task: a whole number below 2^32, of the call's seed and the task's index alone, so that it is the
 * same on every backend and worker. The finalizer of MurmurHash3 (Appleby 2011) over both.
 */
export function seedOf(base: number, index: number): number {
  return mix(mix(base ^ mix(Math.floor(base / 2 ** 32))) ^ (index + 0x9e3779b9) ^ mix(Math.floor(index / 2 ** 32)));
}

function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
