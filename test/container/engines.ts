import { buildWorkerImage } from '@jobloom/backends/container';
import { docker, type RunningEngine, startDocker } from '../services/docker.ts';
import { podman, startPodman } from '../services/podman.ts';
import type { Service } from '../services/service.ts';

export const IMAGE = 'localhost/jobloom-test:1';

/** An engine with an image of this jobloom. */
export interface PreparedEngine extends RunningEngine {
  readonly image: string;
}

export const engines: readonly (readonly [Service, (...packages: string[]) => Promise<PreparedEngine>])[] = [
  [docker, (...packages) => prepare(startDocker, packages)],
  [podman, (...packages) => prepare(startPodman, packages)],
];

export async function prepare(
  start: () => Promise<RunningEngine>,
  packages: readonly string[] = [],
): Promise<PreparedEngine> {
  const engine = await start();
  try {
    const image = await buildWorkerImage({ engine: engine.socket, tag: IMAGE, packages });
    return Object.defineProperties({ image } as PreparedEngine, Object.getOwnPropertyDescriptors(engine));
  } catch (error) {
    await engine.stop();
    throw error;
  }
}
