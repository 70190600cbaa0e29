import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** scikit-learn, in a Python of its own. */
export interface SklearnSide {
  /** What the script answers to a line. */
  ask<T>(line: string): Promise<T>;
  close(): Promise<void>;
}

/** Starts a script that answers each line with JSON; with one BLAS thread. */
export function sklearnSide(script: URL, ...args: string[]): SklearnSide {
  const env = { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' };
  const child = spawn('/usr/bin/python3', [fileURLToPath(script), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env,
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask<T>(line: string): Promise<T> {
      child.stdin.write(`${line}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('it takes /usr/bin/python3 with scikit-learn (Debian: python3-sklearn)');
      return JSON.parse(value) as T;
    },
    async close() {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}
