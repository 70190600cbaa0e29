import type { Backend } from '../backend.ts';
import { OptionError } from '../errors.ts';
import { PoolBackend, type PoolBackendOptions } from '../pool/backend.ts';
import { ThreadLink } from './link.ts';

export type ThreadsOptions = PoolBackendOptions;

/** Tasks on worker threads of this process, with a pool of their own. */
export function createThreads(options: ThreadsOptions = {}): Backend {
  if (options.innerMaxThreads !== undefined)
    throw new OptionError(
      'The threads backend cannot meet innerMaxThreads: native libraries of one process share their threads. Use processes.',
    );
  return new PoolBackend(
    'threads',
    (id) => new ThreadLink(id, options.heapMb),
    { killsWorker: true, sharedMemory: true, isolated: true, remote: false },
    options,
  );
}
