import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type NetConnectOpts } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server that these tests started, in the foreground, as a child. */
export interface Daemon {
  readonly pid: number;
  signal(signal: NodeJS.Signals): void;
  /** It is gone afterwards, frozen or not. */
  kill(): Promise<void>;
  /** Asks it to end, and waits until it has. */
  end(): Promise<void>;
}

/** Starts a server that ends with this process. */
export function startDaemon(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  cwd: string = process.cwd(),
): Daemon {
  const env = { ...process.env, ...environment };
  const child: ChildProcess = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
    cwd,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      said = (said + chunk).slice(-4000);
    });
  child.once('exit', (code, signal) => {
    if (signal === null && code !== 0) console.error(`${program} ended with exit code ${code}:\n${said}`);
  });
  const endBy = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  return {
    pid: child.pid ?? -1,
    signal: (signal) => void child.kill(signal),
    kill: () => endBy('SIGKILL'),
    end: () => endBy('SIGTERM'),
  };
}

/** Waits until something answers at a port. */
export function answering(port: number, say: string, expected: RegExp): Promise<void> {
  return answeringAt({ port, host: '127.0.0.1' }, say, expected);
}

/** Waits until something answers at a local socket. */
export function answeringSocket(path: string, say: string, expected: RegExp): Promise<void> {
  return answeringAt({ path }, say, expected);
}

async function answeringAt(place: NetConnectOpts, say: string, expected: RegExp): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (expected.test(await ask(place, say))) return;
    await sleep(50);
  }
  throw new Error(`nothing answers at ${JSON.stringify(place)}`);
}

function ask(place: NetConnectOpts, say: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(place, () => socket.write(say));
    socket.setTimeout(1000, () => socket.destroy());
    socket.once('data', (chunk) => {
      resolve(`${chunk}`);
      socket.destroy();
    });
    socket.on('error', () => resolve(''));
    socket.on('close', () => resolve(''));
  });
}
