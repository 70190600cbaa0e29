import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { program, root } from './program.ts';

const example = (name: string, ...args: string[]) =>
  program('node', ['--import', 'tsx', `examples/${name}.ts`, ...args]);

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

  test('03-crash: one task of 1,000 is lost', async () => {
    const { stdout } = await example('03-crash');
    expect(stdout).toMatch(/^999 fulfilled\nWorkerLostError: task 500: .*exit code 3.*\nthe next call gives 144\n$/);
  });

  test('04-endless-input: five primes, and no more read than allowed', async () => {
    const { stdout } = await example('04-endless-input');
    expect(stdout).toContain('1000000000039, 1000000000061, 1000000000063, 1000000000091, 1000000000121\n');
    expect(stdout).toContain('read at most 16 ahead: true\n');
  });

  test('each example has a test here', () => {
    const names = readdirSync(new URL('examples', root)).filter((name) => name.endsWith('.ts'));
    expect(names).toEqual(['01-char-ngrams.ts', '02-custom-backend.ts', '03-crash.ts', '04-endless-input.ts']);
  });
});
