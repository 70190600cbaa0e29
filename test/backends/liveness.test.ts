import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Batch, CallScope } from '@jobloom/backends';
import { createProcesses } from '@jobloom/backends/processes';
import { createThreads } from '@jobloom/backends/threads';
import { describe, expect, test } from 'vitest';

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const alive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

async function until(what: () => boolean, ms: number): Promise<void> {
  for (const end = Date.now() + ms; !what(); await sleep(20))
    if (Date.now() > end) throw new Error(`not within ${ms} ms`);
}

function start(...args: string[]): ChildProcess & { output: () => string } {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  child.stderr.on('data', (chunk) => (text += chunk));
  return Object.assign(child, { output: () => text });
}

test('workers in an endless loop end within 5 s of their parent being killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jobloom-test-'));
  const file = join(folder, 'pids');
  const parent = start(fixture('endless.mjs'), 'processes', file);
  const pids = (): number[] => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : []);
  await until(() => pids().length === 2, 10_000);
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  const killed = Date.now();
  await until(() => pids().every((pid) => !alive(pid)), 5_000);
  expect(Date.now() - killed).toBeLessThan(5_000);
  rmSync(folder, { recursive: true });
});

describe.each(['sequential', 'threads', 'processes'])('%s', (backend) => {
  test('a program that is done ends by itself, with nothing left behind', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jobloom-test-'));
    process.env.TMPDIR = folder; // of its own: other tests make folders at the same time
    const child = start(fixture('ends.mjs'), backend);
    delete process.env.TMPDIR;
    const [code] = await once(child, 'exit');
    expect([code, child.output()]).toEqual([0, '[2,3,4]\n']);
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});

test('Ctrl-C ends the caller’s program as it would without us', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jobloom-test-'));
  const file = join(folder, 'pids');
  const parent = start(fixture('endless.mjs'), 'processes', file);
  await until(() => existsSync(file) && readFileSync(file, 'utf8').trim().split('\n').length === 2, 10_000);
  const pids = readFileSync(file, 'utf8').trim().split('\n').map(Number);
  for (const pid of pids) process.kill(pid, 'SIGINT'); // what a terminal does to the whole group
  await sleep(50);
  expect(pids.every(alive)).toBe(true);
  parent.kill('SIGINT');
  const [, signal] = await once(parent, 'exit');
  expect(signal).toBe('SIGINT');
  await until(() => !pids.some(alive), 5_000);
  rmSync(folder, { recursive: true });
});

describe.each([
  ['threads', createThreads],
  ['processes', createProcesses],
] as const)('%s', (_name, create) => {
  test('idle workers exit, and the next batch starts new ones', async () => {
    await using backend = create({ idleMs: 30 }) as ReturnType<typeof create> & { readonly workers: number };
    const scope = new CallScope();
    const options = { signal: new AbortController().signal, callId: 'idle', nJobs: 2 };
    const one = () => backend.submit(new Batch(scope, [{ fn: () => 1, args: [] }]), options);
    expect(await one()).toMatchObject({ all: 'done' });
    expect(backend.workers).toBe(1);
    await until(() => backend.workers === 0, 5_000);
    expect(await one()).toMatchObject({ all: 'done' });
    scope.end();
  });

  test('workers that cannot start make the backend unusable, in words', async () => {
    await using backend = create({ heapMb: 1 });
    const scope = new CallScope();
    const options = { signal: new AbortController().signal, callId: 'broken', nJobs: 1 };
    await expect(backend.submit(new Batch(scope, [{ fn: () => 1, args: [] }]), options)).rejects.toThrow(
      /do not start: the last one .* before it was ready/,
    );
  });
});
