import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/**
 * What a command wrote to its standard output. Nothing of it goes through a shell.
 * @throws Error with what it wrote to standard error, when it fails or is not there
 */
export async function runCommand(command: readonly string[], input = ''): Promise<string> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: 'pipe' });
  const code = new Promise<number | string | null>((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${program} cannot be run: ${error.message}`, { cause: error })));
    child.once('close', (exit, signal) => resolve(exit ?? signal));
  });
  child.stdin.on('error', () => undefined); // it ended before it had read all: its exit tells
  child.stdin.end(input);
  const [said, complaint, exit] = await Promise.all([text(child.stdout), text(child.stderr), code]);
  if (exit !== 0) throw new Error(`${program} failed (${exit}): ${(complaint.trim() || said.trim()).slice(-1000)}`);
  return said;
}
