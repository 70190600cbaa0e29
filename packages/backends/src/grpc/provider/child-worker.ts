import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describeExit } from '../../errors.ts';
import type { AttachedWorker } from './attached-provider.ts';

/**
 * Starts a command whose life is a worker's: it reads its orders from standard input, and ends when that ends.
 * @throws when there is no such program
 */
export async function childWorker(command: readonly string[], input: string): Promise<AttachedWorker> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['pipe', 'inherit', 'inherit'] });
  child.stdin.on('error', () => undefined); // it ended: 'exit' tells
  const exit = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(describeExit({ code, signal })));
  });
  await once(child, 'spawn');
  child.stdin.write(input);
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return {
    detail: `process ${child.pid}`,
    ended: exit,
    async kill() {
      child.ref();
      child.kill('SIGKILL');
      await exit;
    },
  };
}
