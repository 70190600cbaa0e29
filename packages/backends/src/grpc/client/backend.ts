import type { Outcomes, SubmitOptions } from '../../backend.ts';
import type { Batch } from '../../batch.ts';
import { effectiveNJobs } from '../../cpu.ts';
import { OptionError } from '../../errors.ts';
import { PoolBackend } from '../../pool/backend.ts';
import { holder } from '../../task/current-task.ts';
import { LONGEST_MS } from '../../task/settings.ts';
import { largeIn } from '../../work.ts';
import { sourcesFor } from '../discovery/sources-for.ts';
import type { GrpcOptions } from '../options.ts';
import { checkRequires, resourcesOf } from '../scheduling/requirements.ts';
import { ensureLocalToken, readTokens, type Tokens, tokensOf } from '../security/tokens.ts';
import { Cluster } from './cluster.ts';
import { RemoteLink } from './remote-link.ts';
import { traced } from './traced.ts';

/** Tasks on worker daemons on this and other hosts. */
export function createGrpc(options: GrpcOptions = {}): GrpcBackend {
  const { workers, registry, source, provider, advertise, requires, tls, insecure } = options;
  const {
    waitForWorkers = provider?.waitMs ?? 10_000,
    minWorkers = 1,
    lostAfter = 2_000,
    clientLostAfter = 10_000,
  } = options;
  if ((workers === undefined || workers.length === 0) && (registry ?? source ?? provider) === undefined)
    throw new OptionError(
      `The grpc backend needs to know its workers. Give workers: ['host:port', 'dns:name:port'], registry: 'redis://…' or provider: local(). Got workers: ${String(workers)}.`,
    );
  for (const [name, ms, least] of [
    ['lostAfter', lostAfter, 100],
    ['clientLostAfter', clientLostAfter, 500],
  ] as const)
    if (!(ms >= least && ms <= LONGEST_MS))
      throw new OptionError(
        `The ${name} option of grpc must be a number of milliseconds, ${least} or more. Got ${String(ms)}.`,
      );
  if (!(waitForWorkers >= 0))
    throw new OptionError(
      `The waitForWorkers option of grpc must be a number of milliseconds, 0 or more. Got ${String(waitForWorkers)}.`,
    );
  if (!Number.isInteger(minWorkers) || minWorkers < 1)
    throw new OptionError(
      `The minWorkers option of grpc must be a whole number of daemons, 1 or more. Got ${String(minWorkers)}.`,
    );
  const tokens = tokensFor(options);
  const cluster = new Cluster({
    source: sourcesFor({ workers, registry, source }, () => tokens.all()),
    provider,
    advertise,
    requires: requires && checkRequires(requires),
    lostAfterMs: lostAfter,
    clientLostAfterMs: clientLostAfter,
    tokens,
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
    const { heapMb, innerMaxThreads, idleMs, requires, initWorker, teardownWorker, recycleAfter, maxMemory, packages } =
      options;
    const settings = {
      ...(heapMb !== undefined && { heapMb }),
      ...(innerMaxThreads !== undefined && { innerMaxThreads }),
      ...(requires !== undefined && { requires: resourcesOf(requires) }),
    };
    const pool = { idleMs, initWorker, teardownWorker, recycleAfter, maxMemory, ...settings };
    super(
      'grpc',
      (id) => new RemoteLink(id, cluster, settings),
      {
        killsWorker: true,
        sharedMemory: false,
        isolated: true,
        remote: true,
        ownEnvironment: true,
        batchMs: 8,
        aheadMs: 8,
      },
      Object.fromEntries(Object.entries(pool).filter(([, value]) => value !== undefined)),
      { packages },
    );
    this.#cluster = cluster;
  }

  /** At most what the cluster runs at once; waits for daemons. @throws BackendUnusableError when none comes in time */
  override effectiveNJobs(nJobs: number): number | Promise<number> {
    effectiveNJobs(nJobs, 1); // for its errors
    return this.#cluster.isReady ? this.#within(nJobs) : this.#cluster.ready().then(() => this.#within(nJobs));
  }

  #within(nJobs: number): number {
    const { jobs } = this.#cluster;
    const slots = holder.worker?.slots ?? Number.POSITIVE_INFINITY;
    return Math.max(1, Math.min(slots, jobs, effectiveNJobs(nJobs, jobs)));
  }

  /** Bytes of large arguments and packages that daemons did not have and were sent. */
  get blobBytesSent(): number {
    return this.#cluster.blobBytesSent;
  }

  override submit(batch: Batch, options: SubmitOptions): Promise<Outcomes> {
    this.#cluster.wants(() => largeIn(batch.work()));
    return traced(batch, () => super.submit(batch, options));
  }

  onCapacity(listener: (nJobs: number) => void): () => void {
    return this.#cluster.onCapacity(listener);
  }

  override async close(): Promise<void> {
    await super.close();
    await this.#cluster.close();
  }
}
