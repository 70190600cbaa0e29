import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Runner } from './runner.ts';

const PYTHON = '/usr/bin/python3';

/** Whether there is a joblib with numpy. */
export function hasJoblib(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import joblib, numpy'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** joblib's processes with numpy arrays, which it hands over as memory maps. */
export function joblib(arrays: 'same' | 'new') {
  return (bytes: number): Runner => {
    let child: ChildProcessByStdio<Writable, Readable, null>;
    let lines: Interface;
    return {
      name: `joblib loky, numpy, ${arrays} arrays (Python)`,
      async open() {
        const script = fileURLToPath(new URL('workers/joblib_runner.py', import.meta.url));
        child = spawn(PYTHON, [script, String(bytes), arrays], { stdio: ['pipe', 'pipe', 'inherit'] });
        lines = createInterface({ input: child.stdout });
      },
      async round() {
        child.stdin.write('\n');
        const [line] = (await once(lines, 'line')) as [string];
        return Number(line);
      },
      async close() {
        child.stdin.end();
        await once(child, 'exit');
      },
    };
  };
}
