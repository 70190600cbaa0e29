import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import type { ModuleRef } from './frame.ts';
import { hasInspector, inspector } from './inspector.ts';
import { findPackage, type Package, packageOf, pathOf, resolveBare } from './packages.ts';
import { remember } from './references.ts';
import type { GetParcel } from './ship/arrival.ts';
import { prepareNamed, urlAtHome, urlInPlace, urlOfShipped } from './ship/shipped-modules.ts';

type Namespace = Readonly<Record<string, unknown>>;

const loaded = new Map<string, Namespace>();

/**
 * Imports modules, each once.
 * @param get brings packages that go along and are not here
 * @throws TypeError that names what is missing, or here in another version
 */
export async function loadModules(modules: readonly ModuleRef[], get?: GetParcel): Promise<void> {
  await Promise.all(
    modules.map((module) => (module.load === undefined ? loadModule(module, get) : prepareNamed(module, get))),
  );
}

async function loadModule(module: ModuleRef, get: GetParcel | undefined): Promise<void> {
  const key = moduleKey(module);
  if (loaded.has(key)) return;
  const found = urlInPlace(module) ?? locate(module);
  if (typeof found !== 'string' && module.shipped === undefined) throw new TypeError(found.missing);
  const url = typeof found === 'string' ? found : await urlOfShipped(module.shipped as string, get);
  try {
    loaded.set(key, (await import(url)) as Namespace);
  } catch (cause) {
    throw new TypeError(`module ${named(module)} cannot be loaded in ${process.cwd()}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/**
 * The same for modules that this process has loaded already, at once.
 * @throws TypeError for a module that cannot be had without waiting
 */
export function loadModulesNow(modules: readonly ModuleRef[]): void {
  const { createRequire } = process.getBuiltinModule('node:module');
  for (const module of modules) {
    const key = moduleKey(module);
    const url = urlAtHome(module) ?? module.url;
    const file = url === undefined ? undefined : pathOf(url);
    if (loaded.has(key) || module.load !== undefined || module.specifier.startsWith('node:')) continue;
    try {
      const exports: unknown = createRequire(file as string)(file as string);
      const isNamespace = types.isModuleNamespaceObject(exports);
      loaded.set(key, (isNamespace ? exports : { ...(exports as object), default: exports }) as Namespace);
    } catch (cause) {
      throw new TypeError(`module ${named(module)} cannot be had without waiting`, { cause });
    }
  }
}

/**
 * What a module exports at a path; its value is known from now on as coming from there.
 * @param own each step must be a property of the value's own, none that it inherits
 */
export function moduleValue(module: ModuleRef, path: readonly string[], own = false): unknown {
  const namespace = loaded.get(moduleKey(module)) ?? builtinNamespace(module);
  if (namespace === undefined)
    throw new TypeError(`module ${named(module)} is not loaded: load(frame.modules) comes before decode`);
  let value = valueAt(namespace, path, own);
  // of CommonJS modules, loaders other than Node's name exports that Node does not find in the source
  if (value === undefined && path[0] !== 'default') value = valueAt(namespace, ['default', ...path], own);
  if (value === undefined && path.length > 0)
    throw new TypeError(`module ${named(module)} has no export ${path.join('.')}`);
  remember(value, { module, path });
  return value;
}

function valueAt(from: unknown, path: readonly string[], own: boolean): unknown {
  let value = from;
  for (const step of path) {
    const isThere = value !== null && value !== undefined && (!own || Object.hasOwn(value as object, step));
    value = isThere ? (value as Record<string, unknown>)[step] : undefined;
  }
  return value;
}

/** A variable that a module does not export, as a function of its at a path sees it. */
export function moduleLocal(module: ModuleRef, path: readonly string[], name: string): unknown {
  const anchor = moduleValue(module, path) as object;
  if (!hasInspector())
    throw new TypeError(
      `${name} of module ${named(module)} is not exported, and this process has no inspector to reach it with`,
    );
  const { scopes = [] } = inspector().internals(anchor);
  const scope = scopes.find(({ description, object }) => description !== 'Global' && Object.hasOwn(object, name));
  if (scope === undefined) throw new TypeError(`module ${named(module)} has no variable ${name}`);
  const value = scope.object[name];
  remember(value, { module, path, local: name });
  return value;
}

function builtinNamespace({ specifier }: ModuleRef): Namespace | undefined {
  const exports: unknown = specifier.startsWith('node:') ? process.getBuiltinModule(specifier) : undefined;
  return exports === undefined ? undefined : { ...(exports as object), default: exports };
}

/** The same for references to one module. */
export function moduleKey({ specifier, from, url, shipped, load }: ModuleRef): string {
  return `${specifier}\n${shipped ?? url ?? from}${load === undefined ? '' : ` ${load}`}`;
}

function named({ specifier, name, version }: ModuleRef): string {
  return name === undefined || name === '' ? specifier : `${specifier} (${name} ${version})`;
}

/** Where a module is to be imported from: the sender's own place, else the package as found from the user's module or from here; or what is missing. */
function locate(module: ModuleRef): string | { readonly missing: string } {
  const { specifier, name, version, from, file, unshipped } = module;
  if (specifier.startsWith('node:')) return specifier;
  const atHome = urlAtHome(module);
  if (atHome !== undefined) return atHome;
  const { url } = module;
  const here = url === undefined ? undefined : pathOf(url);
  const isHere = here !== undefined && existsSync(here);
  if (name === undefined || name === '') {
    if (isHere) return url as string;
    return { missing: `module ${specifier} does not exist in this worker` };
  }
  if (isHere && packageOf(url as string)?.version === version) return url as string;
  const base = pathToFileURL(join(process.cwd(), 'index.js')).href;
  let other: Package | undefined;
  for (const start of from === undefined ? [base] : [from, base]) {
    const found = findFrom(name, start);
    if (found === undefined) continue;
    if (found.version !== version) {
      other = found;
      continue;
    }
    const inside = file === undefined ? undefined : join(found.directory, file);
    if (inside !== undefined && existsSync(inside)) return pathToFileURL(inside).href;
    const resolved = resolveBare(specifier, start);
    if (resolved !== undefined) return resolved.url;
  }
  const alone = unshipped === undefined ? '' : ` It cannot be shipped: ${unshipped}.`;
  if (other !== undefined)
    return {
      missing: `the caller uses ${name} ${version}, this worker has ${name} ${other.version} (${other.directory}).${alone} Install the same version at both ends`,
    };
  return {
    missing: `package ${name} ${version}, which the caller uses, is not installed where this worker runs (${process.cwd()}).${alone} Install it there: npm install ${name}@${version}`,
  };
}

function findFrom(name: string, start: string): Package | undefined {
  const path = pathOf(start);
  return path === undefined ? undefined : findPackage(name, join(path, '..'));
}
