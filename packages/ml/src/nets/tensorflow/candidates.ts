import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { effectiveNJobs } from '@jobloom/parallel';
import type * as tfjs from '@tensorflow/tfjs';
import { completeUtil } from './complete-util.ts';
import { coreOf, loadedCores, severalCopies } from './copies-of-core.ts';

/** TensorFlow.js, as `import * as tf from '@tensorflow/tfjs'` gives it. */
export type Tensorflow = typeof tfjs;

/** Ways to run TensorFlow.js, the fastest first. */
export const CANDIDATES = ['tfjs-node-gpu', 'tfjs-node', 'wasm', 'cpu'] as const;

export type TensorflowName = (typeof CANDIDATES)[number];

const require = createRequire(import.meta.url);

/**
 * Loads TensorFlow.js with one of its backends, and makes it the backend of this thread.
 * @throws an Error whose message says why it can't be used here
 */
export async function loadCandidate(name: TensorflowName): Promise<Tensorflow> {
  const file = require.resolve('@tensorflow/tfjs');
  const main = coreOf(file);
  if (name === 'tfjs-node' || name === 'tfjs-node-gpu') return loadNative(name, file);
  refuseCopies([main, ...loadedCores()]);
  const tf = require('@tensorflow/tfjs') as Tensorflow;
  if (name === 'wasm') await loadWasm(main);
  else await start(tf, 'cpu');
  return tf;
}

async function loadWasm(main: ReturnType<typeof coreOf>): Promise<void> {
  const file = require.resolve('@tensorflow/tfjs-backend-wasm');
  refuseCopies([main, coreOf(file)]);
  const wasm = require('@tensorflow/tfjs-backend-wasm') as typeof import('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(dirname(file) + sep);
  wasm.setThreadsCount(await effectiveNJobs(-1));
  await start(require('@tensorflow/tfjs') as Tensorflow, 'wasm');
}

async function loadNative(name: 'tfjs-node' | 'tfjs-node-gpu', main: string): Promise<Tensorflow> {
  const { version } = packageOf(main);
  const file = resolved(`@tensorflow/${name}`);
  if (file === undefined) throw new Error(`it is not installed: npm install @tensorflow/${name}@${version}`);
  const own = packageOf(file);
  if (own.version !== version) {
    throw new Error(`it has version ${own.version}, and @tensorflow/tfjs ${version}: install the same of both`);
  }
  refuseCopies([coreOf(main), coreOf(file), ...loadedCores()]);
  if (!hasAddon(own.folder)) {
    throw new Error(
      `its native library is not there, because its install script did not run or could not fetch it: npm rebuild @tensorflow/${name}, with TFJS_NODE_BASE_URI where a mirror has it`,
    );
  }
  completeUtil(require('node:util') as Record<string, unknown>);
  limitThreads(await effectiveNJobs(-1));
  const tf = require(file) as Tensorflow;
  await start(tf, 'tensorflow');
  if (name === 'tfjs-node-gpu' && (tf.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice === false) {
    throw new Error('it finds no GPU that it can use');
  }
  return tf;
}

async function start(tf: Tensorflow, backend: string): Promise<void> {
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js could not start its backend '${backend}'`);
  if (backend === 'cpu') (tf.backend() as { firstUse?: boolean }).firstUse = false; // it would print that there are others
}

function refuseCopies(copies: Parameters<typeof severalCopies>[0]): void {
  const wrong = severalCopies(copies);
  if (wrong !== undefined) throw new Error(wrong);
}

function resolved(name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}

function packageOf(file: string): { folder: string; version: string } {
  let folder = dirname(file);
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return {
    folder,
    version: (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version,
  };
}

/** Loading the package to find out would register its kernels, for a backend that never comes. */
function hasAddon(folder: string): boolean {
  const places = existsSync(join(folder, 'lib')) ? readdirSync(join(folder, 'lib')) : [];
  return places.some((place) => existsSync(join(folder, 'lib', place, 'tfjs_binding.node')));
}

/** The native library reads these when it starts. What the user has set stays. */
function limitThreads(threads: number): void {
  for (const name of ['OMP_NUM_THREADS', 'TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS']) {
    process.env[name] ??= String(threads);
  }
}
