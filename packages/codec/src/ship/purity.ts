import type { Manifest } from '../packages.ts';

const SCRIPTS = ['preinstall', 'install', 'postinstall'] as const;

/** Why a package is more than the JavaScript in its files, as the end of a sentence about it; undefined when it is not. */
export function impurity(manifest: Manifest, files: readonly string[]): string | undefined {
  const native = files.find((file) => file.endsWith('.node'));
  if (native !== undefined) return `it has native code (${native})`;
  if (files.includes('binding.gyp') || manifest.gypfile === true) return 'native code is built when it is installed';
  const script = SCRIPTS.find((name) => manifest.scripts?.[name] !== undefined);
  if (script !== undefined) return `it runs a script when it is installed (${script})`;
  const field = (['os', 'cpu', 'libc'] as const).find((name) => manifest[name] !== undefined);
  return field === undefined ? undefined : `it is for certain systems only (${field} in its package.json)`;
}
