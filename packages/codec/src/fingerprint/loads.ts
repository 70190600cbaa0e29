import { isBuiltin } from 'node:module';
import { IMPORT } from '../function-source.ts';

const LOADERS: readonly (readonly [name: string, shown: string])[] = [
  [IMPORT, 'import'],
  ['__vite_ssr_dynamic_import__', 'import'],
  ['require', 'require'],
];

/** Modules that a function loads while it runs, as `import('./x.js')`; Node's own are left out. */
export function loadsOf(text: string, names: readonly string[]): readonly string[] {
  return LOADERS.flatMap(([name, shown]) => {
    if (!names.includes(name)) return [];
    const calls = text.matchAll(
      new RegExp(`(?<![\\w$.])${name.replace('$', '\\$')}\\(\\s*(?:(["'\`])([^"'\`$]*)\\1)?`, 'g'),
    );
    return [...calls].flatMap(([, , specifier]) => {
      if (specifier === undefined) return [`${shown}()`];
      return isBuiltin(specifier) ? [] : [`${shown}('${specifier}')`];
    });
  });
}
