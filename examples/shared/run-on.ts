import { parallelBackend } from '@jobloom/parallel';
import { buildWorkerImage } from '@jobloom/parallel/container';
import { startTlsDaemons } from './tls-daemons.ts';
import { endWithout } from './without.ts';

/** Runs `body` on a backend by its name, with what that needs: of `grpc`, two daemons of this machine; of `container`, an image. */
export async function runOn<T>(backend: string, nJobs: number, body: () => Promise<T>): Promise<T> {
  if (backend === 'grpc') {
    await using daemons = await startTlsDaemons(2, { jobs: Math.max(1, nJobs >> 1) });
    return await parallelBackend('grpc', daemons.cluster, body);
  }
  if (backend === 'container') {
    const image = await buildWorkerImage({ tag: 'localhost/jobloom-example:1' }).catch((error: Error) =>
      endWithout(error.message),
    );
    return await parallelBackend('container', { image, nJobs }, body);
  }
  return await parallelBackend(backend, { nJobs }, body);
}
