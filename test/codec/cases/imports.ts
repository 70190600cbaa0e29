import fs, { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import * as os from 'node:os';
import { basename } from 'node:path';
import lodash from 'lodash';
import { type Exceptions, type Section, section, task, WEAK_MAP_INSIDE } from './case.ts';
import * as lib from './lib.ts';
import makeCounter, { Account, helper, setTally, shapes, tally } from './lib.ts';

const account = new Account(5);
let reassigned = 1;
reassigned = 2;
/** In vmThreads vitest gives modules a `createRequire` of its own. */
const VITESTS_REQUIRE =
  'task -> __vite_ssr_import_2__.createRequire -> executor -> .requireJs: an arrow function that uses `this` of the method around it. Put what it needs of `this` into variables first, or bind a function';
const TYPESCRIPT = 'Node 20 in the worker loads no TypeScript; from 22.18 on it does';
const NO_TYPESCRIPT: Exceptions['notIn'] = (process.features as { readonly typescript?: unknown }).typescript
  ? {}
  : { tsx: TYPESCRIPT, 'vitest-threads': TYPESCRIPT, 'vitest-forks': TYPESCRIPT, 'vitest-vm': TYPESCRIPT };
const { join } = process.getBuiltinModule('node:path');

export const imports: Section = section('imports and modules', [
  task('named import of a function', () => () => helper(40), 41),
  task(
    'default import of a function',
    () => () => {
      const next = makeCounter();
      next();
      return next();
    },
    2,
  ),
  task('namespace import, only what is used of it', () => () => [lib.helper(1), lib.shapes.square(2)], [2, 4]),
  task(
    'namespace import as a value',
    () => () => {
      const all: Record<string, unknown> = { ...lib };
      return Object.keys(all).sort();
    },
    ['Account', 'default', 'helper', 'setTally', 'shapes', 'tally'],
  ),
  task('an imported function as the task', () => helper, 41, { args: [40] }),
  task('class of another module', () => () => new Account(2).add(3).balance, 5),
  task('instance of another module’s class', () => () => [account.add(1).balance, account instanceof Account], [
    6,
    true,
  ]),
  task('object of functions of another module', () => () => shapes.square(3), 9),
  task(
    'live binding, as it is when captured',
    () => {
      setTally(5);
      return () => tally;
    },
    5,
    { notIn: { cjs: 'require gives a copy of the value: CommonJS has no live bindings' } },
  ),
  task(
    'live binding through the namespace',
    () => {
      setTally(6);
      return () => lib.tally;
    },
    6,
    { notIn: { cjs: 'exports.tally is a copy of the value: CommonJS has no live bindings' } },
  ),
  task('a variable of the module, reassigned', () => () => reassigned, 2),
  task(
    'node: default, named and namespace import',
    () => () => [fs.existsSync('/'), existsSync('/'), basename('/a/b'), os.EOL, typeof readFile],
    [true, true, 'b', '\n', 'function'],
  ),
  task('node: from process.getBuiltinModule', () => () => join('a', 'b'), 'a/b'),
  task('node: createRequire', () => () => createRequire('/')('node:path').basename('/x/y') as string, 'y', {
    limits: { 'vitest-vm': VITESTS_REQUIRE },
  }),
  task('package, default import', () => () => lodash.sum([1, 2, 3]), 6, WEAK_MAP_INSIDE),
  task('a function of a package as the task', () => lodash.sum, 6, { args: [[1, 2, 3]] }),
  task(
    'a function of a package is that package’s own there',
    () => {
      const { sum } = lodash;
      return () => lodash.sum === sum;
    },
    true,
    WEAK_MAP_INSIDE,
  ),
  task('import() of a package', () => async () => (await import('dayjs')).default('2020-06-01T00:00:00Z').year(), 2020),
  task('import() of node:', () => async () => (await import('node:path')).basename('/x/y'), 'y'),
  task('import() of a file beside', () => async () => (await import('./lib.ts')).helper(1), 2, {
    notIn: NO_TYPESCRIPT,
  }),
]);
