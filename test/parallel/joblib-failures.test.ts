import { currentTask, delayed, OptionError, Parallel, TaskTimeoutError, WorkerLostError } from '@jobloom/parallel';
import { describe, expect, test } from 'vitest';

const range = (n: number): number[] => Array.from({ length: n }, (_, x) => x);
const wait = async (ms: number): Promise<number> => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return ms;
};
const failure = async (promise: PromiseLike<unknown>): Promise<unknown> => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('did not fail');
};

// What joblib 1.6 was seen to do otherwise; the letters are those of the notes it was seen by.
describe.each(['sequential', 'threads', 'processes'])('where joblib breaks, on %s', (backend) => {
  const runner = (options = {}) => new Parallel({ backend, nJobs: 2, ...options });

  test('e: the first failure to finish is told, and results that came before it are not lost to a stream', async () => {
    const fail = async (ms: number) => {
      if (ms < 100) await wait(ms);
      else throw new Error('late');
      return ms;
    };
    const got: number[] = [];
    const error = await failure(
      (async () => {
        for await (const value of runner().stream([1, 2, 500].map((ms) => delayed(fail)(ms)))) got.push(value);
      })(),
    );
    expect(got).toEqual([1, 2]);
    expect(error).toMatchObject({ message: 'late', taskIndex: 2 });
  });

  test('f: each task has its own clock, from its own start', async () => {
    const settled = await runner({ timeout: 500, graceMs: 50 }).settle([delayed(wait)(300), delayed(wait)(800)]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect((settled[1] as PromiseRejectedResult).reason).toBeInstanceOf(TaskTimeoutError);
  });

  test('g: an input that throws comes after the results of what it gave', async () => {
    const input = function* () {
      yield* range(3).map((x) => delayed((y: number) => y)(x));
      throw new Error('input');
    };
    const got: number[] = [];
    const error = await failure(
      (async () => {
        for await (const value of runner().stream(input())) got.push(value);
      })(),
    );
    expect([got, (error as Error).message]).toEqual([range(3), 'input']);
  });

  test('h: work starts at the call, one instance serves several calls, and one that dies hurts no other', async () => {
    const one = runner();
    const other = runner();
    let taken = 0;
    const input = function* () {
      for (;;) {
        taken += 1;
        yield delayed(wait)(1);
      }
    };
    const unread = one.stream(input());
    await wait(600);
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(20_000); // nobody takes results: it does not read on
    const again = one.run(range(10).map((x) => delayed((y: number) => y)(x)));
    const third = other.run(range(10).map(() => delayed(wait)(5)));
    await unread.return(undefined);
    expect(await again).toEqual(range(10));
    await one.close();
    expect(await third).toEqual(range(10).map(() => 5));
  });

  test('i: a crash names its task and the next call works; a preDispatch of 0 is refused', async () => {
    expect(() => runner({ preDispatch: 0 })).toThrow(OptionError);
    expect(await runner().run([])).toEqual([]);
    if (backend === 'sequential') return; // a crash in place is the program's own
    const crash = (x: number) => (x === 4 ? process.exit(9) : x);
    const error = await failure(runner().run(range(6).map((x) => delayed(crash)(x))));
    expect(error).toBeInstanceOf(WorkerLostError);
    expect(error).toMatchObject({ index: 4, exitCode: 9 });
    expect(await runner().run([delayed(() => currentTask().index)()])).toEqual([0]);
  });
});
