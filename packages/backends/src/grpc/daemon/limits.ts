/** What one daemon allows. */
export interface DaemonLimits {
  /** Bytes of blobs that are kept. */
  readonly blobBytes: number;
  /** Workers that may be alive for each job, of all callers. */
  readonly workersPerJob: number;
  /** Milliseconds that a handshake may take. */
  readonly handshakeMs: number;
  readonly streamsPerConnection: number;
}

export const LIMITS: DaemonLimits = {
  blobBytes: 2 ** 30,
  workersPerJob: 8,
  handshakeMs: 10_000,
  streamsPerConnection: 16,
};
