import { effectiveNJobs } from '../../cpu.ts';
import { OptionError } from '../../errors.ts';
import { PoolBackend, type PoolBackendOptions } from '../../pool/backend.ts';
import { holder } from '../../task/current-task.ts';
import type { DaemonSource } from '../discovery/source.ts';
import { staticSource } from '../discovery/static.ts';
import type { TlsFiles } from '../security/tls.ts';
import { ensureLocalToken, readTokens, type Tokens, tokensOf } from '../security/tokens.ts';
import { Cluster } from './cluster.ts';
import { RemoteLink } from './remote-link.ts';

export interface GrpcOptions extends PoolBackendOptions {
  /** Addresses of daemons: `['host-a:7077', 'host-b:7077']`. */
  readonly workers?: readonly string[];
  /** Another way to find them. */
  readonly source?: DaemonSource;
  /** What the daemons have in their token file; the local one of this user where nothing is said. */
  readonly token?: string;
  readonly tokenFile?: string;
  readonly tls?: TlsFiles;
  /** Plain text to other machines too. */
  readonly insecure?: boolean;
  /** Milliseconds to wait for daemons; 10,000 where it is left out. */
  readonly waitForWorkers?: number;
  /** Daemons that must be there; 1 where it is left out. */
  readonly minWorkers?: number;
  /** With `'ship'`, packages that `initWorker` and its like need go along to daemons that lack them. */
  readonly packages?: 'reference' | 'ship';
}

/** Tasks on worker daemons on this and other hosts. */
export function createGrpc(options: GrpcOptions = {}): GrpcBackend {
  const { workers, source, waitForWorkers = 10_000, minWorkers = 1, tls, insecure } = options;
  if (source === undefined && (!Array.isArray(workers) || workers.length === 0))
    throw new OptionError(
      `The workers option of grpc must be a list of addresses, ['host:port']. Got ${String(workers)}.`,
    );
  for (const address of workers ?? [])
    if (typeof address !== 'string' || !/:\d+$/.test(address))
      throw new OptionError(`The workers option of grpc must have addresses like host:7077. Got ${String(address)}.`);
  if (!(waitForWorkers >= 0))
    throw new OptionError(
      `The waitForWorkers option of grpc must be a number of milliseconds, 0 or more. Got ${String(waitForWorkers)}.`,
    );
  if (!Number.isInteger(minWorkers) || minWorkers < 1)
    throw new OptionError(
      `The minWorkers option of grpc must be a whole number of daemons, 1 or more. Got ${String(minWorkers)}.`,
    );
  const cluster = new Cluster({
    source: source ?? staticSource(workers ?? []),
    tokens: tokensFor(options),
    tls,
    insecure,
    waitForWorkers,
    minWorkers,
    warn: warnOnce(),
  });
  return new GrpcBackend(cluster, options);
}

/** A connection is made again and again; its warnings come once. */
function warnOnce(): (message: string) => void {
  const told = new Set<string>();
  return (message) => {
    if (told.has(message)) return;
    told.add(message);
    process.emitWarning(message, 'JobloomWarning');
  };
}

function tokensFor({ token, tokenFile }: GrpcOptions): Tokens {
  if (token !== undefined && tokenFile !== undefined)
    throw new OptionError('The grpc backend takes token or tokenFile. Give one of them.');
  if (token !== undefined) return tokensOf([token], 'The token option of grpc');
  return tokenFile === undefined ? ensureLocalToken() : readTokens(tokenFile);
}

/** A pool whose workers are in daemons. */
export class GrpcBackend extends PoolBackend {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster, options: GrpcOptions) {
    const { heapMb, innerMaxThreads, idleMs, initWorker, teardownWorker, recycleAfter, maxMemory, packages } = options;
    const settings = {
      ...(heapMb !== undefined && { heapMb }),
      ...(innerMaxThreads !== undefined && { innerMaxThreads }),
    };
    const pool = { idleMs, initWorker, teardownWorker, recycleAfter, maxMemory, ...settings };
    super(
      'grpc',
      (id) => new RemoteLink(id, cluster, settings),
      { killsWorker: true, sharedMemory: false, isolated: true, remote: true, ownEnvironment: true, batchMs: 8 },
      Object.fromEntries(Object.entries(pool).filter(([, value]) => value !== undefined)),
      packages,
    );
    this.#cluster = cluster;
  }

  /** At most what the cluster runs at once; waits for daemons. @throws BackendUnusableError when none comes in time */
  override async effectiveNJobs(nJobs: number): Promise<number> {
    effectiveNJobs(nJobs, 1); // for its errors
    await this.#cluster.ready();
    const { jobs } = this.#cluster;
    const slots = holder.worker?.slots ?? Number.POSITIVE_INFINITY;
    return Math.max(1, Math.min(slots, jobs, effectiveNJobs(nJobs, jobs)));
  }

  /** Bytes of large arguments and packages that daemons did not have and were sent. */
  get blobBytesSent(): number {
    return this.#cluster.blobBytesSent;
  }

  onCapacity(listener: (nJobs: number) => void): () => void {
    return this.#cluster.onCapacity(listener);
  }

  override async close(): Promise<void> {
    await super.close();
    this.#cluster.close();
  }
}
