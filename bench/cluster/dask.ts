import { execFileSync, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PYTHON = '/usr/bin/python3';

/** The version of dask.distributed; undefined when it is not there. */
export function daskVersion(): string | undefined {
  try {
    const code = 'import distributed; print(distributed.__version__)';
    return execFileSync(PYTHON, ['-c', code], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

/** Tasks a second with a future each, and milliseconds of a round trip, on a scheduler with two workers of one thread. */
export function measureDask(): Promise<{ readonly rate: number; readonly tripMs: number }> {
  const script = fileURLToPath(new URL('./dask_runner.py', import.meta.url));
  const child = spawn(PYTHON, [script], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  return new Promise((resolve, reject) =>
    child.once('exit', (code) => {
      if (code === 0) resolve(JSON.parse(text) as { rate: number; tripMs: number });
      else reject(new Error(`dask ended with exit code ${code}`));
    }),
  );
}
