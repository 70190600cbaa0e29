/** What a daemon knows of itself now: for `status`, metrics and messages. */
export interface DaemonStats {
  /** `starting`, `ready` or `draining`. */
  readonly state: string;
  /** Tasks or batches that may run at once. */
  readonly slots: number;
  readonly busy: number;
  /** Batches that wait for a slot. */
  readonly waiting: number;
  readonly clients: number;
  readonly workers: number;
  readonly blobs: number;
  readonly blobBytes: number;
  /** Since its start. */
  readonly batches: number;
  readonly tasks: number;
  readonly workersLost: number;
  readonly refused: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly scratchBytes: number;
  /** Bytes of the daemon's process. */
  readonly memory: number;
  /** Average over a minute. */
  readonly load: number;
  readonly uptimeMs: number;
  readonly kind: string;
  readonly node: string;
  readonly jobloom: string;
  readonly protocol: string;
}
