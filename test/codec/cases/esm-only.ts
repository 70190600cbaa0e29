import { createRequire } from 'node:module';
import { type Case, task } from './case.ts';
import type { EsmCase } from './format-cases.ts';

const awaited = await Promise.resolve(3);
const require = createRequire(import.meta.url);
const here = import.meta.url;

/** vitest puts modules into functions. */
const THIS =
  'task: an arrow function that uses `this` of the method around it. Put what it needs of `this` into variables first, or bind a function';
/** esbuild gives it another name, so that it is no longer the module's own. */
const RENAMED_BY_ESBUILD =
  'task -> require2: require is a function internal to Node (node:internal/modules/helpers). Make it in the task, from what the module exports';

/** What only ES modules have. */
export const esmOnly: Readonly<Record<EsmCase, Omit<Case, 'name'>>> = {
  'import.meta.url': task('', () => () => import.meta.url === here, true),
  'import.meta.dirname and filename': task(
    '',
    () => () => import.meta.filename?.startsWith(import.meta.dirname ?? '?'),
    true,
  ),
  'import.meta.resolve': task('', () => () => typeof import.meta.resolve('lodash'), 'string'),
  'top-level await': task('', () => () => awaited, 3),
  'require made by createRequire': task(
    '',
    () => () => (require('lodash') as { sum(all: number[]): number }).sum([1, 2]),
    3,
    {
      limits: {
        esm: RENAMED_BY_ESBUILD,
        tsx: RENAMED_BY_ESBUILD,
        bundle: RENAMED_BY_ESBUILD,
        minified: RENAMED_BY_ESBUILD,
      },
      renamed: ['require2'],
    },
  ),
  'this of a module': task('', () => () => typeof this, 'undefined', {
    limits: { 'vitest-threads': THIS, 'vitest-forks': THIS, 'vitest-vm': THIS },
  }),
};
