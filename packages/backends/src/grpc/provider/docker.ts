import { COMMAND } from '../../container/container-body.ts';
import { type ContainerResources, checkContainerOptions } from '../../container/container-options.ts';
import { ContainerStderr } from '../../container/container-stderr.ts';
import { DockerExecutor } from '../../container/docker-executor.ts';
import { CONTAINER_FOLDER, PREAMBLE } from '../../container/places.ts';
import { splitStreams } from '../../container/stdio-frames.ts';
import { AttachedProvider, type AttachedWorker } from './attached-provider.ts';
import type { Orders, WorkerProvider } from './provider.ts';
import { sizeOf, type WorkerCount } from './size.ts';

/** What each container gets, and how many there are. `jobs` is as many as `cpus` where it is left out. */
export interface DockerOptions extends Omit<ContainerResources, 'command'>, WorkerCount {
  /** How containers reach this host: 'host', or the engine's default network where it is left out. */
  readonly network?: string;
}

/** The worker is the container's first process, as the supervisor of attached containers is. */
const DIAL = [
  COMMAND[0] as string,
  `${CONTAINER_FOLDER}/node_modules/@jobloom/backends/dist/grpc/provider/dial-entry.js`,
];
const LAST_LINES = 3;
/** A container that was killed and whose streams stay open: the engine has forgotten them. */
const CLOSE_MS = 5_000;

/**
 * Workers that are containers of Docker or Podman, and dial back to this process: on other hosts too, where the engine
 * is elsewhere. They hear their orders by standard input, and end with it. The image needs `@grpc/grpc-js`:
 * `buildWorkerImage({ tag, packages: ['@grpc/grpc-js'] })`.
 *
 * @example
 * await parallelBackend('grpc', { provider: docker({ image, workers: 2, network: 'host' }), advertise: '127.0.0.1:0' }, body);
 * @throws OptionError
 */
export function docker(options: DockerOptions): WorkerProvider {
  const { workers, max, kind, jobs = Math.max(1, Math.floor(options.cpus ?? 1)), ...resources } = options;
  checkContainerOptions(resources);
  const count = { jobs, ...(workers && { workers }), ...(max && { max }), ...(kind && { kind }) };
  const executor = new DockerExecutor({ network: 'default', ...resources });
  return new AttachedProvider({
    name: 'docker',
    ...sizeOf('docker', count),
    remote: true,
    open: (orders) => openContainer(executor, orders),
    close: () => executor.cancelAll(),
  });
}

async function openContainer(executor: DockerExecutor, orders: Orders): Promise<AttachedWorker> {
  const container = await executor.attach(DIAL, {});
  const { socket, name } = container;
  const stderr = new ContainerStderr((text) => process.stderr.write(text));
  const print = (chunk: Buffer): void => stderr.push(chunk);
  socket.on('data', splitStreams(print, print));
  const ended = new Promise<string>((resolve) => {
    socket.once('end', () => socket.destroy()); // the container has ended, or the engine has
    socket.once('close', () => {
      stderr.end();
      container.forget();
      const wrote = stderr.lastLines.slice(-LAST_LINES).join(' | ');
      resolve(`has ended${wrote && `; it wrote last: ${wrote}`}`);
    });
  });
  socket.write(PREAMBLE); // engines may write something there first
  socket.write(`${JSON.stringify(orders)}\n`);
  socket.unref();
  return {
    detail: `container ${name}`,
    ended,
    async kill() {
      socket.ref();
      await container.kill();
      const forgotten = setTimeout(() => socket.destroy(), CLOSE_MS);
      await ended;
      clearTimeout(forgotten);
    },
  };
}
