// Compiles products.c to WebAssembly and writes the bytes into a module. Needs clang and lld (Debian: clang lld).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = mkdtempSync(join(tmpdir(), 'jobloom-products-'));
const made = join(folder, 'products.wasm');
const options = [
  '--target=wasm32',
  '-O3',
  '-ffp-contract=off',
  '-nostdlib',
  '-fno-builtin',
  '-msimd128',
  '-Wl,--no-entry,--import-memory,--strip-all',
];
execFileSync('clang', [...options, '-o', made, fileURLToPath(new URL('products.c', import.meta.url))], {
  stdio: 'inherit',
});
const text = readFileSync(made)
  .toString('base64')
  .match(/.{1,100}/g)
  .map((line) => `  '${line}',`)
  .join('\n');
writeFileSync(
  new URL('../../src/linear/product-kernels.ts', import.meta.url),
  `/** What native/products/build.mjs made of products.c: WebAssembly, as base64. */\nexport const PRODUCT_KERNELS: string = [\n${text}\n].join('');\n`,
);
rmSync(folder, { recursive: true });
