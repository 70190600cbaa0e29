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

/**
 * Starts daemons with TLS and a token. On hosts of their own: `npx jobloom certs ca`, `npx jobloom certs server HOST`,
 * `npx jobloom certs token FILE`, and `npx jobloom worker --listen HOST:7077 --tls-cert … --tls-key … --token-file …`.
 * @param jobs tasks at once, of each
 * @param log what becomes of what daemons tell
 * @param groups of daemons, in turn: files that take their process ids, as those of control groups
 */
export async function startTlsDaemons(
  count: number,
  { jobs, log = 'ignore', groups = [] }: { jobs: number; log?: 'ignore' | 'inherit'; groups?: readonly string[] },
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
  const command = [process.execPath, program, 'worker', '--listen', '127.0.0.1:0', '--jobs', String(jobs), ...tls];
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
