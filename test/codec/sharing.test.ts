import { Session, UnserializableError } from '@jobloom/codec';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PEERS, type Peer } from './peers.ts';

let total = 0;
const add = (n: number): void => {
  total += n;
};
const read = (): number => total;

function makeCounter(start = 0) {
  let count = start;
  return { increment: () => ++count, value: () => count };
}

function makeStore() {
  const entries: number[] = [];
  let version = 0;
  return {
    put(n: number) {
      entries.push(n);
      version += 1;
    },
    state: () => [entries.length, version],
  };
}

describe.each(PEERS)('variables that functions share and write, over a %s', (_name, open) => {
  let peer: Peer;
  beforeAll(() => {
    peer = open();
  });
  afterAll(async () => peer[Symbol.asyncDispose]());

  test('variables of a module are one variable', async () => {
    const task = () => {
      add(2);
      add(3);
      return [read(), total];
    };
    expect(await peer.call(task)).toEqual([5, 5]);
    expect(await peer.call(task)).toEqual([5, 5]);
    expect(total).toBe(0);
  });

  test('functions of one scope that name each other share', async () => {
    let n = 0;
    const increment = () => {
      n += 1;
    };
    const get = () => n;
    const task = () => {
      increment();
      increment();
      return get() + n * 10;
    };
    expect(await peer.call(task)).toBe(22);
  });

  test('closures of one call share, those of another call stay apart', async () => {
    const one = makeCounter();
    const two = makeCounter();
    const task = () => {
      one.increment();
      one.increment();
      two.increment();
      return [one.value(), two.value()];
    };
    expect(await peer.call(task)).toEqual([2, 1]);
  });

  test('independent counters with different values stay apart', async () => {
    const one = makeCounter(5).increment;
    const two = makeCounter(7).increment;
    expect(await peer.call(() => [one(), one(), two()])).toEqual([6, 7, 8]);
  });

  test('objects tell scopes apart', async () => {
    const a = makeStore();
    const b = makeStore();
    const task = () => {
      a.put(1);
      a.put(2);
      b.put(3);
      return [a.state(), b.state()];
    };
    expect(await peer.call(task)).toEqual([
      [2, 2],
      [1, 1],
    ]);
  });

  test('a shared variable holds its value at capture, and may hold functions', async () => {
    let handler: (n: number) => number = (n) => n + 1;
    let calls = 3;
    const replace = () => {
      handler = (n) => n * 100;
      calls += 1;
    };
    const call = (n: number) => [handler(n), calls];
    const task = () => {
      const before = call(2);
      replace();
      return [before, call(2)];
    };
    expect(await peer.call(task)).toEqual([
      [3, 3],
      [200, 4],
    ]);
  });

  test('what shares a variable twice removed', async () => {
    let a = 0;
    let b = 0;
    const both = () => {
      a += 1;
      b += 10;
    };
    const onlyA = () => a;
    const onlyB = () => b;
    expect(
      await peer.call(() => {
        both();
        return [onlyA(), onlyB()];
      }),
    ).toEqual([1, 10]);
  });

  test('rebuilt functions know what they share when they travel on', async () => {
    const counter = makeCounter();
    const nested = async () => {
      const { Session: Inner, addCode } = await import('@jobloom/codec');
      const out = new Inner();
      const frame = out.encode([counter.increment, counter.value]);
      for (const hash of frame.codes) addCode(hash, out.code(hash));
      const [increment, value] = new Inner({ functions: true }).decode(frame) as [() => number, () => number];
      increment();
      increment();
      return [value(), counter.value()];
    };
    expect(await peer.call(nested)).toEqual([2, 0]);
  });

  test('stack traces of functions that share point at their own lines', async () => {
    let n = 0;
    const first = () => {
      n += 1;
      throw new Error('first');
    };
    const second = () => {
      n += 1;
      throw new Error('second');
    };
    const lines = await peer.call(() =>
      [first, second].map((fn) => {
        try {
          return fn();
        } catch (error) {
          return Number(/sharing\.test\.ts:(\d+)/.exec(String((error as Error).stack))?.[1]);
        }
      }),
    );
    const here = [first, second].map((fn) => {
      try {
        return fn();
      } catch (error) {
        return Number(/sharing\.test\.ts:(\d+)/.exec(String((error as Error).stack))?.[1]);
      }
    });
    expect(Number(lines[1]) - Number(lines[0])).toBe(4);
    expect(here.length).toBe(2);
  });
});

test('a frame with such functions is stateful, one with readers only is not', () => {
  const session = new Session();
  expect(session.isStateful(session.encode(() => read()))).toBe(false);
  expect(session.isStateful(session.encode(() => add(1)))).toBe(true);
  expect(session.isStateful(session.encode([read]))).toBe(false);
  expect(UnserializableError.name).toBe('UnserializableError');
});
