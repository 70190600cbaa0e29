import { builtinModules } from 'node:module';
import { types } from 'node:util';

/** A value that one of Node's modules exports: the module, and the way to the value from its default export. */
export interface BuiltinPath {
  readonly specifier: string;
  readonly path: readonly string[];
}

const known = new Map<unknown, BuiltinPath>();
const indexed = new Set<string>();
let length = -1;

/** Where Node exports this value, if it does: as of the last refresh. */
export function builtinPath(value: object): BuiltinPath | undefined {
  return known.get(value);
}

/** Whether a module of Node's, under its name with `node:`, runs in this process. */
export function isLoadedBuiltin(specifier: string): boolean {
  refreshBuiltins();
  return specifier.startsWith('node:') && indexed.has(specifier.slice(5));
}

/**
 * The value at a path.
 * @param plainly no getter is called
 * @throws TypeError when this runtime has no such module or export
 */
export function builtinAt({ specifier, path }: BuiltinPath, plainly = false): unknown {
  let at: unknown = process.getBuiltinModule(specifier);
  if (at === undefined) throw new TypeError(`Node ${process.version} has no module ${specifier}`);
  for (const step of path) at = plainly ? ownValue(at, step) : (at as Record<string, unknown> | undefined)?.[step];
  if (at === undefined) throw new TypeError(`${specifier} of Node ${process.version} has no ${path.join('.')}`);
  return at;
}

function ownValue(holder: unknown, key: string): unknown {
  return holder === null || holder === undefined ? undefined : Object.getOwnPropertyDescriptor(holder, key)?.value;
}

/** Learns what modules export that were loaded since. */
export function refreshBuiltins(): void {
  const list = (process as unknown as { moduleLoadList?: readonly string[] }).moduleLoadList ?? [];
  if (list.length === length) return;
  length = list.length;
  const loaded = new Set(list);
  for (const name of builtinModules) {
    if (name.startsWith('_') || indexed.has(name) || !loaded.has(`NativeModule ${name}`)) continue;
    indexed.add(name);
    const specifier = `node:${name}`;
    const exports: unknown = process.getBuiltinModule(specifier);
    add(exports, { specifier, path: [] }, 2);
  }
}

function add(value: unknown, at: BuiltinPath, depth: number): void {
  const isFunction = typeof value === 'function';
  if ((!isFunction && typeof value !== 'object') || value === null) return;
  const before = known.get(value);
  if (before === undefined || at.path.length < before.path.length) known.set(value, at);
  if (depth === 0 || (before !== undefined && before.path.length === 0)) return;
  for (const key of Object.getOwnPropertyNames(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (property === undefined || !('value' in property)) continue;
    const nested: unknown = property.value;
    if (typeof nested === 'function' || (depth > 1 && isContainer(nested)))
      add(nested, { specifier: at.specifier, path: [...at.path, key] }, depth - 1);
    else if (key === 'prototype') known.set(nested, { specifier: at.specifier, path: [...at.path, key] });
  }
}

/** An object that groups exports, `fs.promises` say. */
function isContainer(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !types.isProxy(value);
}
