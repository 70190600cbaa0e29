import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Folders outside of the repository: one that has packages, one that has jobloom's own and no others. */
export interface Folders {
  readonly home: string;
  readonly worker: string;
  /** Where packages are kept that came. */
  readonly cache: string;
  /** Runs a program in one of the folders. Never rejects. */
  run(folder: string, args: readonly string[], env?: Record<string, string>): Promise<Ended>;
  remove(): void;
}

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | string | null;
  readonly signal: string | null;
}

/** What each of our packages needs to run, without the native part of msgpackr. */
const OURS = {
  codec: ['meriyah'],
  stores: [],
  backends: ['msgpackr', 'workerpool'],
  parallel: [],
} as const;

export function makeFolders(): Folders {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'jobloom-ship-')));
  const [home, worker, cache] = ['home', 'worker', 'cache'].map((name) => join(base, name)) as [string, string, string];
  for (const folder of [home, worker]) copyOurs(join(folder, 'node_modules'));
  mkdirSync(cache);
  return {
    home,
    worker,
    cache,
    run: (cwd, args, env = {}) =>
      new Promise((resolve) => {
        const all = { ...process.env, NODE_OPTIONS: '', NODE_NO_WARNINGS: '1', JOBLOOM_PACKAGE_CACHE: cache, ...env };
        execFile(process.execPath, args, { cwd, env: all, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
          const { code = null, signal = null } = (error ?? {}) as { code?: number; signal?: string };
          resolve({ stdout, stderr, code, signal });
        });
      }),
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}

function copyOurs(modules: string): void {
  for (const [name, dependencies] of Object.entries(OURS)) {
    const from = join(ROOT, 'packages', name);
    const to = join(modules, '@jobloom', name);
    mkdirSync(to, { recursive: true });
    for (const part of ['package.json', 'dist']) cpSync(join(from, part), join(to, part), { recursive: true });
    for (const dependency of dependencies)
      copy(realpathSync(join(from, 'node_modules', dependency)), modules, dependency);
  }
}

/** Copies an installed package, and where asked for all that it depends on. */
export function copyInstalled(name: string, folder: string, withDependencies = false): void {
  copyAll(realpathSync(join(ROOT, 'node_modules', name)), join(folder, 'node_modules'), name, withDependencies);
}

function copyAll(from: string, modules: string, name: string, withDependencies: boolean): void {
  if (existsSync(join(modules, name))) return;
  copy(from, modules, name);
  if (!withDependencies) return;
  const { dependencies = {} } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
  const beside = from.slice(0, -name.length); // pnpm keeps them there
  for (const each of Object.keys(dependencies)) copyAll(realpathSync(join(beside, each)), modules, each, true);
}

function copy(from: string, modules: string, name: string): void {
  const to = join(modules, name);
  if (!existsSync(to)) cpSync(from, to, { recursive: true, filter: (path) => !path.endsWith('.map') });
}

/** Makes a package, ES modules unless its manifest says otherwise. */
export function makePackage(directory: string, manifest: object, files: Readonly<Record<string, string>>): void {
  const all = { 'package.json': JSON.stringify({ version: '1.0.0', type: 'module', ...manifest }), ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
}
