import { appendFileSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { delayed, parallel, parallelBackend } from '@jobloom/parallel';
import { describe, expect, test } from 'vitest';
import { startPeer, until } from './peer.ts';
import { eventsOf, runsIn, scratchFolders } from './scratch.ts';

const scratch = scratchFolders();
const logFile = (): string => {
  mkdirSync(scratch.folder, { recursive: true });
  return join(scratch.folder, 'runs.log');
};

describe('one computation a key', () => {
  test('across calls of one thread', async () => {
    await using memory = scratch.open();
    let runs = 0;
    const f = memory.cache(async (x: number) => {
      runs += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return [x];
    });
    const results = await Promise.all(Array.from({ length: 50 }, () => f(1)));
    expect(results).toEqual(Array.from({ length: 50 }, () => [1]));
    expect(new Set(results).size).toBe(50);
    expect(runs).toBe(1);
    expect(memory.stats()).toMatchObject({ misses: 1, waits: 49, hits: 49 });
  });

  test('across memories of one thread on one location', async () => {
    await using one = scratch.open();
    await using two = scratch.open();
    let runs = 0;
    const slow = async (x: number) => {
      runs += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return x;
    };
    expect(await Promise.all([one.cache(slow)(1), two.cache(slow)(1)])).toEqual([1, 1]);
    expect(runs).toBe(1);
  });

  test('a failure is that of all who wait for it, and is not kept', async () => {
    await using memory = scratch.open();
    let runs = 0;
    const f = memory.cache(async () => {
      runs += 1;
      await null;
      throw new Error(`run ${runs}`);
    });
    const settled = await Promise.allSettled([f(), f(), f()]);
    expect(settled.map((each) => each.status === 'rejected' && each.reason.message)).toEqual(Array(3).fill('run 1'));
    await expect(f()).rejects.toThrow('run 2');
  });

  test.each(['threads', 'processes'] as const)('across workers: %s', async (backend) => {
    const log = logFile();
    await using memory = scratch.open();
    const f = memory.cache(
      (x: number, file: string) => {
        appendFileSync(file, 'ran\n');
        for (const end = performance.now() + 200; performance.now() < end; );
        return x * 2;
      },
      { ignore: ['file'] },
    );
    const tasks = Array.from({ length: 8 }, () => delayed(f)(21, log));
    const results = await parallelBackend(backend, { nJobs: 4 }, () => parallel(tasks, { batchSize: 1 }));
    expect(results).toEqual(Array(8).fill(42));
    expect(runsIn(log)).toBe(1);
    expect(await f(21, log)).toBe(42);
    expect(runsIn(log)).toBe(1);
  });

  test.each(['noted', 'busy'])('4 processes on a cold key: one run (%s)', async (name) => {
    const log = logFile();
    const peers = await Promise.all(Array.from({ length: 4 }, () => startPeer({ location: scratch.folder })));
    const results = await Promise.all(peers.map((peer) => peer.ask('call', { name, args: [21, 500, log] })));
    expect(results).toEqual([42, 42, 42, 42]);
    expect(runsIn(log)).toBe(1);
    const stats = (await Promise.all(peers.map((peer) => peer.ask('stats')))) as { misses: number; hits: number }[];
    expect(stats.map(({ misses }) => misses).sort()).toEqual([0, 0, 0, 1]);
    for (const peer of peers) await peer.ask('close');
    expect(await Promise.all(peers.map((peer) => peer.end()))).toEqual([0, 0, 0, 0]);
  });

  test('a lease outlasts its time while its holder computes without a pause', async () => {
    const log = logFile();
    const options = { location: scratch.folder, singleFlight: { ttl: '1s' as const } };
    const holder = await startPeer(options);
    const computing = holder.ask('call', { name: 'busy', args: [1, 3_000, log] });
    await until(() => runsIn(log) === 1);
    await using memory = scratch.open({ singleFlight: { ttl: '1s' } });
    const events = eventsOf(memory);
    const waiter = await startPeer(options);
    expect(await waiter.ask('call', { name: 'busy', args: [1, 0, log] })).toBe(2);
    expect(await computing).toBe(2);
    expect(runsIn(log)).toBe(1);
    expect(await waiter.ask('events')).toEqual(['waiting', 'hit']);
    expect(events).toEqual([]);
    await Promise.all([holder.end(), waiter.end()]);
  });

  test('kill -9 of the holder: another computes after the lease’s time', async () => {
    const log = logFile();
    const options = { location: scratch.folder, singleFlight: { ttl: '1s' as const } };
    const [holder, waiter] = await Promise.all([startPeer(options), startPeer(options)]);
    void holder.ask('call', { name: 'noted', args: [1, 60_000, log] }).catch(() => undefined);
    await until(() => runsIn(log) === 1);
    const result = waiter.ask('call', { name: 'noted', args: [1, 0, log] });
    await until(async () => runsIn(log) === 1);
    await holder.kill();
    expect(await result).toBe(2);
    expect(runsIn(log)).toBe(2);
    await waiter.end();
  });

  test('a thread that is ended with a time-out frees its lease', async () => {
    const log = logFile();
    await using memory = scratch.open({ singleFlight: { ttl: '1s' } });
    const f = memory.cache(
      (x: number, endless: boolean, file: string) => {
        appendFileSync(file, 'ran\n');
        while (endless);
        return x;
      },
      { ignore: ['endless', 'file'] },
    );
    await expect(
      parallel([delayed(f)(1, true, log)], { backend: 'threads', timeout: 300, graceMs: 50 }),
    ).rejects.toThrow();
    expect(await f(1, false, log)).toBe(1);
    expect(runsIn(log)).toBe(2);
  });

  test('singleFlight.wait: who waits too long computes too', async () => {
    const log = logFile();
    const holder = await startPeer({ location: scratch.folder });
    const slow = holder.ask('call', { name: 'noted', args: [1, 2_000, log] });
    await until(() => runsIn(log) === 1);
    const hasty = await startPeer({ location: scratch.folder, singleFlight: { wait: 100 } });
    expect(await hasty.ask('call', { name: 'noted', args: [1, 0, log] })).toBe(2);
    expect(runsIn(log)).toBe(2);
    expect(await slow).toBe(2);
    await Promise.all([holder.end(), hasty.end()]);
  });

  test('a lease that is lost costs a second run and nothing else', async () => {
    const log = logFile();
    const options = { location: scratch.folder, singleFlight: { ttl: '1s' as const } };
    const [frozen, other] = await Promise.all([startPeer(options), startPeer(options)]);
    const late = frozen.ask('call', { name: 'noted', args: [1, 300, log] });
    await until(() => runsIn(log) === 1);
    frozen.signal('SIGSTOP');
    expect(await other.ask('call', { name: 'noted', args: [1, 0, log] })).toBe(2);
    frozen.signal('SIGCONT');
    expect(await late).toBe(2);
    expect(runsIn(log)).toBe(2);
    expect(await other.ask('call', { name: 'noted', args: [1, 0, log] })).toBe(2);
    expect(runsIn(log)).toBe(2);
    await Promise.all([frozen.end(), other.end()]);
  });

  test('singleFlight: false takes no leases', async () => {
    await using memory = scratch.open({ singleFlight: false });
    await memory.cache((x: number) => x)(1);
    expect(() => statSync(join(scratch.folder, 'leases'))).toThrow(/ENOENT/);
  });
});

test('two versions of a program at once: each has its own entries', async () => {
  const log = logFile();
  const peers = await Promise.all([startPeer({ location: scratch.folder }), startPeer({ location: scratch.folder })]);
  const [old, fresh] = peers;
  const rounds: unknown[] = [];
  for (const x of [1, 2, 1, 2])
    rounds.push(
      await Promise.all([
        old?.ask('call', { name: 'a', args: [x, log] }),
        fresh?.ask('call', { name: 'b', args: [x, log] }),
      ]),
    );
  expect(rounds).toEqual([
    [2, 3],
    [3, 4],
    [2, 3],
    [3, 4],
  ]);
  expect(runsIn(log)).toBe(4);
  expect(await fresh?.ask('explain', { name: 'b', args: [1, log] })).toMatchObject({ reason: 'hit' });
  for (const peer of peers) await peer.end();
});

test.each([86_400_000, -86_400_000])('a process whose clock is off by %i ms', async (skewMs) => {
  const log = logFile();
  const options = { location: scratch.folder, singleFlight: { ttl: '1s' as const } };
  const [skewed, right] = await Promise.all([startPeer(options, { skewMs }), startPeer(options)]);
  const first = skewed.ask('call', { name: 'noted', args: [1, 1_500, log] });
  await until(() => runsIn(log) === 1);
  expect(await right.ask('call', { name: 'noted', args: [1, 0, log] })).toBe(2);
  expect(await first).toBe(2);
  expect(runsIn(log)).toBe(1);
  expect(await skewed.ask('call', { name: 'noted', args: [1, 0, log] })).toBe(2);
  expect(runsIn(log)).toBe(1);
  await Promise.all([skewed.end(), right.end()]);
});

test('references cross processes', async () => {
  const log = logFile();
  const [one, two] = await Promise.all([
    startPeer({ location: scratch.folder }),
    startPeer({ location: scratch.folder }),
  ]);
  const reference = await one.ask('shelve', { name: 'noted', args: [4, 0, log] });
  expect(await two.ask('get', { reference })).toBe(8);
  expect(runsIn(log)).toBe(1);
  await Promise.all([one.end(), two.end()]);
});
