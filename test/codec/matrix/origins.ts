import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BuildOptions, build } from 'esbuild';
import type { Origin } from '../cases/case.ts';
import { plainSource } from './plain-source.ts';

const run = promisify(execFile);
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SOURCES = fileURLToPath(new URL('../cases/', import.meta.url));

/** A way from the cases' sources to what Node runs. */
export interface OriginSpec {
  readonly name: Origin;
  /** How it is called in words. */
  readonly title: string;
  /** Makes the program, and gives Node's arguments. */
  readonly make: (folder: string) => readonly string[] | Promise<readonly string[]>;
  /** First Node that has it. */
  readonly since?: readonly [major: number, minor: number];
  /** Options of Node's own, by its major. */
  readonly flags?: (major: number) => readonly string[];
  /** It runs cases of its own, and stands in a table of its own. */
  readonly apart?: true;
}

/** All origins; each builds into a folder of its own. */
export const ORIGINS: readonly OriginSpec[] = [
  { name: 'esm', title: 'plain ES modules', make: (folder) => plain(folder, 'esm') },
  { name: 'cjs', title: 'plain CommonJS', make: (folder) => plain(folder, 'cjs') },
  { name: 'tsc-esm', title: 'tsc, ES modules', make: (folder) => tsc(folder, 'NodeNext') },
  { name: 'tsc-cjs', title: 'tsc, CommonJS', make: (folder) => tsc(folder, 'CommonJS') },
  { name: 'tsx', title: 'tsx', make: () => ['--import', import.meta.resolve('tsx'), join(SOURCES, 'main-esm.ts')] },
  { name: 'strip', title: 'Node strips types', make: () => [join(SOURCES, 'main-esm.ts')], since: [22, 18] },
  { name: 'vitest-threads', title: 'vitest, threads', make: () => vitest('threads') },
  { name: 'vitest-forks', title: 'vitest, forks', make: () => vitest('forks') },
  { name: 'vitest-vm', title: 'vitest, vmThreads', make: () => vitest('vmThreads') },
  { name: 'bundle', title: 'esbuild bundle, ES module', make: (folder) => bundle(folder, 'esm') },
  { name: 'bundle-cjs', title: 'esbuild bundle, CommonJS', make: (folder) => bundle(folder, 'cjs') },
  {
    name: 'minified',
    title: 'esbuild bundle, minified, with lodash, dayjs and immutable inside',
    make: (folder) => bundle(folder, 'esm', { minify: true, packages: 'bundle', external: OUTSIDE, banner: REQUIRE }),
  },
  {
    name: 'permission',
    title: 'plain ES modules, node --permission: without an inspector',
    make: async (folder) => [(await plain(folder, 'esm'))[0]?.replace('main-esm', 'main-permission') as string],
    flags: (major) => [major === 20 ? '--experimental-permission' : '--permission', ...ALLOWED, ...network(major)],
    apart: true,
  },
];

const ALLOWED = ['--allow-fs-read=*', '--allow-fs-write=*', '--allow-worker', '--allow-child-process'];

/** Worker processes are reached over a local socket, which later Nodes count as network. */
const network = (major: number): readonly string[] => (major > 24 ? ['--allow-net'] : []);

/** Too large, or bound to their place: they stay packages. */
const OUTSIDE = ['@jobloom/*', 'mathjs', 'zod'];
/** CommonJS inside an ES module asks for Node's modules by `require`. */
const REQUIRE = { js: "import{createRequire as $require}from'node:module';var require=$require(import.meta.url);" };

function sources(): readonly string[] {
  return readdirSync(SOURCES).filter((file) => /\.(?:ts|cjs)$/.test(file));
}

const foreign = (format: 'esm' | 'cjs'): RegExp => (format === 'esm' ? /cjs-only|main-cjs/ : /esm-only|main-esm/);

async function plain(folder: string, format: 'esm' | 'cjs'): Promise<readonly string[]> {
  for (const file of sources().filter((each) => !foreign(format).test(each))) {
    if (file.endsWith('.cjs')) copyFileSync(join(SOURCES, file), join(folder, file));
    else {
      const text = await plainSource(readFileSync(join(SOURCES, file), 'utf8'), format);
      writeFileSync(join(folder, file.replace(/\.ts$/, format === 'esm' ? '.mjs' : '.cjs')), text);
    }
  }
  return [join(folder, format === 'esm' ? 'main-esm.mjs' : 'main-cjs.cjs')];
}

async function tsc(folder: string, module: 'NodeNext' | 'CommonJS'): Promise<readonly string[]> {
  const format = module === 'NodeNext' ? 'esm' : 'cjs';
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
  mkdirSync(join(folder, 'out'));
  for (const file of sources().filter((each) => !foreign(format).test(each)))
    copyFileSync(join(SOURCES, file), join(folder, file.endsWith('.cjs') ? 'out' : '', file));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: format === 'esm' ? 'module' : 'commonjs' }));
  await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder], { cwd: ROOT });
  return [join(folder, 'out', `main-${format}.js`)];
}

function vitest(pool: string): readonly string[] {
  const config = join(ROOT, 'test/codec/matrix/vitest.config.ts');
  return [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--config', config, `--pool=${pool}`];
}

async function bundle(
  folder: string,
  format: 'esm' | 'cjs',
  options: BuildOptions = { packages: 'external' },
): Promise<readonly string[]> {
  const outfile = join(folder, format === 'esm' ? 'bundle.mjs' : 'bundle.cjs');
  await build({
    entryPoints: [join(SOURCES, `main-${format}.ts`)],
    bundle: true,
    platform: 'node',
    format,
    target: 'node20',
    outfile,
    logLevel: 'silent',
    ...options,
  });
  return [outfile];
}
