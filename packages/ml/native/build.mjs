// Compiles the kernels and writes src/numerics/kernels-bytes.ts: `node packages/ml/native/build.mjs`.
// It takes clang and wasm-ld (Debian: clang, lld). The file's test makes sure that sources and bytes belong together.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';

const folder = fileURLToPath(new URL('.', import.meta.url));
const target = fileURLToPath(new URL('../src/numerics/kernels-bytes.ts', import.meta.url));
// No contraction and no relaxed operations: results are the same on every machine.
const COMPILE =
  '--target=wasm32 -O2 -fno-unroll-loops -msimd128 -mbulk-memory -matomics -ffreestanding -fno-builtin -ffp-contract=off -nostdlib -Wall -Wextra -Werror';
const LINK =
  '--no-entry --import-memory --shared-memory --max-memory=4294967296 --stack-first -zstack-size=16384 --strip-all';

/** Hash of the sources and of how they are compiled. */
export function sourceHash() {
  const hash = createHash('sha256').update(COMPILE).update(LINK);
  for (const file of readdirSync(folder).sort())
    if (/\.[ch]$/.test(file)) hash.update(file).update(readFileSync(join(folder, file)));
  return hash.digest('hex');
}

/** First line of `clang --version`, or undefined where there is none. */
export function compiler() {
  try {
    return execFileSync('clang', ['--version'], { encoding: 'utf8' }).split('\n')[0];
  } catch {
    return undefined;
  }
}

export function compile() {
  const out = mkdtempSync(join(tmpdir(), 'kernels-'));
  try {
    const file = join(out, 'kernels.wasm');
    const link = LINK.split(' ').map((flag) => `-Wl,${flag}`);
    execFileSync('clang', [...COMPILE.split(' '), ...link, '-o', file, 'kernels.c'], { cwd: folder, stdio: 'inherit' });
    return readFileSync(file);
  } finally {
    rmSync(out, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bytes = compile();
  writeFileSync(
    target,
    `// Written by native/build.mjs from native/*.c and *.h. Not to be edited.\n
/** Of the sources and of how they were compiled. */
export const SOURCE_HASH = '${sourceHash()}';

export const COMPILER = '${compiler()}';

/** The module, deflated, in base64. */
export const BYTES =
  '${deflateRawSync(bytes, { level: 9 }).toString('base64')}';
`,
  );
  console.log(`${target}: ${bytes.length} bytes`);
}
