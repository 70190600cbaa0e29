/** What one daemon allows. */
export interface DaemonLimits {
  /** Bytes of blobs that are kept. */
  readonly blobBytes: number;
  /** Workers that may be alive for each job, of all callers. */
  readonly workersPerJob: number;
  /** Milliseconds that a handshake may take. */
  readonly handshakeMs: number;
  readonly streamsPerConnection: number;
  /** Connections that have proved who they are. */
  readonly connections: number;
  /** Connections that have not: of more, the oldest is cut. */
  readonly strangers: number;
  /** Bytes that the daemon, its blobs and its workers may hold together; a worker beyond its share is ended. */
  readonly memoryBytes?: number;
}

export const LIMITS: DaemonLimits = {
  blobBytes: 2 ** 30,
  workersPerJob: 8,
  handshakeMs: 10_000,
  streamsPerConnection: 16,
  connections: 4096,
  strangers: 256,
};
