/** What a daemon knows of itself now: for `status`, metrics and messages. */
export interface DaemonStats {
  /** `starting`, `ready` or `draining`. */
  readonly state: string;
  /** Tasks or batches that may run at once. */
  readonly slots: number;
  readonly busy: number;
  readonly clients: number;
  readonly workers: number;
  readonly blobs: number;
  readonly blobBytes: number;
  /** Since its start. */
  readonly batches: number;
  readonly tasks: number;
  readonly refused: number;
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
