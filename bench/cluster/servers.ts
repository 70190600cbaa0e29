import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const JOBLOOM = fileURLToPath(new URL('../../packages/parallel/bin/jobloom.js', import.meta.url));
const RAW = fileURLToPath(new URL('./raw-server.ts', import.meta.url));

export interface Started {
  readonly child: ChildProcess;
  readonly address: string;
}

/** Starts a program that says where it listens. */
async function start(args: readonly string[]): Promise<Started> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill());
  for await (const line of createInterface({ input: child.stdout })) {
    const [, address] = line.match(/listening on (\S+?),/) ?? [];
    if (address !== undefined) return { child, address };
  }
  throw new Error(`${args.join(' ')} ended before it listened`);
}

/** A daemon with one job. */
export function startDaemon(kind: string): Promise<Started> {
  return start([JOBLOOM, 'worker', '--listen', '127.0.0.1:0', '--jobs', '1', '--kind', kind]);
}

export function startRaw(): Promise<Started> {
  return start(['--import', 'tsx', RAW]);
}
