import { AsyncLocalStorage } from 'node:async_hooks';
import { OptionError } from '@jobloom/backends';
import { registerType } from '@jobloom/codec';
import { describe } from './task.ts';

/** A context that goes with tasks: a storage, whose value at the call is there in its tasks, or the two halves by hand. */
export type ContextRegistration<T = unknown> =
  | { readonly name: string; readonly storage: AsyncLocalStorage<T> }
  | {
      readonly name: string;
      /** Called where tasks are given to a runner; what it gives travels. */
      readonly capture: () => T;
      /** Called in the worker, around each task: runs `run` within the context, and gives what it gave. */
      readonly restore: <R>(value: T, run: () => R) => R;
    };

type Restore = (value: unknown, run: () => unknown) => unknown;

interface Entry {
  readonly capture: () => unknown;
  readonly restore: Restore;
}

const KEY = Symbol.for('jobloom.contexts');
interface Holder {
  readonly entries: Map<string, Entry>;
  readonly storages: Map<string, AsyncLocalStorage<unknown>>;
}
const globals = globalThis as { [KEY]?: Holder };
globals[KEY] ??= { entries: new Map(), storages: new Map() };
const { entries, storages } = globals[KEY];

/**
 * From now on the context goes with every task: what `storage.getStore()` gave where the tasks were given to the
 * runner, it gives in the tasks, on every backend. The value must be able to travel. A name that is
 * registered already is replaced.
 *
 * @example
 * registerContext({ name: 'request', storage: requestStorage });
 * @throws OptionError for a registration that is not complete
 */
export function registerContext<T>(registration: ContextRegistration<T>): void {
  const { name } = registration ?? {};
  if (typeof name !== 'string' || name === '')
    throw new OptionError(`The name of a context must be a non-empty string. Got ${describe(name)}.`);
  if ('storage' in registration) {
    const { storage } = registration;
    if (!(storage instanceof AsyncLocalStorage))
      throw new OptionError(`The storage of context ${name} must be an AsyncLocalStorage. Got ${describe(storage)}.`);
    storages.set(name, storage as AsyncLocalStorage<unknown>);
    registerType({
      name: `jobloom.context:${name}`,
      match: (value) => value === storage,
      encode: () => name,
      decode: (known: unknown) => contextStorage(known as string),
    });
    entries.set(name, {
      capture: () => storage.getStore(),
      restore: (value, run) => contextStorage(name).run(value, run),
    });
    return;
  }
  const { capture, restore } = registration;
  if (typeof capture !== 'function' || typeof restore !== 'function')
    throw new OptionError(`The context ${name} needs a storage, or both capture and restore as functions.`);
  entries.set(name, { capture, restore: restore as Restore });
}

/** The storage that stands for a registered context in this thread or process. */
export function contextStorage(name: string): AsyncLocalStorage<unknown> {
  let storage = storages.get(name);
  if (storage === undefined) {
    storage = new AsyncLocalStorage();
    storages.set(name, storage);
  }
  return storage;
}

/** A function that runs a call within the contexts that are in force now; undefined when there are none. It can travel. */
export function contextsNow(): ((call: () => unknown) => unknown) | undefined {
  let around: ((call: () => unknown) => unknown) | undefined;
  for (const { capture, restore } of entries.values()) {
    const value = capture();
    if (value === undefined) continue;
    around = within(around, restore, value);
  }
  return around;
}

function within(
  outer: ((call: () => unknown) => unknown) | undefined,
  restore: Restore,
  value: unknown,
): (call: () => unknown) => unknown {
  if (outer === undefined) return (call) => restore(value, call);
  return (call) => outer(() => restore(value, call));
}
