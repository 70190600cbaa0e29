import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Subject } from './subject.ts';

/** scikit-learn, in a Python of its own, and its version. */
export async function sklearnSide(reviews: string): Promise<Subject & { readonly version: string }> {
  const script = fileURLToPath(new URL('sklearn_side.py', import.meta.url));
  const child = spawn('/usr/bin/python3', [script, reviews], { stdio: ['pipe', 'pipe', 'inherit'] });
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
