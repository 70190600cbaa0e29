import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type ContainerExecutor,
  type ContainerJob,
  type ContainerOptions,
  container,
} from '@jobloom/backends/container';
import { backendContract, containerExecutorContract } from '@jobloom/backends/contract';
import { delayed, OptionError, Parallel, type WorkerLostError } from '@jobloom/parallel';
import { diskStore, type Store, StoreError } from '@jobloom/stores';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ProcessPlatform } from '../../examples/shared/process-platform.ts';
import { withService } from '../services/service.ts';
import { mountTmpfs, tmpfs } from '../services/tmpfs.ts';

const command = ['node', fileURLToPath(import.meta.resolve('@jobloom/backends/container/entry'))];
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'jobloom-jobs-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const onPlatform = (options: Partial<ContainerOptions> = {}, executor: ContainerExecutor = new ProcessPlatform()) =>
  container({ transport: 'store', store: folder, executor, command, ...options });
const filesIn = (path: string): string[] =>
  readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => /(job|answer|piece)-/.test(name));

describe('a platform of one’s own', () => {
  containerExecutorContract(test, () => new ProcessPlatform());
});

describe('jobs by a store, on that platform', () =>
  backendContract(test, () => onPlatform({ heapMb: 48 }), { smallHeap: true, signals: true, jobs: true }));

/** A store that counts, and does to entries what a test wants. */
function counting(change: (key: string) => boolean = () => false, counts = new Map<string, number>()) {
  const store = diskStore(folder);
  const kinds = (key: string): string => key.replace(/^.*\/([a-z]+).*$/, '$1');
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
  const proxy = new Proxy(store, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (name === 'get')
        return async (key: string) => {
          count(`get ${kinds(key)}`);
          const entry = await target.get(key);
          const bytes = entry?.parts[0] ?? entry?.head;
          if (bytes !== undefined && change(key)) bytes[20] = (bytes[20] ?? 0) ^ 1;
          return entry;
        };
      if (name === 'put')
        return (key: string, payload: never) => {
          count(`put ${kinds(key)}`);
          return target.put(key, payload);
        };
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { store: proxy as Store, counts };
}

test('what batches share is stored once, results are fetched once, and nothing is left', async () => {
  const { store, counts } = counting();
  const table = new Float64Array(200_000).fill(1.5);
  const sum = (x: number): number => table.length + x;
  {
    await using backend = onPlatform({ store });
    const runner = new Parallel({ nJobs: 2, backend, batchSize: 2 });
    const futures = [1, 2, 3, 4].map((x) => runner.submit(delayed(sum)(x)));
    expect(await Promise.all(futures)).toEqual([200_001, 200_002, 200_003, 200_004]);
    expect(await futures[0]?.get()).toBe(200_001);
    expect(filesIn(folder).length).toBeGreaterThan(0);
  }
  const jobs = counts.get('put job') ?? 0;
  expect(counts.get('get answer')).toBe(jobs);
  expect(counts.get('put piece')).toBeLessThan(2 * jobs + 2); // the table once, and what is each job's own
  expect(filesIn(folder)).toEqual([]);
  await store.close();
});

test('an answer that was changed on the way is not taken', async () => {
  const { store } = counting((key) => key.includes('/answer-'));
  await using backend = onPlatform({ store });
  const [settled] = await new Parallel({ nJobs: 1, backend }).settle([delayed(() => 1)()]);
  expect(settled?.status).toBe('rejected');
  expect(String((settled as { reason: Error }).reason.message)).toMatch(/was not signed|is not what was signed/);
  await store.close();
});

test('a job that was changed, or has expired, is not run', async () => {
  /** Changes what it was submitted before it starts. */
  const meddling = (meddle: (job: ContainerJob) => ContainerJob): ContainerExecutor => {
    const platform = new ProcessPlatform();
    return new Proxy(platform, {
      get: (target, name) => {
        if (name === 'submit') return (job: ContainerJob) => target.submit(meddle(job));
        const value = Reflect.get(target, name) as unknown;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  };
  const reasonOf = async (options: Partial<ContainerOptions>, executor: ContainerExecutor): Promise<string> => {
    await using backend = onPlatform(options, executor);
    const [settled] = await new Parallel({ nJobs: 1, backend }).settle([delayed(() => 1)()]);
    return (settled as { reason: WorkerLostError }).reason.message;
  };
  const otherKey = meddling((job) => {
    const ticket = JSON.parse(job.env.JOBLOOM_JOB ?? '');
    return { ...job, env: { JOBLOOM_JOB: JSON.stringify({ ...ticket, key: 'ab'.repeat(32) }) } };
  });
  expect(await reasonOf({}, otherKey)).toMatch(/was not signed with the key of this run/);
  expect(await reasonOf({ expiresMs: 1 }, new ProcessPlatform())).toMatch(/has expired/);
});

test('a batch larger than allowed is refused in words', async () => {
  await using backend = onPlatform({ maxPayload: '100K' });
  const run = new Parallel({ nJobs: 1, backend }).run([delayed((x: string) => x.length)('x'.repeat(200_000))]);
  await expect(run).rejects.toThrow(/is more than maxPayload \(102400\)\. Make batches smaller/);
});

test('a task that is over its time costs itself', async () => {
  await using backend = onPlatform();
  const task = (x: number): number => {
    for (; x === 1; );
    return x;
  };
  const settled = await new Parallel({ nJobs: 1, backend, batchSize: 3, timeout: 300, graceMs: 50 }).settle(
    [0, 1, 2].map((x) => delayed(task)(x)),
  );
  expect(settled.map((each) => (each.status === 'fulfilled' ? each.value : (each.reason as Error).name))).toEqual([
    0,
    'TaskTimeoutError',
    2,
  ]);
});

test.each([
  [{ transport: 'store' as const, image: 'x' }, /needs the option store/],
  [{ image: 'x', store: 'folder' }, /store option of container goes with transport: 'store'/],
  [{ transport: 'store' as const, image: 'x', store: 'folder', isolate: 'worker' as const }, /isolate: 'task'/],
  [{ transport: 'store' as const, image: 'x', store: 'memory:' }, /one that other processes can open/],
  [{}, /needs the option image/],
  [{ image: 'x', memory: 'lots' as never }, /memory option of container must be a number of bytes/],
  [{ image: 'x', cpus: 0 }, /cpus option of container must be a number above 0/],
])('options that do not go together: %o', (options, message) => {
  expect(() => container(options)).toThrow(OptionError);
  expect(() => container(options)).toThrow(message);
});

withService(tmpfs, () => {
  test('a full store is an error, and no task is lost from view', async () => {
    const small = mountTmpfs('1m');
    try {
      await using backend = onPlatform({ store: small.folder });
      const run = new Parallel({ nJobs: 1, backend }).run([
        delayed((x: Uint8Array) => x.length)(new Uint8Array(3_000_000)),
      ]);
      const error = (await run.catch((raised: unknown) => raised)) as Error;
      expect(error.message).toMatch(/^the job could not be handed over: .*/);
      expect(error.cause).toBeInstanceOf(StoreError);
      expect((error.cause as StoreError).code).toBe('ERR_STORE_FULL');
    } finally {
      small.unmount();
    }
  });
});
