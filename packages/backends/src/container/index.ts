import type { Backend } from '../backend.ts';
import { ContainerBackend } from './container-backend.ts';
import type { ContainerOptions } from './container-options.ts';

export { type BuildWorkerImageOptions, buildWorkerImage } from './build-worker-image.ts';
export { ContainerError, type ContainerReason } from './container-error.ts';
export {
  type Bytes,
  CONTAINER_OPTIONS,
  type ContainerOptions,
  type ContainerResources,
  type Mount,
} from './container-options.ts';
export { DockerExecutor, type DockerExecutorOptions } from './docker-executor.ts';
export { connectEngine, type Engine } from './engine.ts';
export type { ContainerExecutor, ContainerExit, ContainerJob } from './executor.ts';

/**
 * Tasks in containers of Docker or Podman, or of a platform of your own. Nothing is started before the first batch.
 * @throws OptionError
 *
 * @example
 * registerParallelBackend('civis', (options: ContainerOptions) => container({ cpus: 2, memory: '4G', ...options }));
 */
export function container(options: ContainerOptions): Backend {
  return new ContainerBackend(options);
}
