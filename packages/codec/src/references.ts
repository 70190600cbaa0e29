import { types } from 'node:util';
import type { ModuleRef } from './frame.ts';
import { type FunctionInternals, hasInspector, inspector, type ScopeSnapshot } from './inspector.ts';
import { moduleRefOf } from './module-ref.ts';
import type { Import } from './module-syntax.ts';
import { fromRoot, isByReference, pathInPackage, pathOf, resolveBare } from './packages.ts';
import { syntaxOf } from './script-syntax.ts';
import type { Script } from './scripts.ts';

/** A value that the receiver gets from a module: the module, and the way from its namespace. */
export interface Reference {
  readonly module: ModuleRef;
  readonly path: readonly string[];
  /** The value is a variable of the module that is not exported; the path leads to a function that sees it. */
  readonly local?: string;
}

const known = new WeakMap<object, Reference>();
/** Modules whose exports were looked at for the present frame. */
const indexed = new Set<string>();
let cached = 0;
let cache: NodeJS.Require['cache'] | undefined;

/** CommonJS modules that are loaded, by file. */
function modules(): NodeJS.Require['cache'] {
  cache ??= process.getBuiltinModule('node:module').createRequire(import.meta.url).cache;
  return cache;
}

/** Keeps where a value came from, for when it is captured again. */
export function remember(value: unknown, reference: Reference): void {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return;
  if (known.has(value) && !attached.delete(value)) return;
  known.set(value, reference);
  if (typeof value !== 'function' || reference.local !== undefined) return;
  const prototype: unknown = Object.getOwnPropertyDescriptor(value, 'prototype')?.value;
  if (typeof prototype !== 'object' || prototype === null || known.has(prototype)) return;
  if (Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value === value) return;
  known.set(prototype, { module: reference.module, path: [...reference.path, 'prototype'] }); // of a class that hides behind this function
}

/** Makes a function known as an export of the module at a URL: it need not be searched for. */
export function rememberExport(value: object, url: string, name: string): void {
  remember(value, { module: moduleRefOf(url), path: [name] });
}

/** The modules of the user whose functions were captured for the present frame, with their variables. */
const users = new Map<Script, readonly ScopeSnapshot[]>();

/** Notes a module of the user's: what it imports tells where packages export what they hide elsewhere. */
export function noteUser(script: Script, scopes: readonly ScopeSnapshot[]): void {
  if (!users.has(script) && !isByReference(script.url)) users.set(script, scopes);
}

/** Learns what packages export through the imports of the user's modules. */
export function indexImports(): void {
  for (const [script, scopes] of users) {
    users.delete(script);
    for (const [local, found] of syntaxOf(script).imports) {
      const reference = importReference(found, script.url);
      if (reference === undefined) continue;
      const scope = scopes.find(({ object }) => Object.hasOwn(object, local));
      const value = scope === undefined ? loadedModule(reference) : unwrapped(valueIn(scope.object, local));
      rememberMembers(value, reference, 2);
    }
  }
}

/** The namespace of a module that the user's code has imported, where no scope shows it: functions see only the variables that they use. */
function loadedModule({ module, path }: Reference): unknown {
  const file = pathOf(module.url ?? '');
  if (path.length > 0 || file === undefined || modules()[file] !== undefined) return undefined; // CommonJS is known from its cache
  if (!required.has(file)) required.set(file, requireNow(file));
  return required.get(file);
}

/** ES modules that were asked for, each once. */
const required = new Map<string, unknown>();

function requireNow(file: string): unknown {
  try {
    return process.getBuiltinModule('node:module').createRequire(file)(file);
  } catch {
    return undefined; // it awaits at its top, or this Node cannot require modules
  }
}

/** vitest puts proxies around the namespaces of packages. */
function unwrapped(value: unknown): unknown {
  return types.isProxy(value) ? inspector().proxy(value as object).target : value;
}

