import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData, type Problem } from '@arethetypeswrong/core';
import { transform } from 'esbuild';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../workspace/program.ts';
import { readmePrograms } from '../workspace/readme-programs.ts';
import { createScratch, type Scratch } from './scratch.ts';

const [[, source] = ['', '']] = readmePrograms();
const PRINTED = '78498\n';
/** A tool of the repository: the scratch folder has our packages only. */
const tool = (path: string): string => fileURLToPath(new URL(`node_modules/${path}`, root));

let scratch: Scratch;
beforeAll(async () => {
  scratch = await createScratch();
}, 300_000);
afterAll(() => scratch?.remove());

async function compiled(format: 'esm' | 'cjs'): Promise<string> {
  // CommonJS has no await at the top level.
  const body = format === 'esm' ? source : source.replace(/\n\n([\s\S]*)/, '\n\n(async () => {\n$1})();\n');
  return (await transform(body, { loader: 'ts', format, platform: 'node', target: 'node20' })).code;
}

describe('README’s program, with the packed packages installed by npm', () => {
  test('as an ES module', async () => {
    scratch.write('program.mjs', await compiled('esm'));
    expect((await scratch.run('node', 'program.mjs')).stdout).toBe(PRINTED);
  });

  test('through require()', async () => {
    const code = await compiled('cjs');
    expect(code).toContain('require("@jobloom/parallel")');
    scratch.write('program.cjs', code);
    expect((await scratch.run('node', 'program.cjs')).stdout).toBe(PRINTED);
  });

  test('as TypeScript, under tsx', async () => {
    scratch.write('program.ts', source);
    expect((await scratch.run('node', '--import', `file://${tool('tsx/dist/loader.mjs')}`, 'program.ts')).stdout).toBe(
      PRINTED,
    );
  });

  test.each(['esm', 'cjs'] as const)('as an esbuild bundle (%s, minified), packages external', async (format) => {
    scratch.write('entry.mjs', await compiled('esm'));
    const out = format === 'esm' ? 'bundle.mjs' : 'bundle.cjs';
    scratch.write(
      'entry.mjs',
      format === 'esm' ? await compiled('esm') : (await compiled('cjs')).replace(/^"use strict";\n/, ''),
    );
    const options = [
      '--bundle',
      '--minify',
      '--platform=node',
      '--packages=external',
      `--format=${format}`,
      `--outfile=${out}`,
    ];
    await scratch.run(tool('esbuild/bin/esbuild'), 'entry.mjs', ...options);
    expect((await scratch.run('node', out)).stdout).toBe(PRINTED);
  });

  test('the jobloom command is there', async () => {
    const { version } = JSON.parse(readFileSync(new URL('packages/parallel/package.json', root), 'utf8')) as {
      version: string;
    };
    expect((await scratch.run('npx', '--no-install', 'jobloom', '--version')).stdout).toBe(`${version}\n`);
  });
});

describe('types, as a consumer sees them', () => {
  const check = (file: string, text: string, ...more: string[]) => {
    scratch.write(file, text);
    const options = [
      '--noEmit',
      '--strict',
      '--target',
      'es2022',
      '--module',
      'nodenext',
      '--types',
      'node',
      '--typeRoots',
      tool('@types'),
    ];
    return scratch.run('node', tool('typescript/bin/tsc'), ...options, ...more, file);
  };

  test('README’s program compiles, and our own declarations with it', async () => {
    await check('readme.ts', `${source}\nexport {};\n`, '--skipLibCheck', 'false');
  });

  test('from CommonJS', async () => {
    await check(
      'common.cts',
      "import { delayed } from '@jobloom/parallel';\nexport const task = delayed((x: number) => x)(1);\n",
    );
  });

  test('a wrong argument does not compile, and results have their types', async () => {
    await check('types.ts', readFileSync(new URL('types.fixture.txt', import.meta.url), 'utf8'));
  });

  test('the check would find a mistake', async () => {
    await expect(
      check('mistake.ts', "import { delayed } from '@jobloom/parallel';\ndelayed((x: number) => x)('1');\n"),
    ).rejects.toThrow(/mistake\.ts\(2,27\): error TS2345/);
  });
});

describe('what is published', () => {
  test('at most 12 packages and 6 MB for @jobloom/parallel', () => {
    const modules = join(scratch.folder, 'node_modules');
    const lock = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')) as { packages: object };
    const files = readdirSync(modules, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const bytes = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
    expect(Object.keys(lock.packages).length).toBeLessThanOrEqual(12);
    expect(bytes).toBeLessThanOrEqual(6e6);
  });

  test('each package brings its licence and readme, and nothing it should not', async () => {
    for (const file of Object.values(scratch.tarballs)) {
      const { stdout } = await scratch.run('tar', '-tzf', file.replace('file:', ''));
      const names = stdout.trimEnd().split('\n');
      expect(names).toEqual(
        expect.arrayContaining(['package/LICENSE', 'package/README.md', 'package/dist/index.d.ts']),
      );
      expect(names.filter((name) => /tsbuildinfo|node_modules|\.test\./.test(name))).toEqual([]);
    }
  });

  test('publint and attw find nothing', async () => {
    expect(Object.keys(scratch.tarballs)).toHaveLength(6);
    for (const [name, file] of Object.entries(scratch.tarballs)) {
      const bytes = readFileSync(join(scratch.folder, file.replace('file:', '')));
      const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
      expect({ name, messages: (await publint({ pack: { tarball }, strict: true })).messages }).toEqual({
        name,
        messages: [],
      });
      const analysis = await checkPackage(createPackageFromTarballData(bytes));
      const problems =
        'problems' in analysis ? analysis.problems.filter((problem) => !isByDesign(problem)) : ['no types'];
      expect({ name, problems }).toEqual({ name, problems: [] });
    }
  });
});

/** ES modules only: require() takes them from Node 20.19 on, as is tested above, and Node 10's way is not supported. */
function isByDesign(problem: Problem): boolean {
  if (problem.kind === 'CJSResolvesToESM') return true;
  return problem.kind === 'NoResolution' && problem.resolutionKind === 'node10';
}
