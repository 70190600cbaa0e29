import { type ExecFileOptions, execFile } from 'node:child_process';
import { promisify } from 'node:util';

export const root = new URL('../../', import.meta.url);

const run = promisify(execFile);

/** Runs a program in the project's root, or in `options.cwd`. Rejects with all that it printed when it fails. */
export async function program(
  command: string,
  args: readonly string[],
  options: ExecFileOptions = {},
): Promise<{ stdout: string; stderr: string }> {
  const all = { cwd: root, timeout: 120_000, maxBuffer: 2 ** 26, ...options, encoding: 'utf8' as const };
  try {
    return await run(command === 'node' ? process.execPath : command, args, all);
  } catch (error) {
    const { message, stdout, stderr } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`${message}\n${stdout}\n${stderr}`);
  }
}
