import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type CodeHeader, codeText } from '../codes.ts';
import { loadsOf } from '../fingerprint/loads.ts';
import type { ModuleRef } from '../frame.ts';
import { isByReference, packageOf, pathInPackage, pathOf, resolveBare, splitSpecifier } from '../packages.ts';

const known = new Map<string, readonly ModuleRef[]>();

/** Modules of packages that a code names in `import('…')` and `require('…')`; names that are computed are out of sight. */
export function namedModules(hash: string): readonly ModuleRef[] {
  let modules = known.get(hash);
  if (modules === undefined) {
    modules = find(codeText(hash));
    known.set(hash, modules);
  }
  return modules;
}

function find(text: string): readonly ModuleRef[] {
  const end = text.indexOf('\n');
  const { free, url } = JSON.parse(text.slice(0, end)) as CodeHeader;
  const base = pathOf(url) ?? join(process.cwd(), 'index.js');
  const modules = new Map<string, ModuleRef>();
  for (const shown of loadsOf(text.slice(end + 1), free)) {
    const [, load, specifier = ''] = /^(import|require)\('(.*)'\)$/s.exec(shown) ?? [];
    const found = load === undefined ? undefined : resolve(load, specifier, base);
    const own = found === undefined ? undefined : packageOf(found);
    if (found === undefined || own === undefined || !isByReference(found)) continue;
    modules.set(shown, {
      specifier,
      name: own.name,
      version: own.version,
      from: url,
      url: found,
      file: pathInPackage(own, found),
      load: load as 'import' | 'require',
    });
  }
  return [...modules.values()];
}

function resolve(load: string, specifier: string, base: string): string | undefined {
  if (splitSpecifier(specifier) === undefined) return undefined;
  if (load === 'import') return resolveBare(specifier, base)?.url;
  try {
    return pathToFileURL(process.getBuiltinModule('node:module').createRequire(base).resolve(specifier)).href;
  } catch {
    return undefined; // not here either: the code says so where it runs
  }
}
