import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { makeAuthority, makeServerCertificate, writeTokenFile } from '@jobloom/backends/grpc';

/** Worker daemons of this machine, and what the backend `grpc` must know of them. */
export interface Daemons extends AsyncDisposable {
  readonly cluster: {
    readonly workers: readonly string[];
    readonly tls: { readonly ca: string };
    readonly tokenFile: string;
  };
  readonly processes: readonly ChildProcess[];
}

export interface DaemonOptions {
  /** Tasks at once, of each. */
  readonly jobs: number;
  /** What becomes of what daemons tell. */
  readonly log?: 'ignore' | 'inherit';
  /** Names of variables that tasks see besides harmless ones. */
  readonly environment?: readonly string[];
  /** For each, a file that takes its process id, as of a control group. */
  readonly groups?: readonly string[];
}

/**
 * Starts daemons with TLS and a token. On hosts of their own: `npx jobloom certs ca`, `npx jobloom certs server HOST`,
 * `npx jobloom certs token FILE`, and `npx jobloom worker --listen HOST:7077 --tls-cert … --tls-key … --token-file …`.
 */
export async function startTlsDaemons(
  count: number,
  { jobs, log = 'ignore', environment = [], groups = [] }: DaemonOptions,
): Promise<Daemons> {
  const folder = mkdtempSync(join(tmpdir(), 'jobloom-cluster-'));
  const file = (name: string): string => join(folder, name);
  const authority = await makeAuthority({ name: 'example CA', days: 30 });
  const identity = await makeServerCertificate(authority, { name: 'this machine', days: 30, hosts: ['localhost'] });
  writeFileSync(file('ca.pem'), authority.cert);
  writeFileSync(file('cert.pem'), identity.cert);
  writeFileSync(file('key.pem'), identity.key, { mode: 0o600 });
  writeTokenFile(file('token'));

  const program = new URL('../../packages/parallel/bin/jobloom.js', import.meta.url).pathname;
  const tls = ['--tls-cert', file('cert.pem'), '--tls-key', file('key.pem'), '--token-file', file('token')];
  const given = environment.flatMap((name) => ['--pass-env', name]);
  const options = ['--listen', '127.0.0.1:0', '--jobs', String(jobs), ...given, ...tls];
  const command = [process.execPath, program, 'worker', ...options];
  const processes = Array.from({ length: count }, (_, at) => {
    const group = groups[at];
    const [name = '', ...args] =
      group === undefined ? command : ['sh', '-c', 'echo $$ > "$0" && exec "$@"', group, ...command];
    return spawn(name, args, { stdio: ['ignore', 'pipe', log] });
  });
  const end = (): void => {
    for (const process of processes) process.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', end);
  const workers = await Promise.all(processes.map(addressOf));
  return {
    cluster: { workers, tls: { ca: file('ca.pem') }, tokenFile: file('token') },
    processes,
    async [Symbol.asyncDispose]() {
      process.off('exit', end);
      const ended = processes.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
      end();
      await Promise.all(ended.map((each) => once(each, 'exit')));
    },
  };
}

async function addressOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout !== null)
    for await (const line of createInterface({ input: stdout })) {
      const [, port] = line.match(/listening on 127\.0\.0\.1:(\d+),/) ?? [];
      if (port !== undefined) return `localhost:${port}`;
    }
  throw new Error('a daemon ended before it listened');
}
