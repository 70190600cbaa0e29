import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A package as found on disk. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly directory: string;
  readonly manifest: Manifest;
}

type Names = Readonly<Record<string, string>>;

/** What a package.json says that matters here. */
export interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly main?: string;
  readonly type?: string;
  readonly exports?: unknown;
  readonly dependencies?: Names;
  readonly optionalDependencies?: Names;
  readonly peerDependencies?: Names;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly bundleDependencies?: readonly string[] | boolean;
  readonly bundledDependencies?: readonly string[] | boolean;
  readonly scripts?: Names;
  readonly gypfile?: boolean;
  readonly os?: unknown;
  readonly cpu?: unknown;
  readonly libc?: unknown;
}

const byDirectory = new Map<string, Package | undefined>();
const prefixes: string[] = [];
const references = new Map<string, boolean>();

/**
 * Modules whose URL starts with `urlPrefix` travel by reference: workers import them instead of getting the code
 * of their functions. They must exist under the same URL wherever the tasks run.
 *
 * @example
 * registerByReference(new URL('./generated/', import.meta.url).href);
 */
export function registerByReference(urlPrefix: string): void {
  prefixes.push(urlPrefix);
  references.clear();
}

/** Whether code of this URL stays where it is and is loaded by the receiver: packages, jobloom itself, what was registered. */
export function isByReference(url: string): boolean {
  let answer = references.get(url);
  if (answer === undefined) {
    const isPackaged = url.includes('/node_modules/') || (packageOf(url)?.name.startsWith('@jobloom/') ?? false);
    answer = isPackaged || prefixes.some((prefix) => url.startsWith(prefix));
    references.set(url, answer);
  }
  return answer;
}

/** The package that a file belongs to: the nearest manifest above it that has a name. */
export function packageOf(url: string): Package | undefined {
  const path = pathOf(url);
  return path === undefined ? undefined : packageAbove(dirname(path));
}

/** File path of a `file:` URL or absolute path. */
export function pathOf(url: string): string | undefined {
  try {
    if (url.startsWith('file:')) return fileURLToPath(url.replace(/[?#].*$/s, ''));
  } catch {
    return undefined;
  }
  return url.startsWith('/') ? url : undefined;
}

function packageAbove(directory: string): Package | undefined {
  if (byDirectory.has(directory)) return byDirectory.get(directory);
  const manifest = readManifest(directory);
  const parent = dirname(directory);
  let found: Package | undefined;
  if (manifest?.name !== undefined)
    found = { name: manifest.name, version: manifest.version ?? '', directory, manifest };
  else if (parent !== directory) found = packageAbove(parent);
  byDirectory.set(directory, found);
  return found;
}

function readManifest(directory: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;
  } catch {
    return undefined;
  }
}

/** A module of a package, found. */
export interface ResolvedModule {
  readonly url: string;
  readonly package: Package;
}

/** Splits `@scope/name/sub/path`. Undefined for relative paths, URLs and `#imports`. */
export function splitSpecifier(specifier: string): { readonly name: string; readonly subpath: string } | undefined {
  const match = /^((?:@[^/\\%]+\/)?[^./\\%#:@][^/\\%:]*)(\/.*)?$/.exec(specifier);
  return match === null ? undefined : { name: match[1] as string, subpath: `.${match[2] ?? ''}` };
}

/** Finds an installed package from a directory upwards, as Node does. */
export function findPackage(name: string, from: string): Package | undefined {
  for (let at = from; ; at = dirname(at)) {
    const directory = join(at, 'node_modules', name);
    if (existsSync(join(directory, 'package.json'))) return packageAbove(realpathSync(directory));
    const own = packageAbove(at);
    if (own?.name === name && own.manifest.exports !== undefined) return own;
    if (dirname(at) === at) return undefined;
  }
}

/** Resolves a bare specifier as `import` in the module `from` would. */
export function resolveBare(specifier: string, from: string): ResolvedModule | undefined {
  const parts = splitSpecifier(specifier);
  const path = pathOf(from);
  if (parts === undefined || path === undefined) return undefined;
  const found = findPackage(parts.name, dirname(path));
  if (found === undefined) return undefined;
  const file = entryOf(found, parts.subpath);
  return file === undefined ? undefined : { url: pathToFileURL(file).href, package: found };
}

/** Path of a module inside its package, with forward slashes. */
export function pathInPackage(found: Package, url: string): string {
  const path = pathOf(url) as string;
  return relative(found.directory, path).split(sep).join('/');
}

const CONDITIONS: ReadonlySet<string> = new Set(['node', 'import', 'module-sync', 'node-addons', 'default']);

function entryOf({ directory, manifest }: Package, subpath: string): string | undefined {
  if (manifest.exports !== undefined && manifest.exports !== null) {
    const target = exportTarget(manifest.exports, subpath);
    return target === undefined ? undefined : realFile(join(directory, target));
  }
  if (subpath !== '.') return realFile(join(directory, subpath));
  return realFile(join(directory, manifest.main ?? 'index.js')) ?? realFile(join(directory, 'index.js'));
}

function exportTarget(exports: unknown, subpath: string): string | undefined {
  const isMap =
    typeof exports === 'object' &&
    exports !== null &&
    !Array.isArray(exports) &&
    Object.keys(exports).some((key) => key.startsWith('.'));
  const entries: Record<string, unknown> = isMap ? (exports as Record<string, unknown>) : { '.': exports };
  if (subpath in entries && !subpath.includes('*')) return conditional(entries[subpath], '');
  const patterns = Object.keys(entries).filter((key) => key.includes('*'));
  patterns.sort((a, b) => b.indexOf('*') - a.indexOf('*') || b.length - a.length);
  for (const pattern of patterns) {
    const [before = '', after = ''] = pattern.split('*');
    if (!subpath.startsWith(before) || !subpath.endsWith(after) || subpath.length < before.length + after.length)
      continue;
    return conditional(entries[pattern], subpath.slice(before.length, subpath.length - after.length));
  }
  return undefined;
}

function conditional(target: unknown, star: string): string | undefined {
  if (typeof target === 'string') return target.replaceAll('*', star);
  if (Array.isArray(target)) {
    for (const each of target) {
      const found = conditional(each, star);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (typeof target !== 'object' || target === null) return undefined;
  for (const [condition, value] of Object.entries(target)) {
    if (!CONDITIONS.has(condition)) continue;
    const found = conditional(value, star);
    if (found !== undefined) return found;
  }
  return undefined;
}

function realFile(path: string): string | undefined {
  for (const each of [path, `${path}.js`, `${path}.json`, `${path}.cjs`, join(path, 'index.js')]) {
    if (statSync(each, { throwIfNoEntry: false })?.isFile()) return realpathSync(each);
  }
  return undefined;
}

/** vitest names files of the project by their path from its root. */
export function fromRoot(path: string): string {
  const plain = path.replace(/^\/@fs/, '');
  const inProject = join(process.cwd(), plain);
  return existsSync(plain) || !existsSync(inProject) ? plain : inProject;
}
