import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Audit, batchHash } from '../../packages/backends/src/grpc/observe/audit.ts';
import type { DaemonStats } from '../../packages/backends/src/grpc/observe/daemon-stats.ts';
import { makeLog } from '../../packages/backends/src/grpc/observe/log.ts';
import { serveMetrics } from '../../packages/backends/src/grpc/observe/metrics.ts';
import { parseBytes } from '../../packages/backends/src/grpc/security/quantity.ts';
import { makeScratch } from '../../packages/backends/src/grpc/security/scratch.ts';
import { scrubEnvironment } from '../../packages/backends/src/grpc/security/worker-environment.ts';
import { folder } from './folder.ts';

const at = () => new Date(Date.UTC(2026, 0, 2, 3, 4, 5));

function linesOf(form: 'text' | 'json') {
  const lines: string[] = [];
  return { lines, log: makeLog(form, (line) => void lines.push(line), at) };
}

describe('the log', () => {
  test('is read by people', () => {
    const { lines, log } = linesOf('text');
    log('info', 'up', 'listens', { address: '127.0.0.1:7077', jobs: 4, tls: undefined, note: 'two words' });
    expect(lines).toEqual(['03:04:05 info  listens (address=127.0.0.1:7077 jobs=4 note="two words")\n']);
  });

  test('or by programs', () => {
    const { lines, log } = linesOf('json');
    log('warn', 'up', 'listens', { jobs: 4, tls: undefined });
    expect(JSON.parse(lines[0] as string)).toEqual({
      time: '2026-01-02T03:04:05.000Z',
      level: 'warn',
      event: 'up',
      text: 'listens',
      jobs: 4,
    });
  });

  test('has no line that a stranger wrote', () => {
    const { lines, log } = linesOf('text');
    new Audit(log).refused('1.2.3.4:5', 'spoke\n03:04:05 info  client root is in\u001b[2J');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('spoke\\n03:04:05 info  client root is in\\u001b[2J');
  });
});

test('the audit names who came and a hash of what ran', () => {
  const { lines, log } = linesOf('text');
  const audit = new Audit(log);
  const client = { peer: '1.2.3.4:5', session: 'ab', tokenId: '0011223344556677', certificate: 'ann' };
  audit.admitted(client);
  audit.batch(client, 3, ['bb', 'aa', 'bb'], 12);
  audit.left(client, 'ended', 1);
  const code = batchHash(['aa', 'bb']);
  expect(lines).toEqual([
    '03:04:05 info  client 1.2.3.4:5 is in (peer=1.2.3.4:5 session=ab token=0011223344556677 certificate=ann)\n',
    `03:04:05 info  12 tasks of 1.2.3.4:5 (peer=1.2.3.4:5 session=ab unit=3 tasks=12 code=${code})\n`,
    '03:04:05 info  client 1.2.3.4:5 left: ended (peer=1.2.3.4:5 session=ab batches=1)\n',
  ]);
  expect(batchHash(['aa'])).not.toBe(code);
});

describe('metrics', () => {
  const stats: DaemonStats = {
    state: 'ready',
    slots: 4,
    busy: 3,
    clients: 1,
    workers: 4,
    blobs: 7,
    blobBytes: 700,
    batches: 11,
    tasks: 22,
    refused: 5,
    memory: 1,
    load: 0.5,
    uptimeMs: 10,
    kind: 'threads',
    node: '20.20.2',
    jobloom: '0.1.0',
    protocol: '1',
  };

  test('are what the daemon says of itself at each look', async () => {
    let tasks = 22;
    const page = await serveMetrics('0', () => ({ ...stats, tasks }));
    onTestFinished(() => page.close());
    const look = async () => (await fetch(`http://127.0.0.1:${page.port}/metrics`)).text();
    await look();
    tasks = 30;
    const text = await look();
    expect(text).toContain('\njobloom_tasks_total 30\n');
    expect(text).toContain('\njobloom_slots_busy 3\n');
    expect(text).toContain('\njobloom_info{jobloom="0.1.0",node="20.20.2",protocol="1",kind="threads"} 1\n');
    expect((await fetch(`http://127.0.0.1:${page.port}/`)).status).toBe(404);
  });

  test('off loopback come with a warning', async () => {
    const warnings: string[] = [];
    const page = await serveMetrics(
      '0.0.0.0:0',
      () => stats,
      (message) => void warnings.push(message),
    );
    page.close();
    expect(warnings).toEqual(['metrics are on 0.0.0.0:0: whoever reaches it can read them']);
  });

  test('need a port', async () => {
    await expect(serveMetrics('localhost', () => stats)).rejects.toThrow('must be HOST:PORT. Got "localhost"');
  });
});

test('workers see what programs need, and no secret', () => {
  const env = {
    PATH: '/bin',
    LC_ALL: 'C',
    CUDA_VISIBLE_DEVICES: '0',
    AWS_SECRET_ACCESS_KEY: 'x',
    JOBLOOM_TOKEN_FILE: '/x',
    DATABASE_URL: 'x',
    NODE_OPTIONS: '--require x',
    MODEL: 'small',
  };
  expect(scrubEnvironment(env, ['MODEL'])).toEqual([
    'AWS_SECRET_ACCESS_KEY',
    'DATABASE_URL',
    'JOBLOOM_TOKEN_FILE',
    'NODE_OPTIONS',
  ]);
  expect(env).toEqual({ PATH: '/bin', LC_ALL: 'C', CUDA_VISIBLE_DEVICES: '0', MODEL: 'small' });
});

test('a scratch folder is held to its quota, and ends with the daemon', async () => {
  const parent = folder();
  mkdirSync(join(parent, 'jobloom-999999999-dead'));
  const found: number[] = [];
  const scratch = makeScratch(parent, { quota: 64 * 1024, onFull: (bytes) => found.push(bytes), everyMs: 3_600_000 });
  expect(() => writeFileSync(join(parent, 'jobloom-999999999-dead', 'x'), '')).toThrow('ENOENT');
  expect(await scratch.measure()).toBe(0);
  mkdirSync(join(scratch.folder, 'deep'));
  writeFileSync(join(scratch.folder, 'deep', 'file'), Buffer.alloc(128 * 1024, 1));
  await scratch.measure();
  await scratch.measure();
  expect(found).toEqual([128 * 1024]);
  expect(scratch.bytes).toBe(128 * 1024);
  scratch.close();
  expect(() => writeFileSync(join(scratch.folder, 'x'), '')).toThrow('ENOENT');
});

test.each([
  ['512', 512],
  ['512M', 512 * 1024 ** 2],
  ['1.5 GiB', 1.5 * 1024 ** 3],
  ['4gb', 4 * 1024 ** 3],
])('%s is %d bytes', (text, bytes) => {
  expect(parseBytes(text, '--max-memory')).toBe(bytes);
});

test.each(['', '0', '-1', 'much', '1x', 'NaN'])('%j is no size', (text) => {
  expect(() => parseBytes(text, '--max-memory')).toThrow('--max-memory must be a size');
});
