import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, sep } from 'node:path';
import { root } from './steps.mjs';

/** Packages that every worker loads, with entries besides those that `exports` names. */
const PACKAGES = { codec: [], backends: [], parallel: ['./dist/cli/main.js'] };

/**
 * Puts the modules of a package into a few files, as they ship: `build` is what the compiler makes of each module,
 * `dist` what is loaded. A hundred small files take a worker three times as long to load as one.
 */
export async function bundle() {
  const { build } = await import('esbuild');
  for (const [name, more] of Object.entries(PACKAGES)) {
    const folder = join(root, 'packages', name);
    const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const entries = Object.values(exports).map((each) => each.default ?? each);
    const files = [...entries, ...more].filter((file) => file.endsWith('.js'));
    const { metafile } = await build({
      metafile: true,
      absWorkingDir: folder,
      entryPoints: files.map((file) => file.replace('./dist/', './build/')),
      outdir: 'dist',
      outbase: 'build',
      chunkNames: 'chunks/[name]-[hash]',
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      packages: 'external',
      logLevel: 'error',
    });
    for (const file of readdirSync(join(folder, 'dist'), { recursive: true }))
      if (file.endsWith('.js') && !(`dist/${file.split(sep).join('/')}` in metafile.outputs))
        rmSync(join(folder, 'dist', file));
  }
}
export const setup = bundle;
