import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type Runner, WORKERS, workerFile } from './runner.ts';

const PYTHON = '/usr/bin/python3';

/** Versions of joblib and Python; undefined when they are not there. */
export function joblibVersion(): string | undefined {
  const code = 'import joblib, platform; print(joblib.__version__ + " on Python " + platform.python_version())';
  try {
    return execFileSync(PYTHON, ['-c', code], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

/** A Python program that is told what to run; it is stopped by the end of its input. */
export function joblib(backend: 'loky' | 'threading'): Runner {
  let child: ChildProcessByStdio<Writable, Readable, null>;
  let lines: Interface;
  return {
    name: `joblib ${backend} (Python)`,
    share: backend === 'loky' ? 1 : 0.3,
    async open() {
      const script = fileURLToPath(workerFile('joblib_runner.py'));
      child = spawn(PYTHON, [script, backend, String(WORKERS)], { stdio: ['pipe', 'pipe', 'inherit'] });
      lines = createInterface({ input: child.stdout });
    },
    async run(n) {
      child.stdin.write(`${n}\n`);
      const [line] = (await once(lines, 'line')) as [string];
      return Number(line.split(' ')[1]);
    },
    async close() {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}
