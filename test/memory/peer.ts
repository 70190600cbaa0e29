import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { MemoryOptions } from '@jobloom/memory';

/** Another process with a Memory of its own. */
export interface Peer {
  readonly pid: number;
  ask(command: string, given?: object): Promise<unknown>;
  signal(signal: NodeJS.Signals): void;
  /** Fulfilled when it has ended. */
  kill(): Promise<void>;
  /** Closes its input; gives its exit code. */
  end(): Promise<number | null>;
}

const FIXTURE = fileURLToPath(new URL('fixtures/peer.mjs', import.meta.url));

export async function startPeer(
  options: MemoryOptions,
  { skewMs = 0, uid }: { skewMs?: number; uid?: number } = {},
): Promise<Peer> {
  const child: ChildProcess = spawn(process.execPath, [FIXTURE, JSON.stringify(options), `${skewMs}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(uid !== undefined && { uid }),
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the other process has ended');
    return JSON.parse(value);
  };
  await next();
  return {
    pid: child.pid ?? -1,
    ask(command, given = {}) {
      child.stdin?.write(`${JSON.stringify({ command, ...given })}\n`);
      return next();
    },
    signal: (signal) => void child.kill(signal),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async end() {
      child.stdin?.end();
      return (await exited)[0] as number | null;
    },
  };
}

/** Asks until the answer is true; the test's own time-out ends it. */
export async function until(ask: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await ask())) await new Promise((resolve) => setTimeout(resolve, 20));
}
