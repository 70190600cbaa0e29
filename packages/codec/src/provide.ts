import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ModuleRef } from './frame.ts';
import { findPackage, fromRoot, pathOf, resolveBare, splitSpecifier } from './packages.ts';
import { namedFile } from './ship/shipped-modules.ts';

/**
 * What a name of captured code stands for that the receiver makes itself: `require`, `import()`, `import.meta`,
 * under the names that compilers give them. They resolve from the file that the code is from, where it exists,
 * else from the directory in which the receiver runs. Undefined for any other name.
 * @param modules of the frame that the code came in: packages that it names may have come along
 */
export function provide(name: string, url: string, modules: readonly ModuleRef[]): unknown {
  switch (name) {
    case 'require':
      return requireFrom(url, modules);
    case '$jobloomMeta':
    case '__vite_ssr_import_meta__':
      return metaOf(url);
    case '$jobloomImport':
    case '__vite_ssr_dynamic_import__':
      return (specifier: unknown): Promise<unknown> => importFrom(String(specifier), url, modules);
    default:
      return undefined;
  }
}

function hereUrl(): string {
  return pathToFileURL(join(process.cwd(), 'index.js')).href;
}

/** The file itself where it exists here, else a place in the working directory. */
function baseOf(url: string): string {
  const path = pathOf(url);
  return path !== undefined && existsSync(dirname(path)) ? pathToFileURL(path).href : hereUrl();
}

function requireFrom(url: string, modules: readonly ModuleRef[]): NodeJS.Require {
  const { createRequire } = process.getBuiltinModule('node:module');
  const first = createRequire(baseOf(url));
  const second = createRequire(hereUrl());
  const attempt = <T>(from: (require: NodeJS.Require) => T): T => {
    try {
      return from(first);
    } catch (error) {
      if ((error as { code?: string }).code !== 'MODULE_NOT_FOUND') throw error;
      return from(second);
    }
  };
  const file = (id: string): string => namedFile(modules, 'require', url, id) ?? id;
  const require = (id: string): unknown => attempt((from) => from(file(id)));
  return Object.assign(require, first, {
    resolve: Object.assign((id: string) => attempt((from) => from.resolve(file(id))), first.resolve),
  });
}

interface Meta {
  readonly url: string;
  readonly filename: string | undefined;
  readonly dirname: string | undefined;
  resolve(specifier: string): string;
}

function metaOf(url: string): Meta {
  const filename = pathOf(url);
  return {
    url: filename === undefined ? url : pathToFileURL(filename).href,
    filename,
    dirname: filename === undefined ? undefined : dirname(filename),
    resolve: (specifier) => resolveFrom(specifier, url),
  };
}

function importFrom(specifier: string, url: string, modules: readonly ModuleRef[]): Promise<unknown> {
  const file = namedFile(modules, 'import', url, specifier);
  return import(file === undefined ? resolveFrom(specifier, url) : pathToFileURL(file).href);
}

/** URL of what a specifier means in a module. */
function resolveFrom(specifier: string, url: string): string {
  if (/^(?:node|data|file):/.test(specifier)) return specifier;
  if (specifier.startsWith('/')) return pathToFileURL(fromRoot(specifier)).href;
  if (specifier.startsWith('.')) return new URL(specifier, baseOf(url)).href;
  for (const base of [baseOf(url), hereUrl()]) {
    const resolved = resolveBare(specifier, base);
    if (resolved !== undefined) return resolved.url;
  }
  const parts = splitSpecifier(specifier);
  const found = parts && findPackage(parts.name, process.cwd());
  if (parts !== undefined && found === undefined && !isBuiltin(specifier)) {
    throw Object.assign(
      new Error(
        `package ${parts.name} is not installed where this worker runs (${process.cwd()}): ${url} imports ${JSON.stringify(specifier)}`,
      ),
      {
        code: 'ERR_MODULE_NOT_FOUND',
      },
    );
  }
  return specifier;
}

function isBuiltin(specifier: string): boolean {
  return process.getBuiltinModule('node:module').isBuiltin(specifier);
}
