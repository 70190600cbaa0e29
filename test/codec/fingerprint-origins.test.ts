import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Fingerprint } from '@jobloom/codec';
import { type BuildOptions, build } from 'esbuild';
import { afterAll, describe, expect, test } from 'vitest';

const run = promisify(execFile);
const SOURCES = fileURLToPath(new URL('./fixtures/fingerprint-origins/', import.meta.url));
const PEER = fileURLToPath(new URL('./fixtures/probe-peer.mjs', import.meta.url));
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(fileURLToPath(new URL('./.origins-', import.meta.url)));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the program prints of a case: the fingerprint as taken in a thread, and here. */
interface Line {
  readonly name: string;
  readonly there?: Fingerprint;
  readonly here?: Fingerprint;
  readonly failed?: string;
}

async function tsc(name: string, module: 'NodeNext' | 'CommonJS'): Promise<string> {
  const out = join(folder, name);
  cpSync(SOURCES, out, { recursive: true });
  const compilerOptions = {
    target: 'ES2022',
    module,
    moduleResolution: module === 'NodeNext' ? 'NodeNext' : 'bundler',
    outDir: 'out',
    esModuleInterop: true,
    rewriteRelativeImportExtensions: true,
    skipLibCheck: true,
    noCheck: true,
    types: [],
  };
  writeFileSync(join(out, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  writeFileSync(join(out, 'package.json'), JSON.stringify({ type: module === 'NodeNext' ? 'module' : 'commonjs' }));
  await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', out], { cwd: ROOT });
  return join(out, 'out', 'fingerprints.js');
}

async function bundle(name: string, options: BuildOptions): Promise<string> {
  const outfile = join(folder, name);
  await build({
    entryPoints: [join(SOURCES, 'fingerprints.ts')],
    bundle: true,
    platform: 'node',
    target: 'node20',
    packages: 'external',
    outfile,
    logLevel: 'silent',
    ...options,
  });
  return outfile;
}

const origins: readonly (readonly [name: string, make: () => Promise<readonly string[]>])[] = [
  ['tsc, ES modules', async () => [await tsc('esm', 'NodeNext')]],
  ['tsc, CommonJS', async () => [await tsc('cjs', 'CommonJS')]],
  ['tsx', async () => ['--import', import.meta.resolve('tsx'), join(SOURCES, 'fingerprints.ts')]],
  ['an esbuild bundle', async () => [await bundle('bundle.mjs', { format: 'esm' })]],
  ['an esbuild bundle, CommonJS', async () => [await bundle('bundle.cjs', { format: 'cjs' })]],
  ['an esbuild bundle, minified', async () => [await bundle('minified.mjs', { format: 'esm', minify: true })]],
];

describe.concurrent.each(origins)('code from %s', (origin, make) => {
  test('has one fingerprint, here and in a thread', { timeout: 120_000 }, async () => {
    const args = await make();
    const runs: Line[][] = [];
    for (let at = 0; at < (origin === 'an esbuild bundle' ? 2 : 1); at += 1) {
      const env = { ...process.env, PEER, NODE_OPTIONS: '' };
      const { stdout } = await run(process.execPath, [...args], { cwd: ROOT, env, maxBuffer: 1e8 });
      const [head = '', ...lines] = stdout.trim().split('\n');
      expect(lines.length).toBe((JSON.parse(head) as { count: number }).count);
      runs.push(lines.map((line) => JSON.parse(line) as Line));
    }
    const [first = [], second = first] = runs;
    for (const [at, { name, here, there, failed }] of first.entries()) {
      expect({ name, failed, id: there?.id }).toEqual({ name, failed: undefined, id: here?.id });
      expect({ name, id: second[at]?.here?.id }).toEqual({ name, id: here?.id });
    }
  });
});
