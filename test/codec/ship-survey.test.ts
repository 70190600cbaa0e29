import { mkdtempSync, realpathSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { registerByReference, Session } from '@jobloom/codec';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Package, packageOf } from '../../packages/codec/src/packages.ts';
import { closureOf } from '../../packages/codec/src/ship/package-graph.ts';
import { surveyAll } from '../../packages/codec/src/ship/survey.ts';
import { makePackage } from './ship-folders.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'jobloom-survey-')));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A package as installed in a folder. */
function installed(name: string, at: string): Package {
  return packageOf(pathToFileURL(join(realpathSync(join(at, 'node_modules', name)), 'package.json')).href) as Package;
}

/** Names of what goes along with a package, or why it does not. */
function shipped(name: string, at: string): readonly string[] | string {
  const survey = surveyAll(installed(name, at));
  if ('problem' in survey) return survey.problem;
  return closureOf(survey.graph, 0).map((found) => found.name);
}

const at = (name: string): string => join(folder, 'node_modules', name);

test('dependencies are found where pnpm puts them', () => {
  const [first, ...others] = shipped('mathjs', ROOT) as string[];
  expect([first, others.sort()]).toEqual([
    'mathjs',
    [
      '@babel/runtime',
      'complex.js',
      'decimal.js',
      'escape-latex',
      'fraction.js',
      'javascript-natural-sort',
      'seedrandom',
      'tiny-emitter',
      'typed-function',
    ],
  ]);
});

test('an optional dependency with native code stays behind', () => {
  expect(shipped('msgpackr', join(ROOT, 'packages', 'backends'))).toEqual(['msgpackr']);
});

test('what needs native code deep down says which package it is', () => {
  expect(shipped('esbuild', ROOT)).toBe('it runs a script when it is installed (postinstall)');
  expect(shipped('tsx', ROOT)).toMatch(
    /^it depends on esbuild [\d.]+, which cannot be shipped: it runs a script when it is installed \(postinstall\)$/,
  );
});

test('peers that are there go along, also optional ones; types and what is missing do not', () => {
  const dependencies = { '@types/x': '1', gone: '1' };
  const peers = {
    peerDependencies: { peer: '1', 'optional-peer': '1' },
    peerDependenciesMeta: { 'optional-peer': { optional: true } },
  };
  makePackage(at('host'), { name: 'host', dependencies, ...peers }, { 'index.js': '' });
  for (const name of ['peer', 'optional-peer', '@types/x']) makePackage(at(name), { name }, { 'index.js': '' });
  expect(shipped('host', folder)).toEqual(['host', 'optional-peer', 'peer']);
});

test('sizes beyond the limits are told', () => {
  makePackage(at('huge'), { name: 'huge' }, { 'data.bin': '' });
  truncateSync(join(at('huge'), 'data.bin'), 65 * 2 ** 20);
  expect(shipped('huge', folder)).toBe('it has 65.0 MB of files, more than 64.0 MB');
  const parts = ['part-1', 'part-2', 'part-3'];
  for (const name of parts) {
    makePackage(at(name), { name }, { 'data.bin': '' });
    truncateSync(join(at(name), 'data.bin'), 44 * 2 ** 20);
  }
  makePackage(at('sum'), { name: 'sum', dependencies: Object.fromEntries(parts.map((name) => [name, '1'])) }, {});
  expect(shipped('sum', folder)).toBe('it has 132.0 MB of files with all that it depends on, more than 128.0 MB');
});

test('folders of the user never go along', () => {
  const project = join(folder, 'project');
  makePackage(project, { name: 'project' }, { 'code.cjs': 'exports.run = () => 1;', '.env': 'SECRET=1' });
  const file = join(project, 'code.cjs');
  registerByReference(pathToFileURL(file).href);
  registerByReference(file); // CommonJS code is known by its path
  const { run } = createRequire(import.meta.url)(file) as { run: () => number };
  const { modules } = new Session({ packages: 'ship' }).encode({ run }, ['value']);
  expect(modules.map(({ name, shipped: id, unshipped }) => [name, id, unshipped])).toEqual([
    ['project', undefined, undefined],
  ]);
  makePackage(at('linker'), { name: 'linker', dependencies: { project: '1' } }, {});
  symlinkSync(project, at('project'));
  expect(shipped('linker', folder)).toBe(
    `it depends on project 1.0.0, which cannot be shipped: it is not installed, but a link to ${project}`,
  );
});
