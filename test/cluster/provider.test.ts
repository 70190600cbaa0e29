import { backendContract, providerContract } from '@jobloom/backends/contract';
import { createGrpc, local } from '@jobloom/backends/grpc';
import { delayed, Parallel, parallelBackend } from '@jobloom/parallel';
import { describe, expect, test } from 'vitest';

const HEAP = { heapMb: 48 };
const killByPid = ({ detail }: { detail?: string }): void =>
  void process.kill(Number(detail?.split(' ')[1]), 'SIGKILL');

describe('local processes as workers', () => {
  providerContract(test, () => local(), { kill: killByPid });
});

describe('the grpc backend on workers of a provider', () => {
  backendContract(test, () => createGrpc({ provider: local({ workers: 2 }), ...HEAP }), {
    smallHeap: true,
    signals: true,
  });
});

test('the scope starts the workers and ends them', async () => {
  const provider = local({ workers: 2 });
  const pids = await parallelBackend('grpc', { provider }, async () => {
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
