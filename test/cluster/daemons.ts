import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const JOBLOOM = fileURLToPath(new URL('../../packages/parallel/bin/jobloom.js', import.meta.url));

/** A daemon in a process of its own. */
export interface RunningDaemon {
  readonly address: string;
  readonly child: ChildProcess;
  /** All that it has printed. */
  said(): string;
  /** Resolves with its exit code, null when a signal ended it. */
  readonly gone: Promise<number | null>;
  kill(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface DaemonArgs {
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** What the command starts with, to run it elsewhere: `ip netns exec NAME`. */
  readonly through?: readonly string[];
  /** Node and our command, where they are elsewhere too. */
  readonly program?: readonly string[];
}

/** Starts `jobloom worker`; it has said that it listens when this resolves. @throws Error with what it said when it ends before */
export async function startDaemon({
  args = [],
  env = {},
  cwd,
  through = [],
  program = [process.execPath, JOBLOOM],
}: DaemonArgs = {}): Promise<RunningDaemon> {
  const listens = args.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
  const command = [...through, ...program, 'worker', ...listens, ...args];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(cwd !== undefined && { cwd }),
  });
  let text = '';
  const gone = once(child, 'exit').then(([code]) => code as number | null);
  const address = await new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      text += chunk;
      const [, found] = text.match(/listening on (\S+?),/) ?? [];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    void gone.then((code) => reject(new Error(`the daemon ended with exit code ${code}:\n${text}`)));
  });
  return {
    address,
    child,
    said: () => text,
    gone,
    kill(signal = 'SIGKILL') {
      child.kill(signal);
      return gone;
    },
  };
}
