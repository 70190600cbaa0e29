// The job of the first example on two worker daemons with TLS and a token, one of which is killed in the middle.
//   npm run example -- 06-cluster              all 2,000 reviews
//   npm run example -- 06-cluster 200
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { makeAuthority, makeServerCertificate, writeTokenFile } from '@jobloom/backends/grpc';
import { Parallel, parallelBackend } from '@jobloom/parallel';
import { digestOf, gramTasks } from './shared/char-ngrams.ts';

// On real hosts: npx jobloom certs ca, npx jobloom certs server HOST, npx jobloom certs token FILE
const folder = mkdtempSync(join(tmpdir(), 'jobloom-cluster-'));
const file = (name: string): string => join(folder, name);
const authority = await makeAuthority({ name: 'example CA', days: 30 });
const identity = await makeServerCertificate(authority, { name: 'this machine', days: 30, hosts: ['127.0.0.1'] });
writeFileSync(file('ca.pem'), authority.cert);
writeFileSync(file('cert.pem'), identity.cert);
writeFileSync(file('key.pem'), identity.key, { mode: 0o600 });
writeTokenFile(file('token'));

/** On a host of its own: npx jobloom worker --listen HOST:7077 --tls-cert … --tls-key … --token-file … */
async function startDaemon(): Promise<{ readonly address: string; readonly daemon: ChildProcess }> {
  const tls = ['--tls-cert', file('cert.pem'), '--tls-key', file('key.pem'), '--token-file', file('token')];
  const program = new URL('../packages/parallel/bin/jobloom.js', import.meta.url).pathname;
  const daemon = spawn(process.execPath, [program, 'worker', '--listen', '127.0.0.1:0', '--jobs', '2', ...tls]);
  process.once('exit', () => daemon.kill('SIGKILL'));
  daemon.stderr.pipe(process.stderr);
  for await (const line of createInterface({ input: daemon.stdout })) {
    const [, address] = line.match(/listening on (\S+?),/) ?? [];
    if (address !== undefined) return { address, daemon };
  }
  throw new Error('the daemon ended before it listened');
}

const tasks = gramTasks(process.argv[2] === undefined ? undefined : Number(process.argv[2]));
{
  await using runner = new Parallel({ backend: 'threads' });
  console.log(`threads ${await digestOf(runner.stream(tasks, { ordered: false }))}`);
}

const daemons = await Promise.all([startDaemon(), startDaemon()]);
const cluster = {
  workers: daemons.map(({ address }) => address),
  tls: { ca: file('ca.pem') },
  tokenFile: file('token'),
};
await parallelBackend('grpc', cluster, async () => {
  await using runner = new Parallel({
    idempotent: true, // a task that was lost is run again
    onProgress: ({ done }) => {
      const [{ daemon }] = daemons;
      if (done < tasks.length / 2 || daemon.killed) return;
      daemon.kill('SIGKILL');
      console.error('killed one of two daemons');
    },
  });
  console.log(`grpc    ${await digestOf(runner.stream(tasks, { ordered: false }))}`);
});
console.log(
  `the killed daemon ended by ${daemons[0].daemon.signalCode}, the other is alive: ${daemons[1].daemon.exitCode === null}`,
);
rmSync(folder, { recursive: true });
process.exit();
