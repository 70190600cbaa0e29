import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '@jobloom/backends';
import { backendContract, type DeclareTest, providerContract } from '@jobloom/backends/contract';
import { createGrpc, local, slurm } from '@jobloom/backends/grpc';
import { delayed, Parallel, parallelBackend } from '@jobloom/parallel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queueStates } from '../../packages/backends/src/grpc/provider/slurm-engine.ts';
import { lent } from '../backends/lent.ts';

const HEAP = { heapMb: 48 };
const killByPid = ({ detail }: { detail?: string }): void =>
  void process.kill(Number(detail?.split(' ')[1]), 'SIGKILL');

describe('local processes as workers', () => {
  providerContract(test, () => local(), { kill: killByPid });
});

describe('the grpc backend on workers of a provider', () => {
  const make = () => createGrpc({ provider: local({ workers: 2 }), ...HEAP });
  let warm: Backend;
  let fresh = false;
  beforeAll(() => {
    warm = make();
  });
  afterAll(() => warm.close());
  const declare: DeclareTest = (name, body) =>
    test(name, async () => {
      fresh = name.includes('close'); // that one is about the backend's own end
      await body();
    });
  backendContract(declare, () => (fresh ? make() : lent(warm)), { smallHeap: true, signals: true });
});

test('the scope starts the workers and ends them', async () => {
  const provider = local({ workers: 2 });
  const pids = await parallelBackend('grpc', { provider, minWorkers: 2 }, async () => {
    const busy = async () => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return process.ppid;
    };
    const parents = await new Parallel({ nJobs: -1, batchSize: 1 }).run(
      Array.from({ length: 8 }, () => delayed(busy)()),
    );
    expect(await provider.status()).toHaveLength(2);
    return new Set(parents);
  });
  expect(pids.size).toBe(2);
  expect(await provider.status()).toEqual([]);
});

test('a worker that is busy for longer than lostAfter is not lost', async () => {
  await using backend = createGrpc({ provider: local(), lostAfter: 400 });
  const runner = new Parallel({ backend, nJobs: 1 });
  const busy = (ms: number): number => {
    for (const until = performance.now() + ms; performance.now() < until; );
    return process.ppid;
  };
  const [before] = await runner.run([delayed(busy)(0)]);
  expect(await runner.run([delayed(busy)(1500), delayed(busy)(0)])).toEqual([before, before]);
});

test('workers come while tasks wait, up to max, and go when none do', async () => {
  const provider = local({ workers: 1, max: 3 });
  await using backend = createGrpc({ provider, idleMs: 100 });
  const runner = new Parallel({ backend, nJobs: -1, batchSize: 1 });
  expect(await runner.run([delayed((x: number) => x + 1)(1)])).toEqual([2]);
  expect(await provider.status()).toHaveLength(1);
  const folder = mkdtempSync(join(tmpdir(), 'jobloom-meet-'));
  const meet = async (name: string) => {
    const { readdirSync, writeFileSync } = await import('node:fs');
    writeFileSync(`${folder}/${name}`, '');
    while (readdirSync(folder).length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
    return process.ppid;
  };
  const parents = await runner.run(['a', 'b', 'c'].map((name) => delayed(meet)(name)));
  rmSync(folder, { recursive: true });
  expect(new Set(parents).size).toBe(3);
  await expect.poll(async () => (await provider.status()).length, { timeout: 20_000 }).toBe(1);
});

test('counts that cannot be', () => {
  expect(() => local({ workers: 0 })).toThrow('The workers option of local must be a whole number, 1 or more. Got 0.');
  expect(() => local({ workers: 3, max: 2 })).toThrow(
    'The max option of local must be workers or more. Got 2, below 3.',
  );
  expect(() => slurm({ nodes: 2.5 })).toThrow('The min option of slurm must be a whole number, 1 or more. Got 2.5.');
  expect(() => slurm({ cpusPerTask: 0 })).toThrow('The cpusPerTask option of slurm must be a whole number, 1 or more.');
  expect(() => slurm({ drainSeconds: 0 })).toThrow(
    'The drainSeconds option of slurm must be a whole number of seconds',
  );
});

test('a worker that is killed is replaced, and the run goes on', async () => {
  const provider = local({ workers: 2 });
  await parallelBackend('grpc', { provider }, async () => {
    const parallel = new Parallel({ nJobs: -1, batchSize: 1, retries: 3 });
    const [worker] = await parallel.run([delayed(() => process.ppid)()]);
    const results = parallel.run(Array.from({ length: 200 }, (_, x) => delayed((y: number) => y * 2)(x)));
    process.kill(worker as number, 'SIGKILL');
    expect(await results).toEqual(Array.from({ length: 200 }, (_, x) => x * 2));
    await expect.poll(async () => (await provider.status()).length, { timeout: 10_000 }).toBe(2);
    const after = await parallel.run(Array.from({ length: 40 }, () => delayed(() => process.ppid)()));
    expect(after).not.toContain(worker);
  });
});

test('what squeue tells: jobs that have ended are not among it', () => {
  const said = ['7_0|PENDING||Resources', '7_1|RUNNING|n1|None', '7_2|COMPLETING|n2|None', '7_3|NODE_FAIL|n1|None', ''];
  expect([...queueStates(said.join('\n'))]).toEqual([
    ['7_0', { state: 'starting', detail: 'in the queue (Resources)' }],
    ['7_1', { state: 'running', detail: 'on n1' }],
    ['7_2', { state: 'running', detail: 'on n2' }],
  ]);
});
