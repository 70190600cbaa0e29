import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { redis, startRedis } from '../services/redis.ts';
import { withService } from '../services/service.ts';
import { example, exampleIn, LONG } from './example.ts';
import { root } from './program.ts';

describe('examples', () => {
  test('01-char-ngrams: the same digest from every backend, progress on stderr', async () => {
    const { stdout, stderr } = await example('01-char-ngrams', '100');
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['sequential', 'threads', 'processes']);
    for (const line of lines) expect(line).toMatch(/^\w+ \d+ ms \d+\.\d\dx sha256:[0-9a-f]{64}$/);
    expect(new Set(lines.map((line) => line.split(':')[1])).size).toBe(1);
    expect(stderr).toContain('processes: 5 of 5 tasks\n');
    expect(stderr).not.toContain('\r');
  });

  test('02-custom-backend: each task ran in another process', async () => {
    const { stdout } = await example('02-custom-backend');
    const pids = [...stdout.matchAll(/process (\d+)/g)].map(([, pid]) => pid);
    expect(stdout).toMatch(/^task 1: hello .*\ntask 2: hello .*\ntask 3: hello .*\ntask 4: hello /);
    expect(pids.slice(0, 4)).not.toContain(pids[4]);
  });

  test('03-memory-disk: computed once, read afterwards, and why not', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jobloom-examples-'));
    const { stdout } = await example('03-memory-disk', folder);
    expect(stdout.split('\n')).toEqual([
      '78498 primes below a million',
      'the same results, read here: true, 4 hits',
      expect.stringMatching(/^a reference of \d{3} characters: 22044 primes$/),
      expect.stringMatching(/^count: not computed yet with these arguments$/),
      'count: found',
      'count: computed by other code (isOdd changed)',
      '',
    ]);
    const again = await example('03-memory-disk', folder);
    expect(again.stdout).toContain('the same results, read here: true, 4 hits\n');
    expect(again.stdout).not.toContain('not computed yet');
    rmSync(folder, { recursive: true });
  });

  test('04-memory-s3 and 05-memory-redis say what they need', async () => {
    expect((await example('04-memory-s3')).stdout).toMatch(/^skipped: name a bucket/);
    expect((await example('05-memory-redis')).stdout).toMatch(/^skipped: set REDIS_URL/);
  });

  withService(redis, () => {
    test('05-memory-redis: four processes, one computation', async () => {
      const server = await startRedis();
      try {
        const env = { ...process.env, REDIS_URL: server.url };
        const { stdout } = await exampleIn(env, '05-memory-redis');
        expect(stdout.split('\n')).toEqual([
          '144 from everyone: true',
          'computed by 1 process',
          'a task reads it by its reference: 144',
          'hit',
          '1 entry removed; then: not-computed',
          '',
        ]);
      } finally {
        await server.stop();
      }
    });
  });

  test('06-cluster: the digest of threads, although one of two daemons was killed', { timeout: LONG }, async () => {
    const { stdout, stderr } = await example('06-cluster', '400');
    const [threads, grpc, ends] = stdout.trimEnd().split('\n');
    expect(threads).toMatch(/^threads sha256:[0-9a-f]{64}$/);
    expect(grpc?.split(':')[1]).toBe(threads?.split(':')[1]);
    expect(ends).toBe('the killed daemon ended by SIGKILL, the other is alive: true');
    expect(stderr).toContain('killed one of two daemons\n');
  });

  test('09-own-platform: each task ran in another process', async () => {
    const { stdout } = await example('09-own-platform');
    const pids = [...stdout.matchAll(/process (\d+)/g)].map(([, pid]) => pid);
    expect(stdout).toMatch(/^task 1: hello .*\ntask 2: hello .*\ntask 3: hello .*\ntask 4: hello /);
    expect(pids.slice(0, 4)).not.toContain(pids[4]);
  });

  test('19-crash: one task of 1,000 is lost', async () => {
    const { stdout } = await example('19-crash');
    expect(stdout).toMatch(/^999 fulfilled\nWorkerLostError: task 500: .*exit code 3.*\nthe next call gives 144\n$/);
  });

  test('20-endless-input: five primes, and no more read than allowed', async () => {
    const { stdout } = await example('20-endless-input');
    expect(stdout).toContain('1000000000039, 1000000000061, 1000000000063, 1000000000091, 1000000000121\n');
    expect(stdout).toContain('read at most 16 ahead: true\n');
  });

  test('each example has a test, here or in the files beside this one', () => {
    const names = readdirSync(new URL('examples', root)).filter((name) => name.endsWith('.ts'));
    expect(names).toEqual([
      '00-talk.ts',
      '01-char-ngrams.ts',
      '02-custom-backend.ts',
      '03-memory-disk.ts',
      '04-memory-s3.ts',
      '05-memory-redis.ts',
      '06-cluster.ts',
      '07-container.ts',
      '08-slurm.ts',
      '09-own-platform.ts',
      '10-digits-grid.ts',
      '11-movie-reviews.ts',
      '12-moons.ts',
      '13-humidity.ts',
      '14-two-layer-net.ts',
      '15-gaussian-fit.ts',
      '16-cached-pipeline.ts',
      '17-graph.ts',
      '19-crash.ts',
      '20-endless-input.ts',
    ]);
  });
});
