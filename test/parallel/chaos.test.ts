import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { currentTask, delayed, Parallel, WorkerLostError } from '@jobloom/parallel';
import { describe, expect, test } from 'vitest';

const COUNT = 20_000;
const range = (n: number): number[] => Array.from({ length: n }, (_, x) => x);

/** Runs with a log of every start; a worker each writes a file of its own. */
async function logged<T>(body: (log: string) => Promise<T>): Promise<{ value: T; starts: Map<number, number> }> {
  const folder = mkdtempSync(join(tmpdir(), 'jobloom-chaos-'));
  try {
    const value = await body(folder);
    const starts = new Map<number, number>();
    for (const name of readdirSync(folder)) {
      const bytes = readFileSync(join(folder, name));
      for (let at = 0; at < bytes.length; at += 4) {
        const index = bytes.readUInt32LE(at);
        starts.set(index, (starts.get(index) ?? 0) + 1);
      }
    }
    return { value, starts };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A task that says that it started, and at some indices takes its worker down. */
function taskOf(folder: string, deadly: ReadonlySet<number>, kill: () => void) {
  return (x: number): number => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(x);
    appendFileSync(`${folder}/${currentTask().worker.id}`, bytes);
    if (deadly.has(x)) kill();
    return 2 * x;
  };
}

const exit = (): void => process.exit(1);
const sigkill = (): void => {
  process.kill(process.pid, 'SIGKILL');
  for (;;);
};

describe.each([
  ['threads', 'exit', exit],
  ['processes', 'SIGKILL', sigkill],
] as const)('%s, workers that die by %s', (backend, _how, kill) => {
  const deadly = new Set(range(24).map((n) => 37 + 811 * n));

  test.each(['auto', 1] as const)(
    `${COUNT} tasks, ${deadly.size} of which take their worker down, settle exactly once each (batchSize: %s)`,
    async (batchSize) => {
      const { value, starts } = await logged((folder) => {
        const task = taskOf(folder, deadly, kill);
        return new Parallel({ backend, nJobs: 2, batchSize }).settle(range(COUNT).map((x) => delayed(task)(x)));
      });
      expect(value).toHaveLength(COUNT);
      const lost = value.flatMap((one, index) => (one.status === 'rejected' ? [index] : []));
      expect(lost).toEqual([...deadly].sort((a, b) => a - b)); // exactly one a kill
      for (const [index, one] of value.entries()) {
        if (one.status === 'fulfilled') expect(one.value).toBe(2 * index);
        else expect(one.reason).toBeInstanceOf(WorkerLostError);
      }
      expect([...starts.values()].filter((count) => count !== 1)).toEqual([]);
      expect(starts.size).toBe(COUNT);
    },
  );
});

test(`processes killed from outside at random: ${COUNT} tasks settle exactly once, none starts twice`, async () => {
  await using runner = new Parallel({ backend: 'processes', nJobs: 2, idempotent: false, recycleAfter: 1_000_000 });
  let kills = 0;
  const { value, starts } = await logged(async (folder) => {
    const task = taskOf(folder, new Set(), exit);
    let over = false;
    const killer = (async () => {
      for (let turn = 0; !over; turn += 1) {
        await new Promise((resolve) => setTimeout(resolve, 60 + ((turn * 37) % 50)));
        const pids = await runner.broadcast(() => process.pid).catch(() => []);
        const pid = pids[turn % Math.max(1, pids.length)];
        if (over || pid === undefined || kills >= 12) continue;
        try {
          process.kill(pid, 'SIGKILL');
          kills += 1;
        } catch {
          // it has ended meanwhile
        }
      }
    })();
    const settled = await runner.settle(range(COUNT).map((x) => delayed(task)(x)));
    over = true;
    await killer;
    return settled;
  });
  const lost = value.filter(({ status }) => status === 'rejected');
  for (const one of lost) expect((one as PromiseRejectedResult).reason).toBeInstanceOf(WorkerLostError);
  for (const [index, one] of value.entries()) if (one.status === 'fulfilled') expect(one.value).toBe(2 * index);
  expect([...starts.values()].filter((count) => count > 1)).toEqual([]);
  expect(starts.size).toBeGreaterThanOrEqual(COUNT - lost.length);
  expect(kills).toBeGreaterThan(0);
  console.log(`${kills} kills cost ${lost.length} of ${COUNT} tasks`);
}, 120_000);