function rememberMembers(value: unknown, reference: Reference, depth: number): void {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || types.isProxy(value)) return;
  remember(value, reference);
  if (depth === 0 || !(types.isModuleNamespaceObject(value) || Object.getPrototypeOf(value) === Object.prototype))
    return;
  for (const key of Object.getOwnPropertyNames(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (property !== undefined && 'value' in property)
      rememberMembers(property.value, { module: reference.module, path: [...reference.path, key] }, depth - 1);
  }
}

/** Members of functions that are exports, with the function: a plugin may have put them there. */
const attached = new WeakMap<object, object>();

/** Where a package exports this object or function, as far as this process has seen. */
export function referenceOf(value: object): Reference | undefined {
  const owner = attached.get(value);
  if (owner !== undefined) {
    attached.delete(value);
    if (hasInspector() && !types.isProxy(owner) && !types.isProxy(value)) {
      const home = inspector().scriptIdOf(value);
      if (home !== undefined && home !== inspector().scriptIdOf(owner)) known.delete(value);
    }
  }
  return known.get(value);
}

/** Where a function of a package's module can be had from there, if it can. */
export function exportOf(fn: object, internals: FunctionInternals, script: Script): Reference | undefined {
  const found = referenceOf(fn);
  if (found !== undefined) return found;
  indexImports();
  const { scopes = [] } = internals;
  indexModule(script, scopes);
  const exported = referenceOf(fn);
  if (exported !== undefined) return exported;
  for (const { description, object } of scopes) {
    if (description === 'Global') break;
    const own = Object.keys(object).find((local) => valueIn(object, local) === fn);
    const reference = own === undefined ? undefined : localOf(own, fn, script, scopes);
    if (reference !== undefined) return reference;
  }
  return undefined;
}

/** Learns what a module exports that a function of it was met. */
function indexModule(script: Script, scopes: readonly ScopeSnapshot[]): void {
  const scope = scopes.find(({ description }) => description === 'Module');
  if (scope === undefined || indexed.has(script.url)) return;
  indexed.add(script.url);
  const module = moduleRefOf(script.url);
  for (const [local, exported] of syntaxOf(script).exports) {
    const value = valueIn(scope.object, local);
    if (value !== undefined && value !== null) remember(value, { module, path: [exported] });
  }
}

/** An exported function of a module, with the variables that it sees. */
interface Anchor {
  readonly reference: Reference;
  readonly scopes: readonly ScopeSnapshot[];
}

const anchors = new Map<string, Anchor | undefined>();

/** A variable of a package's module that is not exported: an exported function of the module leads to it, if it sees the same. */
export function localOf(
  name: string,
  value: unknown,
  script: Script,
  around: readonly ScopeSnapshot[],
): Reference | undefined {
  if (!anchors.has(script.id)) anchors.set(script.id, anchorOf(script, around));
  const anchor = anchors.get(script.id);
  const scope = anchor?.scopes.find(
    ({ description, object }) => description !== 'Global' && Object.hasOwn(object, name),
  );
  if (anchor === undefined || scope === undefined || valueIn(scope.object, name) !== value) return undefined;
  return { ...anchor.reference, local: name };
}

function anchorOf(script: Script, around: readonly ScopeSnapshot[]): Anchor | undefined {
  for (const exports of [exportsSeen(script, around), exportsOf(script)]) {
    for (const { fn, module, path } of exports) {
      const { location, scopes = [] } = inspector().internals(fn);
      if (location?.scriptId === script.id) return { reference: { module, path }, scopes };
    }
  }
  return undefined;
}

/** Functions that an ES module exports, as one of its functions sees them: no loader needs to be asked, which might load a second copy. */
function* exportsSeen(
  script: Script,
  around: readonly ScopeSnapshot[],
): Generator<Reference & { readonly fn: object }> {
  const scope = around.find(({ description }) => description === 'Module');
  if (scope === undefined) return;
  const module = moduleRefOf(script.url);
  for (const [local, exported] of syntaxOf(script).exports) {
    const fn = valueIn(scope.object, local);
    if (typeof fn === 'function' && !types.isProxy(fn)) yield { module, path: [exported], fn };
  }
}

