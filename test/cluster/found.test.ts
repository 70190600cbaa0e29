import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { currentTask, delayed, Parallel, parallelBackend } from '@jobloom/parallel';
import { afterAll, afterEach, expect, test } from 'vitest';
import { redis, startRedis } from '../services/redis.ts';
import { freePorts, withService } from '../services/service.ts';
import { type DaemonArgs, type RunningDaemon, startDaemon } from './daemons.ts';

const folder = mkdtempSync(join(tmpdir(), 'jobloom-found-'));
const tokenFile = join(folder, 'token');
const otherToken = join(folder, 'other');
writeFileSync(tokenFile, 'a token of this test alone, 1234\n', { mode: 0o600 });
writeFileSync(otherToken, 'another token, which is not known\n', { mode: 0o600 });
afterAll(() => rmSync(folder, { recursive: true }));

const daemons: RunningDaemon[] = [];
afterEach(() => Promise.all(daemons.splice(0).map((daemon) => daemon.kill())));

async function daemon(...args: string[]): Promise<RunningDaemon> {
  const tokens = args.includes('--token-file') ? [] : ['--token-file', tokenFile];
  const plan: DaemonArgs = { args: ['--jobs', '4', ...tokens, ...args] };
  const started = await startDaemon(plan);
  daemons.push(started);
  return started;
}

/** Takes 50 ms, and says which worker and which GPUs it had. */
const where = async () => {
  const { worker } = currentTask();
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { worker: worker.id, gpus: worker.resources?.gpu };
};
const places = (count: number) => Array.from({ length: count }, () => delayed(where)());

test('who waits in vain hears who was found, who not, and why', async () => {
  const [closed = 0] = await freePorts(1);
  const stranger = await daemon('--token-file', otherToken);
  const found = await daemon();
  const workers = [found.address, stranger.address, `127.0.0.1:${closed}`];
  const options = { workers, tokenFile, minWorkers: 2, waitForWorkers: 3_000 };
  const run = parallelBackend('grpc', options, () => new Parallel({ nJobs: -1 }).run(places(1)));
  const message = await run.then(String, (error: Error) => error.message);
  expect(message.split('\n')).toEqual([
    'only 1 of 2 worker daemons could be used within 3000 ms (waitForWorkers):',
    `  ${found.address} (the workers option): found`,
    expect.stringMatching(/^ {2}\S+ \(the workers option\): refused the token: both ends must have the same one/),
    `  127.0.0.1:${closed} (the workers option): refused the connection: does a worker daemon run there (npx jobloom worker)? (connect ECONNREFUSED 127.0.0.1:${closed})`,
  ]);
});

test('what is required is looked for in labels and resources; each worker has its own GPU', async () => {
  const plain = await daemon('--label', 'zone=a');
  const equipped = await daemon('--label', 'zone=a', '--resource', 'gpu=2');
  const workers = [plain.address, equipped.address];
  await parallelBackend('grpc', { workers, tokenFile, requires: { gpu: 1, zone: 'a' } }, async () => {
    const results = await new Parallel({ nJobs: -1, batchSize: 1 }).run(places(16));
    const used = new Map(results.map(({ worker, gpus }) => [worker, gpus?.join()]));
    expect([...used.keys()].every((worker) => worker.endsWith(` on ${equipped.address}`))).toBe(true);
    expect([...used.values()].sort()).toEqual(['0', '1']);
  });
});

test('a second caller waits for a resource until the first has given it back', async () => {
  const { address } = await daemon('--resource', 'gpu=1');
  const options = { workers: [address], tokenFile, requires: { gpu: 1 } };
  const call = () => parallelBackend('grpc', options, () => new Parallel({ nJobs: -1, batchSize: 1 }).run(places(4)));
  for (const results of await Promise.all([call(), call()]))
    expect(results.map(({ gpus }) => gpus)).toEqual(Array(4).fill([0]));
});

test('what nobody has is said', async () => {
  const { address } = await daemon('--resource', 'gpu=1');
  const options = { workers: [address], tokenFile, requires: { gpu: 2 }, waitForWorkers: 3_000 };
  await expect(parallelBackend('grpc', options, () => new Parallel({ nJobs: -1 }).run(places(1)))).rejects.toThrow(
    `${address} (the workers option): lacks what is required: gpu: 2 (it has 1)`,
  );
});

withService(redis, () => {
  test('daemons announce themselves, join in mid-run, and outlast their registry', async () => {
    const server = await startRedis();
    try {
      const announced = ['--registry', server.url];
      const first = await daemon(...announced);
      await parallelBackend('grpc', { registry: server.url, tokenFile }, async () => {
        const parallel = new Parallel({ nJobs: -1, batchSize: 1 });
        const used = async () =>
          [...new Set((await parallel.run(places(16))).map(({ worker }) => worker.split(' on ')[1]))].sort();
        expect(await used()).toEqual([first.address]);
        const second = await daemon(...announced);
        await expect.poll(used, { timeout: 20_000 }).toEqual([first.address, second.address].sort());
        await server.daemon.kill();
        expect(await used()).toEqual([first.address, second.address].sort());
        await server.restart();
        const third = await daemon(...announced);
        await expect.poll(used, { timeout: 20_000 }).toContain(third.address);
      });
    } finally {
      await server.stop();
    }
  }, 60_000);
});
