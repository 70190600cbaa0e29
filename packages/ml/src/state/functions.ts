import { StateError } from '../base/errors.ts';

const KEY = Symbol.for('jobloom.ml.functions');

/** Shared by all copies of the package in the process. */
function registry(): Map<string, (...args: never[]) => unknown> {
  const holder = globalThis as { [KEY]?: Map<string, (...args: never[]) => unknown> };
  holder[KEY] ??= new Map();
  return holder[KEY];
}

/** Names a function, so that states can hold parameters that are this function. They hold the name, never code. */
export function registerFunction(name: string, fn: (...args: never[]) => unknown): void {
  registry().set(name, fn);
}

/** The name under which a function was registered. */
export function nameOfFunction(fn: unknown): string | undefined {
  for (const [name, each] of registry()) if (each === fn) return name;
  return undefined;
}

/** @throws StateError where no function has this name */
export function functionNamed(name: string): (...args: never[]) => unknown {
  const fn = registry().get(name);
  if (fn !== undefined) return fn;
  throw new StateError(
    `no function is registered under the name '${name}'. Call registerFunction('${name}', fn) first.`,
  );
}
