import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Backend,
  ClosedError,
  checkBackend,
  defaultBackend,
  type OpenBackend,
  OptionError,
  openBackend,
} from '@jobloom/backends';
import { type BackendName, type BackendOptions, checkOptions, type ParallelOptions } from './options.ts';
import { describe } from './task.ts';
import { type WorkerOptionName, withoutWorkerOptions, workerOptions } from './worker-options.ts';

/** A backend that a scope names, opened at first use within it. */
export interface ScopedBackend {
  readonly open: () => Promise<Backend>;
}

/** What is in force where it is asked: inner scopes over outer ones. */
export interface Scope extends Omit<ParallelOptions, 'backend' | WorkerOptionName> {
  readonly backend?: ScopedBackend;
}

/** One storage a process, whichever copy of the package asks. */
const KEY = Symbol.for('jobloom.scope');
const holder = globalThis as { [KEY]?: AsyncLocalStorage<Scope> };
holder[KEY] ??= new AsyncLocalStorage<Scope>();
const storage: AsyncLocalStorage<Scope> = holder[KEY];

export function currentScope(): Scope {
  return storage.getStore() ?? {};
}

/**
 * Whether a scope around says where or on how many workers tasks run. Libraries that work in place by themselves, and in
 * parallel where the program wants it, ask this.
 */
export function hasActiveBackend(): boolean {
  const { backend, nJobs, prefer, require } = currentScope();
  return [backend, nJobs, prefer, require].some((said) => said !== undefined);
}

/** Runs `body` so that every runner made inside has these options where it says nothing itself. */
export async function parallelConfig<T>(options: ParallelOptions, body: () => T | Promise<T>): Promise<T> {
  checkOptions(options as Record<string, unknown>, 'parallelConfig');
  checkBody('parallelConfig', body);
  const { backend, ...others } = options;
  const workers = workerOptions(others);
  const rest = withoutWorkerOptions(defined(others));
  if (backend === undefined && Object.keys(workers).length === 0)
    return storage.run({ ...currentScope(), ...rest }, async () => body());
  const [option] = Object.keys(workers);
  if (option !== undefined && backend === undefined && currentScope().backend !== undefined) {
    throw new OptionError(
      `The ${option} option is about workers, which the backend of the scope around has already. Name a backend with it: { backend: 'processes', ${option}: … }.`,
    );
  }
  return withBackend(backend ?? options.prefer ?? defaultBackend(), workers, rest, body);
}

type Body<T> = () => T | Promise<T>;
type ScopeOptions = Pick<ParallelOptions, 'nJobs'>;

/**
 * Runs `body` so that every runner made inside uses this backend, unless it names one itself.
 * `'threads'` and `'processes'` are shared by the whole process; other named backends are opened at
 * first use and closed after `body`; an instance stays its owner's.
 * @throws UnknownBackendError | OptionError before `body` starts
 */
export function parallelBackend<T>(name: BackendName | Backend, body: Body<T>): Promise<T>;
export function parallelBackend<N extends keyof BackendOptions, T>(
  name: N,
  options: ScopeOptions & BackendOptions[N],
  body: Body<T>,
): Promise<T>;
export function parallelBackend<T>(backend: Backend, options: ScopeOptions, body: Body<T>): Promise<T>;
export function parallelBackend<N extends string, T>(
  name: N extends keyof BackendOptions ? never : N,
  options: ScopeOptions & Record<string, unknown>,
  body: Body<T>,
): Promise<T>;
export async function parallelBackend<T>(backend: BackendName | Backend, second: unknown, third?: Body<T>): Promise<T> {
  const body = (third ?? second) as Body<T>;
  checkBody('parallelBackend', body);
  const options = (third === undefined ? {} : (second ?? {})) as ScopeOptions & Record<string, unknown>;
  checkOptions({ backend, ...(options.nJobs !== undefined && { nJobs: options.nJobs }) }, 'parallelBackend');
  const { nJobs, ...own } = options;
  return withBackend(backend, own, defined({ nJobs }) as ScopeOptions, body);
}

async function withBackend<T>(
  backend: BackendName | Backend,
  own: Record<string, unknown>,
  rest: Omit<Scope, 'backend'>,
  body: Body<T>,
): Promise<T> {
  if (typeof backend === 'string') checkBackend(backend, own);
  else if (Object.keys(own).length > 0)
    throw new OptionError(
      `A backend that is given as an instance has its options already. Got ${Object.keys(own).join(', ')}.`,
    );
  let opened: Promise<OpenBackend> | undefined;
  let over = false;
  const open = async (): Promise<Backend> => {
    if (typeof backend !== 'string') return backend;
    if (over) throw new ClosedError(`the scope of the ${backend} backend`);
    opened ??= openBackend(backend, own);
    return (await opened).backend;
  };
  const close = async (): Promise<void> => {
    over = true;
    const used = await opened?.catch(() => undefined);
    if (used?.owned) await used.backend.close();
  };
  let result: T;
  try {
    result = await storage.run({ ...currentScope(), ...rest, backend: { open } }, async () => body());
  } catch (error) {
    await close().catch(() => undefined); // the body's error is the one to tell
    throw error;
  }
  await close();
  return result;
}

function checkBody(owner: string, body: unknown): void {
  if (typeof body !== 'function')
    throw new OptionError(`${owner} needs a function to run as its last argument. Got ${describe(body)}.`);
}

/** Without the properties that are undefined: they say nothing. */
export function defined<O extends object>(options: O): O {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as O;
}
