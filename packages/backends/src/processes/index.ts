import type { Backend } from '../backend.ts';
import { PoolBackend, type PoolBackendOptions } from '../pool/backend.ts';
import { ProcessLink } from './link.ts';

export type ProcessesOptions = PoolBackendOptions;

/** Tasks in worker processes on this host, with a pool of their own. */
export function createProcesses(options: ProcessesOptions = {}): Backend {
  return new PoolBackend(
    'processes',
    (id) => new ProcessLink(id, options),
    { killsWorker: true, sharedMemory: false, isolated: true, remote: false, ownEnvironment: true },
    options,
  );
}
