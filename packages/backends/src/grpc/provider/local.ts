import { fileURLToPath } from 'node:url';
import { AttachedProvider } from './attached-provider.ts';
import { childWorker } from './child-worker.ts';
import type { WorkerProvider } from './provider.ts';
import { sizeOf, type WorkerCount } from './size.ts';

export interface LocalOptions extends WorkerCount {}

/** What starts a worker on a machine that has this very Node and jobloom. */
export function dialCommand(): readonly string[] {
  return [process.execPath, fileURLToPath(import.meta.resolve('@jobloom/backends/grpc/dial'))];
}

/**
 * Workers that are processes of this machine. They learn the token from their standard input, and end with it: when
 * the caller ends, in whatever way, so do they.
 *
 * @example
 * await parallelBackend('grpc', { provider: local({ workers: 2 }) }, () => Parallel().run(tasks));
 * @throws OptionError
 */
export function local(options: LocalOptions = {}): WorkerProvider {
  return new AttachedProvider({
    name: 'local',
    ...sizeOf('local', options),
    open: (orders) => childWorker(dialCommand(), `${JSON.stringify(orders)}\n`),
  });
}
