import { effectiveNJobs } from '../cpu.ts';
import { PoolBackend } from '../pool/backend.ts';
import { ContainerLink } from './container-link.ts';
import type { ContainerOptions } from './container-options.ts';
import { checkContainerOptions } from './container-options.ts';
import { DockerExecutor } from './docker-executor.ts';
import type { ContainerExecutor } from './executor.ts';
import { JobFiles } from './job-files.ts';
import { StoreLink } from './store-link.ts';

/** Milliseconds of work that are worth a container of their own. */
const JOB_MS = 1000;

/** Tasks in containers. */
export class ContainerBackend extends PoolBackend {
  readonly #executor: ContainerExecutor;
  readonly #files: JobFiles | undefined;

  constructor(options: ContainerOptions) {
    checkContainerOptions(options);
    const files = options.transport === 'store' ? new JobFiles(options) : undefined;
    const own = files?.folder !== undefined && process.getuid !== undefined;
    const user = options.user ?? (own ? `${process.getuid?.()}:${process.getgid?.()}` : undefined);
    const executor =
      options.executor ??
      new DockerExecutor({ ...options, ...(user !== undefined && { user }), ...networkFor(files, options) });
    const batchAWorker = (options.isolate ?? (files === undefined ? 'worker' : 'task')) === 'task';
    super(
      'container',
      (id) =>
        files === undefined
          ? new ContainerLink(id, executor as DockerExecutor, options)
          : new StoreLink(id, executor, files, options),
      {
        killsWorker: true,
        sharedMemory: false,
        isolated: true,
        remote: true,
        ownEnvironment: true,
        ...(batchAWorker && { batchMs: JOB_MS }),
      },
      options,
      { batchAWorker, deaf: files !== undefined },
    );
    this.#executor = executor;
    this.#files = files;
  }

  /** -1 is as many as the engine has CPUs and memory for. */
  override async effectiveNJobs(nJobs: number): Promise<number> {
    if (effectiveNJobs(nJobs, 1) === nJobs) return nJobs;
    return effectiveNJobs(nJobs, await this.#executor.capacity?.());
  }

  override async close(): Promise<void> {
    await super.close();
    await this.#files?.settled();
    await this.#executor.cancelAll?.();
    await this.#files?.close();
  }
}

/** Jobs that use a folder need no network. */
function networkFor(files: JobFiles | undefined, { network }: ContainerOptions): { network?: string } {
  return network === undefined && files?.folder !== undefined ? { network: 'none' } : {};
}
