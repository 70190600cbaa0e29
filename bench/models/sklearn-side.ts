import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Measured } from './family.ts';

/** A family's script, in a Python of its own. */
export async function sklearnSide(script: URL): Promise<{
  readonly version: string;
  measure(work: string): Promise<Measured>;
  close(): Promise<void>;
}> {
  const env = { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' };
  const child = spawn('/usr/bin/python3', [fileURLToPath(script)], { stdio: ['pipe', 'pipe', 'inherit'], env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async <T>(line: string): Promise<T> => {
    child.stdin.write(`${line}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error('it takes /usr/bin/python3 with scikit-learn (Debian: python3-sklearn)');
    return JSON.parse(value) as T;
  };
  const [, version] = await ask<[number, string]>('version');
  return {
    version,
    measure: (work) => ask(work),
    async close() {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}
