import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';
import { delayed, Parallel, parallelBackend } from '@jobloom/parallel';
import { expect, onTestFinished, test } from 'vitest';
import { startDaemon } from './daemons.ts';
import { folder } from './folder.ts';
import { check, healthClient } from './server.ts';

const BIN = fileURLToPath(new URL('../../packages/parallel/bin/jobloom.js', import.meta.url));

/** Exit code and lines of `jobloom status`. */
function status(...args: string[]): Promise<{ code: number; lines: string[] }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, 'status', ...args], (error, stdout) =>
      resolve({ code: error === null ? 0 : Number(error.code), lines: stdout.trimEnd().split('\n') }),
    );
  });
}

test('a daemon shows what it does to who has its token, and its health and figures to everybody', async () => {
  const token = join(folder(), 'token');
  const other = join(folder(), 'token');
  writeFileSync(token, 'the-token-of-this-cluster-of-tests-1', { mode: 0o600 });
  writeFileSync(other, 'a-token-of-some-other-cluster-than-1', { mode: 0o600 });
  const args = ['--token-file', token, '--jobs', '3', '--kind', 'threads', '--metrics', '0', '--log', 'json'];
  const daemon = await startDaemon({ args });
  onTestFinished(async () => void (await daemon.kill()));
  const { address } = daemon;
  await parallelBackend('grpc', { workers: [address], tokenFile: token }, () =>
    new Parallel({ nJobs: 2 }).run(Array.from({ length: 10 }, (_, x) => delayed((y: number) => y)(x))),
  );

  const shown = await status('--workers', address, '--token-file', token, '--json');
  const { about } = JSON.parse(shown.lines[0] as string);
  expect(shown.code).toBe(0);
  expect(about).toMatchObject({ jobs: 3, kind: 'threads', node: process.version, cluster: [1, 1] });
  expect(about.stats).toMatchObject({ state: 'ready', slots: 3, tasks: 10 });
  expect((await status('--workers', address, '--token-file', token)).lines[0]).toContain(
    `${address}: ready, 0 of 3 threads busy`,
  );

  const refused = await status('--workers', address, '--workers', '127.0.0.1:1', '--token-file', other);
  expect(refused.code).toBe(1);
  expect(refused.lines).toEqual([expect.stringContaining('token'), expect.stringContaining('ECONNREFUSED')]);

  const client = healthClient(Number(address.split(':')[1]), grpc.credentials.createInsecure());
  expect(await check(client)).toBe('SERVING');
  expect(await check(client, 'jobloom.cluster.v1.Cluster')).toBe('SERVING');
  expect(await check(client, 'something.else')).toContain('no service');

  const [, port] = daemon.said().match(/"metrics":(\d+)/) ?? [];
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(page).toContain('\njobloom_tasks_total 10\n');
  expect(page).toMatch(/\njobloom_refused_total [1-9]/);
});
