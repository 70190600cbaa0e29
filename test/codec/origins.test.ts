import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BuildOptions, build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const run = promisify(execFile);
const SOURCES = fileURLToPath(new URL('./fixtures/origin/', import.meta.url));
const PEER = fileURLToPath(new URL('./fixtures/probe-peer.mjs', import.meta.url));
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What the probe prints of a case. */
interface Line {
  readonly name: string;
  readonly got?: unknown;
  readonly expected: unknown;
  readonly failed?: string;
}

let folder: string;

/** Compiles the sources with tsc into a folder of their own. */
async function tsc(name: string, module: 'NodeNext' | 'CommonJS'): Promise<string> {
  const out = join(folder, name);
  mkdirSync(out);
  const options = {
    compilerOptions: {
      target: 'ES2022',
      module,
      moduleResolution: module === 'NodeNext' ? 'NodeNext' : 'bundler',
      outDir: 'out',
      esModuleInterop: true,
      rewriteRelativeImportExtensions: true,
      skipLibCheck: true,
      noCheck: true,
      types: [],
    },
    include: ['*.ts'],
  };
  for (const file of readdirSync(SOURCES)) copyFileSync(join(SOURCES, file), join(out, file));
  writeFileSync(join(out, 'tsconfig.json'), JSON.stringify(options));
  writeFileSync(join(out, 'package.json'), JSON.stringify({ type: module === 'NodeNext' ? 'module' : 'commonjs' }));
  await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', out], { cwd: ROOT });
  return join(out, 'out', 'main.js');
}

async function bundle(name: string, options: BuildOptions): Promise<string> {
  const outfile = join(folder, name);
  await build({
    entryPoints: [join(SOURCES, 'main.ts')],
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
  ['tsx', async () => ['--import', import.meta.resolve('tsx'), join(SOURCES, 'main.ts')]],
  ['an esbuild bundle', async () => [await bundle('bundle.mjs', { format: 'esm' })]],
  ['an esbuild bundle, CommonJS', async () => [await bundle('bundle.cjs', { format: 'cjs' })]],
  ['an esbuild bundle, minified', async () => [await bundle('minified.mjs', { format: 'esm', minify: true })]],
];

beforeAll(() => {
  folder = mkdtempSync(fileURLToPath(new URL('./.origins-', import.meta.url)));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(['threads', 'forks', 'vmThreads'])('code in vitest, pool %s', (pool) => {
  test('closures travel', { timeout: 120_000 }, async () => {
    const args = [
      join(ROOT, 'node_modules/vitest/vitest.mjs'),
      'run',
      `--pool=${pool}`,
      '--reporter=json',
      'test/codec/functions.test.ts',
    ];
    const { stdout } = await run(process.execPath, args, { cwd: ROOT, env: { ...process.env, NODE_OPTIONS: '' } });
    const report = JSON.parse(stdout.slice(stdout.indexOf('{'))) as { numPassedTests: number; numTotalTests: number };
    expect(report.numTotalTests).toBeGreaterThan(20);
    expect(report.numPassedTests).toBe(report.numTotalTests);
  });
});

/** Cases that an origin cannot do yet, and what is said instead. */
const LIMITS = [{ origin: 'tsx', name: 'zod schema', failed: /a WeakMap cannot be sent/ }];

describe.each(origins)('code from %s', (origin, make) => {
  test('closures travel', { timeout: 120_000 }, async () => {
    const args = await make();
    const { stdout } = await run(process.execPath, [...args], {
      cwd: ROOT,
      env: { ...process.env, PEER, NODE_OPTIONS: '' },
    });
    const [head = '', ...lines] = stdout.trim().split('\n');
    expect(lines.length).toBe((JSON.parse(head) as { count: number }).count);
    for (const line of lines) {
      const { name, got, expected, failed } = JSON.parse(line) as Line;
      const limit = LIMITS.find((each) => each.origin === origin && each.name === name);
      if (limit !== undefined) {
        console.log(`a known limit, code from ${origin}, ${name}: ${failed}`);
        expect(failed).toMatch(limit.failed); // refused in words, never wrong
        continue;
      }
      expect({ name, got, failed }).toEqual({ name, got: expected, failed: undefined });
    }
  });
});
