import type { Store, StoreLocation } from '@jobloom/stores';
import { OptionError } from '../errors.ts';
import type { PoolBackendOptions } from '../pool/backend.ts';
import type { ContainerExecutor } from './executor.ts';

/** A number of bytes, or text like '512M'. */
export type Bytes = number | `${number}${'K' | 'M' | 'G'}`;

export interface Mount {
  /** A folder or file of the engine's host. */
  readonly source: string;
  /** Where it is in the container. */
  readonly target: string;
  readonly readOnly?: boolean;
}

/** What each container gets, and may do. */
export interface ContainerResources {
  /** Name of the image; it holds Node and jobloom: see `buildWorkerImage`. */
  readonly image?: string;
  /** Where the engine is: `unix:///run/podman/podman.sock`. Left out: DOCKER_HOST, CONTAINER_HOST, or the usual places. */
  readonly engine?: string;
  /** CPUs that a container may use, fractions too; no limit where it is left out. Tasks may use as many inside. */
  readonly cpus?: number;
  /** Memory of a container, without swap; no limit where it is left out. Node's heap is held to three quarters of it. */
  readonly memory?: Bytes;
  /** Processes and threads in a container; 256 where it is left out. */
  readonly pids?: number;
  /** GPUs: how many, 'all', or their ids. Needs an engine that has them. */
  readonly gpus?: number | 'all' | readonly string[];
  readonly mounts?: readonly Mount[];
  readonly env?: Readonly<Record<string, string>>;
  /** Network mode, 'bridge' or 'host' say. Left out: none, but for a store on the network, which gets the engine's default. */
  readonly network?: string;
  /** `uid:gid` or a name. Left out: nobody, or this process's own user where containers use a folder of this host. */
  readonly user?: string;
  /** The root file system cannot be written, only /tmp; true where it is left out. */
  readonly readOnlyRoot?: boolean;
  /** Size of /tmp, which is in memory; 64 MB where it is left out. */
  readonly tmp?: Bytes;
  /** Working folder, from which packages are found; the image's where it is left out. */
  readonly cwd?: string;
  /** Command that starts jobloom in the image; what images of `buildWorkerImage` have where it is left out. */
  readonly command?: readonly string[];
}

export interface ContainerOptions extends ContainerResources, PoolBackendOptions {
  /** 'worker' (the default with 'attach'): containers stay and run many batches; 'task' (the default with 'store'): a container each batch. */
  readonly isolate?: 'worker' | 'task';
  /** How batches get there: 'attach' (the default) by the container's standard streams, 'store' by a place that both sides see. */
  readonly transport?: 'attach' | 'store';
  /** For 'store': a folder, `s3://bucket/prefix`, or a store that has a location. */
  readonly store?: StoreLocation & (string | URL | Store);
  /** For 'store': a platform of your own in place of an engine. */
  readonly executor?: ContainerExecutor;
  /** For 'store': milliseconds after which a job that did not start is refused, and what is left of it may be removed; a day where it is left out. */
  readonly expiresMs?: number;
  /** For 'store': most bytes of one batch, and of its results; 1 GB where it is left out. */
  readonly maxPayload?: Bytes;
  /** Milliseconds without a sign of life after which a worker is ended; 20,000 where it is left out. */
  readonly silenceMs?: number;
  /** Milliseconds to wait for an engine that is gone to come back; 10,000 where it is left out. */
  readonly engineWaitMs?: number;
}

/** What the name `container` is registered with. */
export const CONTAINER_OPTIONS: readonly (keyof ContainerOptions)[] = [
  ...(['image', 'engine', 'cpus', 'memory', 'pids', 'gpus', 'mounts', 'env', 'network', 'user'] as const),
  ...(['readOnlyRoot', 'tmp', 'cwd', 'command', 'isolate', 'transport', 'store', 'executor', 'expiresMs'] as const),
  ...(['maxPayload', 'silenceMs', 'engineWaitMs', 'idleMs', 'heapMb', 'initWorker', 'teardownWorker'] as const),
  ...(['recycleAfter', 'maxMemory', 'innerMaxThreads'] as const),
];

const positive = (value: unknown): boolean => typeof value === 'number' && value > 0;
const isBytes = (value: unknown): boolean => positive(value) || (typeof value === 'string' && BYTES.test(value));
const BYTES = /^(\d+(?:\.\d+)?)([KMG])$/;
const BYTES_TEXT = "a number of bytes, or text like '512M'";

const CHECKS: readonly (readonly [keyof ContainerOptions, (value: unknown) => boolean, string])[] = [
  ['image', (value) => typeof value === 'string' && value !== '', 'the name of an image'],
  ['cpus', positive, 'a number above 0'],
  ['memory', isBytes, BYTES_TEXT],
  ['tmp', isBytes, BYTES_TEXT],
  ['maxPayload', isBytes, BYTES_TEXT],
  ['pids', (value) => Number.isInteger(value) && positive(value), 'a whole number above 0'],
  ['gpus', (value) => value === 'all' || Array.isArray(value) || positive(value), "a number, 'all' or a list of ids"],
  ['isolate', (value) => value === 'worker' || value === 'task', "'worker' or 'task'"],
  ['transport', (value) => value === 'attach' || value === 'store', "'attach' or 'store'"],
  ['expiresMs', positive, 'a number of milliseconds above 0'],
  ['silenceMs', positive, 'a number of milliseconds above 0'],
  ['engineWaitMs', (value) => value === 0 || positive(value), 'a number of milliseconds'],
];

/** @throws OptionError for what is wrong by itself, or does not go together */
export function checkContainerOptions(options: ContainerOptions): void {
  for (const [name, holds, expected] of CHECKS) {
    const value = options[name];
    if (value !== undefined && !holds(value))
      throw new OptionError(`The ${name} option of container must be ${expected}. Got ${String(value)}.`);
  }
  const { transport = 'attach', isolate, store, executor, image, initWorker, teardownWorker, maxMemory } = options;
  if (image === undefined && executor === undefined)
    throw new OptionError(
      "The container backend needs the option image, the name of one that holds Node and jobloom: buildWorkerImage({ tag: 'my-worker' }) makes it.",
    );
  if (transport === 'attach') {
    for (const name of ['store', 'executor', 'expiresMs', 'maxPayload'] as const)
      if (options[name] !== undefined)
        throw new OptionError(`The ${name} option of container goes with transport: 'store'.`);
    return;
  }
  if (store === undefined)
    throw new OptionError("transport: 'store' needs the option store: a folder, or 's3://bucket/prefix'.");
  if (isolate === 'worker')
    throw new OptionError("transport: 'store' runs each batch in a container of its own: isolate: 'task'.");
  if (initWorker !== undefined || teardownWorker !== undefined || maxMemory !== undefined)
    throw new OptionError("initWorker, teardownWorker and maxMemory need workers that stay: transport: 'attach'.");
}

/** '512M' as a number. */
export function bytesOfOption(value: Bytes): number {
  if (typeof value === 'number') return value;
  const [, number, unit = ''] = BYTES.exec(value) ?? [];
  return Math.floor(Number(number) * 1024 ** (' KMG'.indexOf(unit) || 0));
}
