// A backend of your own: each batch travels as a file to a command, and its answer comes back as a file.
// Here the command runs on this machine; with `ssh`, `kubectl` or a batch queue before it, it runs elsewhere.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type Backend,
  CancelledError,
  delayed,
  effectiveNJobs,
  parallel,
  parallelBackend,
  registerParallelBackend,
  WorkerLostError,
} from '@jobloom/parallel';

const run = promisify(execFile);

function commandBackend({ command }: { command: string[] }): Backend {
  const [program = 'npx', ...args] = command;
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    name: 'command',
    capabilities: { killsWorker: true, sharedMemory: false, isolated: true, remote: true, batchMs: 1000 },
    effectiveNJobs,
    async submit(batch, { nJobs, signal }) {
      while (running >= nJobs) await new Promise<void>((resolve) => waiting.push(resolve));
      running += 1;
      const folder = await mkdtemp(join(tmpdir(), 'command-backend-'));
      const [input, output] = [join(folder, 'in'), join(folder, 'out')];
      try {
        await writeFile(input, await batch.encode());
        await run(program, [...args, input, output], { signal });
        return batch.decode(await readFile(output));
      } catch (error) {
        if (signal.aborted) return batch.failAll('cancelled', new CancelledError('the call was cancelled'));
        const exit = error as { code?: number; signal?: string };
        const lost = { code: exit.code ?? null, signal: exit.signal ?? null, error };
        return batch.failAll('lost', new WorkerLostError(batch.firstIndex, lost, command.join(' ')));
      } finally {
        await rm(folder, { recursive: true });
        running -= 1;
        waiting.shift()?.();
      }
    },
    async close() {},
    async [Symbol.asyncDispose]() {},
  };
}

registerParallelBackend('command', commandBackend, { options: ['command'] });

const greeting = 'hello from process';
const where = (task: number) => `task ${task}: ${greeting} ${process.pid}`;

await parallelBackend('command', { nJobs: 2, command: ['npx', '--no-install', 'jobloom', 'run'] }, async () => {
  for (const line of await parallel([1, 2, 3, 4].map((task) => delayed(where)(task)))) console.log(line);
});
console.log(`the caller is process ${process.pid}`);
