import { delayed, Parallel, type ParallelOptions, parallel, SharedWriteError, share } from '@jobloom/parallel';
import { describe, expect, test } from 'vitest';

const MB = 1024 * 1024;

class Account {
  balance = 5;
}

describe.each(['sequential', 'threads', 'processes'])('%s', (backend) => {
  const options: ParallelOptions = { backend, nJobs: 2, checkWrites: true };
  const failing = async (task: ReturnType<ReturnType<typeof delayed>>): Promise<SharedWriteError> => {
    const [ok, bad] = await new Parallel(options).settle([delayed(() => 1)(), task]);
    expect(ok).toEqual({ status: 'fulfilled', value: 1 });
    const { reason } = bad as PromiseRejectedResult;
    expect(reason).toBeInstanceOf(SharedWriteError);
    expect(reason.index).toBe(1);
    return reason as SharedWriteError;
  };

  test('captured objects, however deep', async () => {
    const state = { list: [{ price: 4 }], map: new Map([['a', new Account()]]), set: new Set([1]), date: new Date(5) };
    const helper = () => state;
    const cases: [() => unknown, string[], string][] = [
      [() => state.list.fill({ price: 1 }), ['task', 'state', '.list', '[0]'], 'was { price: 4 } and is { price: 1 }'],
      [
        () => Object.assign(helper().list[0] as object, { price: 6 }),
        ['task', 'helper', 'state', '.list', '[0]', '.price'],
        'was 4 and is 6',
      ],
      [
        () => Object.assign(state.map.get('a') as Account, { balance: 4 }),
        ['task', 'state', '.map', '.get("a")', '.balance'],
        'was 5 and is 4',
      ],
      [() => void state.set.add(2), ['task', 'state', '.set', ' member 1'], 'is new: 2'],
      [() => void state.date.setTime(6), ['task', 'state', '.date', '.getTime()'], 'was 5 and is 6'],
      [() => void delete (state as { list?: unknown }).list, ['task', 'state', '.list'], 'and is gone'],
    ];
    for (const [fn, trail, what] of cases) {
      const error = await failing(delayed(fn)());
      expect(error.trail).toEqual(trail);
      expect(error.message).toContain(what);
      Object.assign(state, {
        list: [{ price: 4 }],
        map: new Map([['a', new Account()]]),
        set: new Set([1]),
        date: new Date(5),
      });
    }
  });

  test('captured variables, also after an await', async () => {
    let count = 0;
    const bump = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      count += 1;
      return count;
    };
    const error = await failing(delayed(bump)());
    expect(error.message).toBe(
      'task 1 wrote to what tasks have in common: task -> count was 0 and is 1. Let it work on a copy: structuredClone(value), array.slice().',
    );
    expect(error.code).toBe('ERR_SHARED_WRITE');
  });

  test('shared values, as argument and captured', async () => {
    await using shared = share({ numbers: new Float64Array(20_000).fill(1) });
    const write = (s: typeof shared) => {
      s.value.numbers[7] = 2;
    };
    const error = await failing(delayed(write)(shared));
    expect(error.trail).toEqual(['argument 0', '.value', '.numbers', '[7]']);
    expect(error.message).toContain('was 1 and is 2');
    const captured = () => shared.value.numbers.fill(3, 8);
    expect((await failing(delayed(captured)())).trail).toEqual(['task', 'shared', '.value', '.numbers', '[8]']);
  });

  test('large arrays among arguments, but not small ones, nor what was moved, nor what the task made', async () => {
    const write = (x: { data: Uint8Array }) => {
      x.data[3] = 9;
      return x.data.length;
    };
    const large = { data: new Uint8Array(2 * MB) };
    expect((await failing(delayed(write)(large))).trail).toEqual(['argument 0.data', '[3]']);
    expect(await parallel([delayed(write)({ data: new Uint8Array(10) })], options)).toEqual([10]);
    expect(await parallel([delayed(write)(large)], { ...options, maxNbytes: null })).toEqual([2 * MB]);
    expect(await parallel([delayed(() => [3, 1, 2].sort())()], options)).toEqual([[1, 2, 3]]);
  });

  test('off unless asked for; a failure of the task itself is the one that is told', async () => {
    const state = { n: 0 };
    const write = (fails: boolean) => {
      state.n += 1;
      if (fails) throw new RangeError('its own');
      return 1;
    };
    expect(await parallel([delayed(write)(false)], { ...options, checkWrites: false })).toEqual([1]);
    await expect(parallel([delayed(write)(true)], options)).rejects.toThrow(new RangeError('its own'));
  });
});
