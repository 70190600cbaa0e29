import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';

const CORE = '@tensorflow/tfjs-core';

/** A copy of tfjs-core on disk. */
export interface CoreCopy {
  readonly folder: string;
  readonly version: string;
}

/** The copy that a package, or a file of one, would load. Undefined where it would load none. */
export function coreOf(file: string): CoreCopy | undefined {
  try {
    return copyAt(createRequire(file).resolve(CORE));
  } catch {
    return undefined;
  }
}

/** Copies that this thread has loaded. Two of them don't know each other's tensors, gradients and kernels. */
export function loadedCores(): CoreCopy[] {
  const mark = `${sep}${join('@tensorflow', 'tfjs-core', 'dist', 'tf-core.')}`;
  const folders = new Map<string, CoreCopy>();
  for (const file of Object.keys(createRequire(import.meta.url).cache)) {
    if (!file.includes(mark)) continue;
    const copy = copyAt(file);
    folders.set(copy.folder, copy);
  }
  return [...folders.values()];
}

/** What is wrong with these copies, if anything. */
export function severalCopies(copies: readonly (CoreCopy | undefined)[]): string | undefined {
  const distinct = new Map(copies.flatMap((copy) => (copy === undefined ? [] : [[copy.folder, copy]])));
  if (distinct.size < 2) return undefined;
  const list = [...distinct.values()].map(({ version, folder }) => `${version} in ${folder}`).join(' and ');
  return `there would be several copies of ${CORE}, which don't know each other's tensors: ${list}. Install the same version of all TensorFlow.js packages`;
}

function copyAt(file: string): CoreCopy {
  let folder = dirname(realpathSync(file));
  while (!folder.endsWith(join('@tensorflow', 'tfjs-core'))) folder = dirname(folder);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return { folder, version };
}
