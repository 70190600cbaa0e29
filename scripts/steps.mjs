import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Says what is being done. On stderr: a program's own output stays clean. */
export function say(text) {
  process.stderr.write(`jobloom: ${text}\n`);
}

/** A failure that needs words, not a stack. */
export function failure(message) {
  return Object.assign(new Error(message), { expected: true });
}

/** Runs a program from the project root on our own terminal; gives its exit code. */
export function execute(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
    const pass = (signal) => child.kill(signal);
    process.on('SIGTERM', pass);
    process.on('SIGINT', ignore); // Ctrl-C reaches the child by itself; we wait for it
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.off('SIGTERM', pass);
      process.off('SIGINT', ignore);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

function ignore() {}

/** Runs Node with these arguments. */
export function node(...args) {
  return execute(process.execPath, args);
}

/** Runs the command `name` that an installed package brings. */
export function tool(packageName, name, ...args) {
  const folder = join(root, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return node(join(folder, typeof bin === 'string' ? bin : bin[name]), ...args);
}
