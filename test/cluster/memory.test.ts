import { askDaemon, ensureLocalToken } from '@jobloom/backends/grpc';
import { delayed, Parallel, parallelBackend, WorkerLostError } from '@jobloom/parallel';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { planMemory, tooMuch } from '../../packages/backends/src/grpc/scheduling/memory-plan.ts';
import { type RunningDaemon, startDaemon } from './daemons.ts';

const MB = 2 ** 20;

describe('the memory of a daemon', () => {
  test('is divided among itself, its blobs and its workers', () => {
    expect(planMemory(1024 * MB, 2, 4096 * MB)).toEqual({ limit: 1024 * MB, blobs: 256 * MB, share: 352 * MB });
    expect(planMemory(1024 * MB, 2, 64 * MB)).toEqual({ limit: 1024 * MB, blobs: 64 * MB, share: 448 * MB });
    expect(() => planMemory(200 * MB, 2, 2 ** 30)).toThrow(
      'The memory of a daemon with 2 jobs must be 214 MB or more: each worker needs 48 MB. Got 200 MB. Raise it (--max-memory), or take fewer jobs (--jobs).',
    );
    expect(planMemory(214 * MB, 2, 2 ** 30).share).toBeGreaterThanOrEqual(48 * MB);
  });

  test('holds after those have ended that have to; those without work first, and no more than is needed', () => {
    const holder = fc.record({
      bytes: fc.integer({ min: 0, max: 120 }),
      idleSince: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(holder, { maxLength: 12 }), fc.integer({ min: 0, max: 150 }), (holders, others) => {
        const plan = { limit: 400, blobs: 0, share: 100 };
        const ended = tooMuch(plan, others, holders);
        const kept = holders.filter((each) => !ended.includes(each));
        const sum = (list: typeof holders) => list.reduce((total, { bytes }) => total + bytes, others);
        expect(kept.every(({ bytes }) => bytes <= 100)).toBe(true);
        expect(sum(kept)).toBeLessThanOrEqual(400);
        const forRoom = ended.filter(({ bytes }) => bytes <= 100);
        const last = forRoom.at(-1);
        if (last !== undefined) expect(sum(kept) + last.bytes).toBeGreaterThan(400);
        if (forRoom.some(({ idleSince }) => idleSince === undefined))
          expect(kept.every(({ idleSince }) => idleSince === undefined)).toBe(true);
      }),
    );
  });
});

const daemons: RunningDaemon[] = [];
afterEach(() => Promise.all(daemons.splice(0).map((daemon) => daemon.kill())));

/** Two tasks beside one that takes more and more memory; what became of them, and whether the daemon still runs tasks. */
async function crowd(daemon: RunningDaemon, hog: () => unknown) {
  return parallelBackend('grpc', { workers: [daemon.address] }, async () => {
    const runner = new Parallel({ nJobs: 2, batchSize: 1 });
    const nap = async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return 'slept';
    };
    const settled = await runner.settle([delayed(nap)(), delayed(hog)(), delayed(nap)()]);
    const again = await runner.run([delayed(nap)()]);
    expect([again, daemon.child.exitCode]).toEqual([['slept'], null]);
    return settled;
  });
}

/** The hog alone failed, with the memory as the reason. */
function expectOutOfMemory(settled: readonly PromiseSettledResult<unknown>[], limit: number): void {
  const [first, hog, last] = settled as [
    PromiseSettledResult<unknown>,
    PromiseRejectedResult,
    PromiseSettledResult<unknown>,
  ];
  expect([first, last]).toEqual([
    { status: 'fulfilled', value: 'slept' },
    { status: 'fulfilled', value: 'slept' },
  ]);
  expect(hog.reason).toBeInstanceOf(WorkerLostError);
  expect(hog.reason.message).toMatch(/out of memory: .* 400 MB that its daemon may hold \(--max-memory\)/);
  expect(hog.reason.cause).toMatchObject({ name: 'WorkerMemoryError', code: 'ERR_WORKER_MEMORY', limit });
}

const SHARE = planMemory(400 * MB, 2, 2 ** 30).share;

describe('a task that takes too much memory is ended and says so, others finish, the daemon lives:', () => {
  const args = ['--jobs', '2', '--max-memory', '400M', '--kind'];
  let processes: RunningDaemon;
  let threads: RunningDaemon;
  beforeAll(async () => {
    [processes, threads] = await Promise.all([
      startDaemon({ args: [...args, 'processes'] }),
      startDaemon({ args: [...args, 'threads'] }),
    ]);
  });
  afterAll(() => Promise.all([processes?.kill(), threads?.kill()]));

  test('buffers, in a loop that never ends', async () => {
    const settled = await crowd(processes, () => {
      const held: Buffer[] = [];
      for (;;) if (held.length < 500) held.push(Buffer.alloc(4 * 2 ** 20, 1));
    });
    expectOutOfMemory(settled, SHARE);
  });

  test('objects, until the heap is full', async () => {
    const settled = await crowd(processes, () => {
      const held: object[] = [];
      for (;;) held.push({ at: held.length, list: new Array(64).fill(held.length) });
    });
    expectOutOfMemory(settled, SHARE);
  });

  test('large results that nobody has fetched yet', async () => {
    const settled = await crowd(processes, () =>
      Array.from({ length: 12 }, () => new Uint8Array(32 * 2 ** 20).fill(1)),
    );
    expectOutOfMemory(settled, SHARE);
  });

  test('a thread of the daemon', async () => {
    const settled = await crowd(threads, () => {
      const held: object[] = [];
      for (;;) held.push({ at: held.length, list: new Array(64).fill(held.length) });
    });
    expectOutOfMemory(settled, SHARE);
  });
});

test('blobs are kept within their part of the memory', async () => {
  const daemon = await startDaemon({ args: ['--jobs', '1', '--max-memory', '160M'] });
  daemons.push(daemon);
  await parallelBackend('grpc', { workers: [daemon.address] }, async () => {
    for (const value of [1, 2, 3]) {
      const table = new Uint8Array(16 * MB).fill(value);
      expect(await new Parallel({ nJobs: 1 }).run([delayed(() => table[7])()])).toEqual([value]);
    }
  });
  const { stats } = await askDaemon(daemon.address, { tokens: ensureLocalToken() });
  expect(stats).toMatchObject({ blobs: 2, blobBytes: 32 * MB });
});

test('an argument that is larger than all blobs together is refused in so many words; others of its caller go on', async () => {
  const daemon = await startDaemon({ args: ['--jobs', '2', '--max-blobs', String(8 * MB)] });
  daemons.push(daemon);
  await parallelBackend('grpc', { workers: [daemon.address] }, async () => {
    const runner = new Parallel({ nJobs: 2, idempotent: true });
    const slow = runner.submit(
      delayed(async () => {
        await new Promise((resolve) => setTimeout(resolve, 500));
        return 'slept';
      })(),
    );
    const table = new Uint8Array(24 * MB);
    await expect(new Parallel({ nJobs: 1, idempotent: true }).run([delayed(() => table[7])()])).rejects.toThrow(
      'an argument, or a value that a function captures, has 24 MB, and the daemon keeps 8 MB of such at most: give it more (--max-blobs, --max-memory)',
    );
    expect(await slow).toBe('slept');
  });
});
