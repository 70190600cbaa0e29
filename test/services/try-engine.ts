// Starts an engine, has it do the least that tests need, and ends it. Fails where that cannot be done here.
import { Readable } from 'node:stream';
import Docker from 'dockerode';
import { tarOf } from '../../packages/backends/src/container/tar.ts';
import { startDocker } from './docker.ts';
import { startPodman } from './podman.ts';
import { startSlurm } from './slurm.ts';

const START = { docker: startDocker, podman: startPodman, slurm: startSlurm };
try {
  const engine = await START[process.argv[2] as keyof typeof START]();
  try {
    if ('socket' in engine) await startNothing(new Docker({ socketPath: engine.socket }));
  } finally {
    await engine.stop();
  }
} catch (error) {
  console.error((error as Error).message);
  process.exit(1); // what was started ends with this process
}

/** All that comes before a container's program must work: an image that has none fails with that. */
async function startNothing(docker: Docker): Promise<void> {
  const stream = await docker.importImage(Readable.from(tarOf([{ path: 'none', folder: true }])) as never, {});
  const steps = await new Promise<{ status?: string }[]>((resolve, reject) =>
    docker.modem.followProgress(stream, (error, all) => (error ? reject(error) : resolve(all))),
  );
  const HostConfig = { NetworkMode: 'none', Memory: 64 * 1024 * 1024, PidsLimit: 16 };
  const container = await docker.createContainer({ Image: steps.at(-1)?.status ?? '', Cmd: ['/program'], HostConfig });
  const failure = await container.start().then(
    () => undefined,
    (error: Error) => error,
  );
  await container.remove({ force: true });
  if (failure !== undefined && !/no such file|not found/i.test(failure.message)) throw failure;
}