/** Functions that a module exports, as far as they are known. */
function* exportsOf(script: Script): Generator<Reference & { readonly fn: object }> {
  const module = moduleRefOf(script.url);
  const file = pathOf(script.url);
  const found: (Reference & { readonly fn: object })[] = [];
  const add = (fn: unknown, path: readonly string[]): void => {
    if (typeof fn === 'function' && !types.isProxy(fn)) found.push({ module, path, fn });
  };
  const required = file === undefined ? undefined : modules()[file];
  if (required !== undefined && !script.isModule) {
    const exports: unknown = required.exports;
    add(exports, ['default']);
    for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(exports ?? {}))) {
      add('value' in property ? property.value : getterValue(exports as object, property), ['default', key]);
    }
  } else if (script.isModule && file !== undefined) {
    const namespace = loadedModule({ module: { ...module, url: script.url }, path: [] });
    if (namespace !== undefined)
      for (const key of Object.keys(namespace as object))
        add(valueIn(namespace as Record<string, unknown>, key), [key]);
  }
  yield* found;
}

/** What the module of a function imports under this name, when that is a package's. */
export function importOf(name: string, script: Script): Reference | undefined {
  return script.isModule ? importedAs(name, script) : undefined;
}

/** The same for every script, with what vitest makes of imports. */
export function importedAs(name: string, script: Script): Reference | undefined {
  const found = syntaxOf(script).imports.get(name);
  return found && importReference(found, script.url);
}

function importReference({ specifier, imported }: Import, from: string): Reference | undefined {
  const path = imported === undefined ? [] : [imported];
  const file = specifier.startsWith('/') ? fromRoot(specifier) : pathOf(specifier);
  if (file !== undefined) return isByReference(file) ? { module: moduleRefOf(file), path } : undefined;
  const resolved = resolveBare(specifier, from);
  if (resolved !== undefined && !isByReference(resolved.url)) return undefined; // a linked workspace package of the user's
  if (resolved === undefined) return undefined;
  const { name, version } = resolved.package;
  return {
    module: { specifier, name, version, from, url: resolved.url, file: pathInPackage(resolved.package, resolved.url) },
    path,
  };
}

/** Begins a frame: learns what CommonJS packages export: their modules are all in one cache. */
export function refreshReferences(): void {
  indexed.clear();
  anchors.clear();
  users.clear();
  const cache = modules();
  const files = Object.keys(cache);
  if (files.length === cached) return;
  cached = files.length;
  for (const file of files) {
    const module = cache[file];
    if (module === undefined || !module.loaded || !isByReference(file)) continue;
    indexExports(module.exports, file);
  }
}

function indexExports(exports: unknown, file: string): void {
  if ((typeof exports !== 'object' && typeof exports !== 'function') || exports === null || known.has(exports)) return;
  if (types.isModuleNamespaceObject(exports)) return;
  const module = moduleRefOf(file);
  remember(exports, { module, path: ['default'] });
  for (const key of Object.getOwnPropertyNames(exports)) {
    const property = Object.getOwnPropertyDescriptor(exports, key);
    if (property === undefined || key === 'prototype') continue;
    const value: unknown = 'value' in property ? property.value : getterValue(exports, property);
    if (typeof value === 'function' || (typeof value === 'object' && value !== null && !Array.isArray(value))) {
      if (known.has(value)) continue;
      remember(value, { module, path: ['default', key] });
      if (typeof exports === 'function' && typeof value === 'function') attached.set(value, exports);
    }
  }
}

/** Compilers export through getters that only read a variable. */
function getterValue(exports: object, { get }: PropertyDescriptor): unknown {
  if (get === undefined || Function.prototype.toString.call(get).length > 200) return undefined;
  try {
    return get.call(exports);
  } catch {
    return undefined;
  }
}

function valueIn(scope: Readonly<Record<string, unknown>>, name: string): unknown {
  try {
    return scope[name];
  } catch {
    return undefined; // not initialised yet
  }
}
