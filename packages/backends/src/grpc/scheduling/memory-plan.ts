import { OptionError } from '../../errors.ts';

/** How a daemon's memory is divided, in bytes. */
export interface MemoryPlan {
  /** All that the daemon and its workers may hold. */
  readonly limit: number;
  /** What of it blobs may take. */
  readonly blobs: number;
  /** What of it one worker may hold. */
  readonly share: number;
}

const MB = 2 ** 20;
/** For the daemon's own process: what it has at rest is a third of it. */
const OWN = 64 * MB;
/** A worker that does nothing holds half of it. */
const LEAST_SHARE = 48 * MB;
/** Part of the memory that blobs get at most. */
const BLOBS = 4;

/** Divides memory among a daemon, its blobs and the workers of its jobs. @throws OptionError when it is too little */
export function planMemory(limit: number, jobs: number, blobBytes: number): MemoryPlan {
  const blobs = Math.min(blobBytes, Math.floor(limit / BLOBS));
  const share = Math.floor((limit - blobs - OWN) / jobs);
  if (share >= LEAST_SHARE) return { limit, blobs, share };
  const least = Math.ceil(((LEAST_SHARE * jobs + OWN) * BLOBS) / (BLOBS - 1) / MB) * MB;
  throw new OptionError(
    `The memory of a daemon with ${jobs} jobs must be ${inMb(least)} or more: each worker needs ${inMb(LEAST_SHARE)}. Got ${inMb(limit)}. Raise it (--max-memory), or take fewer jobs (--jobs).`,
  );
}

/** A worker, as far as its memory goes. */
export interface MemoryHolder {
  readonly bytes: number;
  /** When it had nothing to do since, on any clock; undefined while it has. */
  readonly idleSince: number | undefined;
}

/**
 * The workers that have to end so that the limits hold: each that is beyond its share; then, while all hold too much
 * together, those without work, the one that rested longest first; then the largest.
 * @param others bytes that the daemon itself holds
 */
export function tooMuch<H extends MemoryHolder>(plan: MemoryPlan, others: number, holders: Iterable<H>): H[] {
  const out: H[] = [];
  const rest: H[] = [];
  let total = others;
  for (const holder of holders) {
    if (holder.bytes > plan.share) {
      out.push(holder);
      continue;
    }
    rest.push(holder);
    total += holder.bytes;
  }
  rest.sort(byWorth);
  for (const holder of rest) {
    if (total <= plan.limit) break;
    total -= holder.bytes;
    out.push(holder);
  }
  return out;
}

function byWorth(a: MemoryHolder, b: MemoryHolder): number {
  if (a.idleSince === undefined || b.idleSince === undefined)
    return Number(a.idleSince === undefined) - Number(b.idleSince === undefined) || b.bytes - a.bytes;
  return a.idleSince - b.idleSince;
}

/** `1,536 MB`, for messages. */
export function inMb(bytes: number): string {
  return `${Math.round(bytes / MB).toLocaleString('en')} MB`;
}
