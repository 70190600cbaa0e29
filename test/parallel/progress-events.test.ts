import {
  type CallEndMessage,
  type CallStartMessage,
  type ChannelMessages,
  delayed,
  observe,
  Parallel,
  type ProgressEvent,
  parallelMap,
} from '@jobloom/parallel';
import { afterEach, describe, expect, test } from 'vitest';

const double = (x: number): number => 2 * x;
const tasks = (count: number) => Array.from({ length: count }, (_, x) => delayed(double)(x));
function* endless(count: number) {
  yield* tasks(count);
}

describe.each(['sequential', 'threads', 'processes'] as const)('onProgress on %s', (backend) => {
  const watch = async (act: (runner: Parallel) => unknown): Promise<ProgressEvent[]> => {
    const events: ProgressEvent[] = [];
    await using runner = new Parallel({ backend, nJobs: 2, onProgress: (event) => events.push(event) });
    await act(runner);
    return events;
  };
  const last = (events: readonly ProgressEvent[]) => {
    const { done, failed, underway, total, etaMs, workers } = events.at(-1) as ProgressEvent;
    return { done, failed, underway, total, etaMs, workers };
  };
  const all = (count: number) => ({
    done: count,
    failed: 0,
    underway: 0,
    total: count,
    etaMs: 0,
    workers: backend === 'sequential' ? 1 : 2,
  });

  test('in order, with the total of an array, and all done at the end', async () => {
    const events = await watch((runner) => runner.run(tasks(200)));
    expect(last(events)).toEqual(all(200));
    expect(events.every(({ total }) => total === 200)).toBe(true);
    for (const [at, { done, elapsedMs, underway }] of events.slice(1).entries()) {
      const before = events[at] as ProgressEvent;
      expect(done).toBeGreaterThan(before.done);
      expect(elapsedMs).toBeGreaterThanOrEqual(before.elapsedMs);
      expect(done + underway).toBeLessThanOrEqual(200);
    }
    expect((events.at(-1) as ProgressEvent).rate).toBeGreaterThan(0);
  });

  test('the total of a set', async () => {
    const events = await watch((runner) => runner.run(new Set(tasks(20))));
    expect(events.map(({ total }) => total)).toEqual(events.map(() => 20));
    expect(last(events)).toEqual(all(20));
  });

  test('a generator has its total in the last event', async () => {
    const events = await watch((runner) => runner.run(endless(20)));
    expect(events[0]?.total).toBeUndefined();
    expect(last(events)).toEqual(all(20));
  });

  test('nothing to do: one event', async () => {
    expect((await watch((runner) => runner.run([]))).map(({ done, total }) => [done, total])).toEqual([[0, 0]]);
  });

  test('a stream that is left never says that all is done', async () => {
    const events = await watch(async (runner) => {
      for await (const _ of runner.stream(endless(1000))) break;
    });
    expect(events.every(({ done, total }) => done !== total)).toBe(true);
  });

  test('a listener that throws at the very end fails the call too', async () => {
    const onProgress = ({ total }: ProgressEvent): void => {
      if (total !== undefined) throw new Error('no');
    };
    await using runner = new Parallel({ backend, nJobs: 2, onProgress });
    await expect(runner.run(endless(10))).rejects.toThrow('no');
  });

  test('a listener that throws is not called again, and fails the call', async () => {
    let calls = 0;
    const onProgress = (): void => {
      calls += 1;
      throw new Error('no');
    };
    await using runner = new Parallel({ backend, nJobs: 2, batchSize: 1, onProgress });
    await expect(runner.run(tasks(20))).rejects.toThrow('no');
    await runner.close({ drain: true });
    expect(calls).toBe(1);
  });
});

test('parallelMap knows the total of arrays and sets', async () => {
  const totals = async (items: Iterable<number>): Promise<(number | undefined)[]> => {
    const seen: (number | undefined)[] = [];
    await parallelMap(items, double, { backend: 'sequential', onProgress: ({ total }) => seen.push(total) });
    return [...new Set(seen)];
  };
  expect(await totals([1, 2, 3])).toEqual([3]);
  expect(await totals(new Set([1, 2]))).toEqual([2]);
  expect(await totals(Float64Array.of(1, 2, 3, 4))).toEqual([4]);
});

describe('diagnostics channels', () => {
  const stops: (() => void)[] = [];
  afterEach(() => {
    for (const stop of stops.splice(0)) stop();
  });
  const hear = <N extends keyof ChannelMessages>(name: N): ChannelMessages[N][] => {
    const heard: ChannelMessages[N][] = [];
    stops.push(observe(name, (message) => heard.push(message)));
    return heard;
  };

  test('a call from its start to its end, with its batches', async () => {
    const starts = hear('jobloom:call:start');
    const ends = hear('jobloom:call:end');
    const sent = hear('jobloom:batch:start');
    const back = hear('jobloom:batch:end');
    const odd = (x: number): number => {
      if (x === 3) throw new Error('three');
      return x;
    };
    await using runner = new Parallel({ backend: 'threads', nJobs: 2, batchSize: 2 });
    await runner.settle([0, 1, 2, 3].map((x) => delayed(odd)(x)));
    const { callId } = starts[0] as CallStartMessage;
    expect(starts).toEqual([{ callId, backend: 'threads', nJobs: 2, total: 4 }]);
    const batch = (firstIndex: number) => ({ callId, backend: 'threads', firstIndex, length: 2, attempt: 1 });
    expect(sent).toEqual([batch(0), batch(2)]);
    expect([...back].sort((a, b) => a.firstIndex - b.firstIndex)).toEqual([
      { ...batch(0), failed: 0, elapsedMs: expect.any(Number) },
      { ...batch(2), failed: 1, elapsedMs: expect.any(Number) },
    ]);
    expect(ends).toEqual([{ callId, backend: 'threads', done: 4, failed: 1, elapsedMs: expect.any(Number) }]);
  });

  test('what ended a call', async () => {
    const ends = hear('jobloom:call:end');
    const error = new Error('no');
    const fails = (): never => {
      throw error;
    };
    await using runner = new Parallel({ backend: 'sequential' });
    await expect(runner.run([delayed(fails)()])).rejects.toBe(error);
    expect((ends[0] as CallEndMessage).error).toBe(error);
  });

  test('retries, with the reason', async () => {
    const retries = hear('jobloom:task:retry');
    const flaky = (): never => {
      throw new RangeError('again');
    };
    await using runner = new Parallel({ backend: 'threads', nJobs: 1, retries: 2, backoff: 1 });
    await expect(runner.run([delayed(flaky)()])).rejects.toThrow('again');
    expect(
      retries.map(({ index, attempt, afterMs, error }) => [index, attempt, afterMs, (error as Error).name]),
    ).toEqual([
      [0, 2, 1, 'RangeError'],
      [0, 3, 2, 'RangeError'],
    ]);
  });

  test.each(['threads', 'processes'] as const)('workers of %s that start and exit', async (backend) => {
    const started = hear('jobloom:worker:start');
    const exited = hear('jobloom:worker:exit');
    const dies = (): never => process.exit(7);
    // Workers of its own.
    const runner = new Parallel({ backend, nJobs: 1, initWorker: () => undefined });
    await runner.settle([delayed(dies)(), delayed(double)(1)]);
    await runner.close();
    expect(started.map(({ backend: name, slot }) => [name, slot])).toEqual([
      [backend, 0],
      [backend, 0],
    ]);
    expect(exited.map(({ worker }) => worker)).toEqual(started.map(({ worker }) => worker));
    expect(exited[0]).toMatchObject({ backend, slot: 0, code: 7, signal: null });
  });
});
