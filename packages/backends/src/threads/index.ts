import type { Backend } from '../backend.ts';
import { PoolBackend, type PoolBackendOptions } from '../pool/backend.ts';
import { ThreadLink } from './link.ts';

export type ThreadsOptions = PoolBackendOptions;

/** Tasks on worker threads of this process, with a pool of their own. */
export function createThreads(options: ThreadsOptions = {}): Backend {
  return new PoolBackend(
    'threads',
    (id) => new ThreadLink(id, options.heapMb),
    { killsWorker: true, sharedMemory: true, isolated: true, remote: false },
    options,
  );
}
