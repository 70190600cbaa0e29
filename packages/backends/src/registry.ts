import type { Backend } from './backend.ts';
import { CONTAINER_OPTIONS } from './container/container-options.ts';
import { OptionError, UnknownBackendError } from './errors.ts';
import type { GrpcOptions } from './grpc/options.ts';
import type { PoolBackendOptions } from './pool/backend.ts';
import { holder } from './task/current-task.ts';

/** Makes a backend from the options that its user gave. */
export type BackendFactory = (options: never) => Backend | Promise<Backend>;

export interface Registration {
  /** Use it where no backend is named. */
  readonly makeDefault?: boolean;
  /** Names of the options that the factory knows; others are refused. Left out: the factory checks for itself. */
  readonly options?: readonly string[];
  /** One instance for the whole process, which closes by being idle; otherwise each scope opens and closes its own. */
  readonly shared?: boolean;
}

interface Entry extends Registration {
  readonly factory: BackendFactory;
}

const entries = new Map<string, Entry>();
const sharedInstances = new Map<string, Promise<Backend>>();
let defaultName = 'threads';

const POOL_OPTIONS: readonly (keyof PoolBackendOptions)[] = [
  'idleMs',
  'heapMb',
  'initWorker',
  'teardownWorker',
  'recycleAfter',
  'maxMemory',
  'innerMaxThreads',
];
const GRPC_OPTIONS: readonly (keyof GrpcOptions)[] = [
  ...POOL_OPTIONS,
  'workers',
  'registry',
  'source',
  'provider',
  'advertise',
  'requires',
  'lostAfter',
  'clientLostAfter',
  'token',
  'tokenFile',
  'tls',
  'insecure',
  'waitForWorkers',
  'minWorkers',
  'packages',
];
register('sequential', async (options) => (await import('./sequential/index.ts')).createSequential(options), {
  options: ['isolate'],
  shared: true,
});
register('threads', async (options) => (await import('./threads/index.ts')).createThreads(options), {
  options: POOL_OPTIONS,
  shared: true,
});
register('processes', async (options) => (await import('./processes/index.ts')).createProcesses(options), {
  options: POOL_OPTIONS,
  shared: true,
});
register('grpc', async (options) => (await import('./grpc/index.ts')).createGrpc(options), { options: GRPC_OPTIONS });

register('container', async (options) => (await import('./container/index.ts')).container(options), {
  options: CONTAINER_OPTIONS,
});

function register(name: string, factory: BackendFactory, registration: Registration): void {
  entries.set(name, { ...registration, factory });
}

/**
 * Makes a backend known under a name, for `parallelBackend(name, …)` and the `backend` option.
 * A name that exists is replaced for whoever opens it from now on.
 * @throws OptionError for a name that is no non-empty string, or a factory that is no function
 */
export function registerParallelBackend(name: string, factory: BackendFactory, registration: Registration = {}): void {
  if (typeof name !== 'string' || name === '')
    throw new OptionError(`The name of a backend must be a non-empty string. Got ${String(name)}.`);
  if (typeof factory !== 'function')
    throw new OptionError(
      `The factory of backend ${name} must be a function (options) => Backend. Got ${typeof factory}.`,
    );
  for (const key of [...sharedInstances.keys()]) if (key.startsWith(`${name} `)) sharedInstances.delete(key);
  register(name, factory, registration);
  if (registration.makeDefault) defaultName = name;
}

const IN_WORKER = Symbol.for('jobloom.worker');
const globals = globalThis as { [IN_WORKER]?: 'thread' | 'process' };

/** Called once in each worker. */
export function markWorker(kind: 'thread' | 'process'): void {
  globals[IN_WORKER] = kind;
}

/**
 * Name of the backend that is used where none is named. Inside the workers that the program started, threads where
 * these are processes with CPUs to spare; further in, in place: joblib's rule, within the CPUs that there are.
 */
export function defaultBackend(): string {
  if (globals[IN_WORKER] === undefined) return defaultName;
  const { level = 1, slots = 1 } = holder.worker ?? {};
  return globals[IN_WORKER] === 'process' && level === 1 && slots > 1 ? 'threads' : 'sequential';
}

/** Names of all registered backends, in the order of registration. */
export function backendNames(): string[] {
  return [...entries.keys()];
}

/** A backend, and whether whoever opened it must close it. */
export interface OpenBackend {
  readonly backend: Backend;
  readonly owned: boolean;
}

/** @throws UnknownBackendError | OptionError when there is no such backend, or not with these options */
export function checkBackend(name: string, options: Readonly<Record<string, unknown>> = {}): void {
  const entry = entries.get(name);
  if (entry === undefined) throw new UnknownBackendError(name, backendNames());
  if (entry.options === undefined) return;
  for (const option of Object.keys(options)) {
    if (!entry.options.includes(option)) {
      throw new OptionError(
        `The ${name} backend has no option ${JSON.stringify(option)}. It knows: ${entry.options.join(', ')}.`,
      );
    }
  }
}

/** Opens the backend registered under `name`. @throws UnknownBackendError | OptionError */
export async function openBackend(name: string, options: Readonly<Record<string, unknown>> = {}): Promise<OpenBackend> {
  checkBackend(name, options);
  const { factory, shared } = entries.get(name) as Entry;
  const create = async (): Promise<Backend> => factory(options as never);
  const own = Object.values(options).some((value) => typeof value === 'function');
  if (!shared || own) return { backend: await create(), owned: true };
  const key = `${name} ${JSON.stringify(Object.entries(options).sort())}`;
  let instance = sharedInstances.get(key);
  if (instance === undefined) {
    instance = create();
    sharedInstances.set(key, instance);
    instance.catch(() => sharedInstances.delete(key));
  }
  return { backend: await instance, owned: false };
}
