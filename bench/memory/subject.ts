/** One of the two that are measured: times in microseconds. */
export interface Subject {
  readonly name: string;
  /** Of a miss and of a hit, over so many keys. */
  calls(count: number): Promise<[miss: number, hit: number]>;
  /** Of a small value, and of 64 MB. */
  hashes(count: number): Promise<[small: number, large: number]>;
  /** Storing 64 MB, a hit of it into fresh memory, a value of it, a hit into memory that is there, storing it with fsync. */
  arrays(round: number): Promise<[store: number, fresh: number, value: number, into?: number, safe?: number]>;
  /** Of reduceSize an entry where nothing must go; bytes on disk an entry. */
  reduce(entries: number): Promise<[time: number, bytes: number]>;
  /** Runs of a cold key that 4 processes ask for; of code A, B, A, B, A; whether a changed helper and a flipped bit are noticed. */
  counts(): Promise<[cold: number, branches: number, helper: boolean, flipped: boolean]>;
  close(): Promise<void>;
}
