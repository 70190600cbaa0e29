import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Subject } from './subject.ts';

/** joblib.Memory, in a Python of its own. */
export function joblibMemory(folder: string): Subject {
  const script = fileURLToPath(new URL('joblib_memory.py', import.meta.url));
  const child = spawn('/usr/bin/python3', ['-W', 'ignore', script, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async <T>(line: string): Promise<T> => {
    child.stdin.write(`${line}\n`);
    return JSON.parse((await lines.next()).value);
  };
  return {
    name: 'joblib.Memory',
    calls: (count) => ask(`calls ${count}`),
    hashes: (count) => ask(`hashes ${count}`),
    arrays: (round) => ask(`arrays ${round}`),
    reduce: (entries) => ask(`reduce ${entries}`),
    counts: () => ask('counts'),
    async close() {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}
