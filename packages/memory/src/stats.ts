/** Counts of what a Memory did in this process. */
export interface MemoryStats {
  /** Calls that were answered from the store. */
  readonly hits: number;
  /** Calls for which the function ran. */
  readonly misses: number;
  /** Calls that waited for another one of the same key, here or elsewhere. */
  readonly waits: number;
  /** Results that were stored. */
  readonly stored: number;
  /** Operations that the store failed. */
  readonly faults: number;
  /** Entries that were damaged. */
  readonly corrupt: number;
  /** Entries that were there but ignored: too old, not valid, unreadable or unsigned. */
  readonly ignored: number;
  /** Results that could not be stored as data. */
  readonly unserializable: number;
  /** Entries removed for `limits`. */
  readonly evicted: number;
  /** Time that functions took here, and time that hits saved. */
  readonly computedMs: number;
  readonly savedMs: number;
}

export type Counts = { -readonly [name in keyof MemoryStats]: number };

export function noCounts(): Counts {
  return {
    hits: 0,
    misses: 0,
    waits: 0,
    stored: 0,
    faults: 0,
    corrupt: 0,
    ignored: 0,
    unserializable: 0,
    evicted: 0,
    computedMs: 0,
    savedMs: 0,
  };
}
