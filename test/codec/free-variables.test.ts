import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Comparison, compareFile } from './scopes/compare.ts';

const require = createRequire(import.meta.url);
const folderOf = (name: string): string => dirname(require.resolve(`${name}/package.json`));
const filesIn = (folder: string, pattern: RegExp): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => pattern.test(file))
    .sort()
    .map((file) => join(folder, file));

/** A package, and how much there is to compare at the least: its present numbers, rounded down. */
interface Package {
  readonly name: string;
  readonly isModule: boolean;
  readonly files: readonly string[];
  readonly functions: number;
  readonly names: number;
  readonly writes: number;
}

const PACKAGES: readonly Package[] = [
  {
    name: 'lodash',
    isModule: false,
    files: [join(folderOf('lodash'), 'lodash.js')],
    functions: 650,
    names: 2000,
    writes: 40,
  },
  {
    name: 'acorn',
    isModule: true,
    files: [join(folderOf('acorn'), 'dist/acorn.mjs')],
    functions: 300,
    names: 300,
    writes: 1,
  },
  {
    name: 'vitest',
    isModule: true,
    files: filesIn(join(folderOf('vitest'), 'dist'), /\.js$/),
    functions: 4000,
    names: 9000,
    writes: 300,
  },
  {
    name: 'mathjs',
    isModule: true,
    files: filesIn(join(folderOf('mathjs'), 'lib/esm'), /\.js$/),
    functions: 3000,
    names: 8000,
    writes: 60,
  },
  {
    name: 'zod',
    isModule: true,
    files: filesIn(folderOf('zod'), /^v4\/.*\.js$/),
    functions: 1900,
    names: 4000,
    writes: 30,
  },
];

/** Functions that no value of their own stands for, or that a capture refuses by name. */
const APART: ReadonlySet<string> = new Set([
  'a constructor: its value is the class',
  'an arrow that uses super of the method around it',
  'an arrow that uses new.target of the function around it',
  'it uses a private name of the class around it',
]);

const table: object[] = [];
afterAll(() => console.table(table));

describe('free variables agree with eslint-scope on every function of', () => {
  test.each(PACKAGES)(
    '$name',
    ({ name, files, isModule, ...floors }) => {
      const all = files.map((file) => compareFile(basename(file), readFileSync(file, 'utf8'), isModule));
      const sum = (part: (each: Comparison) => number): number => all.reduce((total, each) => total + part(each), 0);
      const apart = new Map<string, number>();
      for (const each of all)
        for (const [reason, count] of each.apart) apart.set(reason, (apart.get(reason) ?? 0) + count);
      const [functions, compared] = [sum((each) => each.functions), sum((each) => each.compared)];
      const [names, writes] = [sum((each) => each.names), sum((each) => each.writes)];
      table.push({ name, files: files.length, functions, compared, names, writes, ...Object.fromEntries(apart) });

      expect(all.flatMap(({ differences }) => differences)).toEqual([]);
      expect([...apart.keys()].filter((reason) => !APART.has(reason))).toEqual([]);
      expect(compared + [...apart.values()].reduce((a, b) => a + b, 0)).toBe(functions);
      expect(compared).toBeGreaterThanOrEqual(floors.functions);
      expect(names).toBeGreaterThanOrEqual(floors.names);
      expect(writes).toBeGreaterThanOrEqual(floors.writes);
    },
    60_000,
  );
});

describe('the comparison itself', () => {
  const source = [
    '#!/usr/bin/env node',
    "import x from 'y';",
    'export const f = (a) => a + x + b;',
    'export class C extends D { constructor() { super(); } static async *[k]() { yield z; } #p = () => this.#p; }',
    'export default function () { y = 1; const m = () => new.target; }',
    'export { f as g };',
  ].join('\n');

  test('reads whole modules, with a hashbang and exports, and counts every function', () => {
    const { functions, compared, names, writes, differences, apart } = compareFile('module', source, true);
    expect(differences).toEqual([]);
    expect([functions, compared, names, writes]).toEqual([7, 5, 2 + 3 + 2 + 0 + 1, 1]);
    expect([...apart].sort()).toEqual([
      ['a constructor: its value is the class', 1],
      ['an arrow that uses new.target of the function around it', 1],
    ]);
  });

  test('finds what eslint-scope has otherwise: functions in blocks of sloppy code', () => {
    const { differences } = compareFile('sloppy', 'var h = function () { { function g() {} } return g; };', false);
    expect(differences).toEqual(['sloppy:1 ours: ; eslint-scope: g; function () { { function g() {} } return g; }']);
  });
});
