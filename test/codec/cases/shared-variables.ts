import { type Section, section, story, task } from './case.ts';

let total = 0;
const add = (n: number): void => {
  total += n;
};
const read = (): number => total;

function makeCounter(start = 0) {
  let count = start;
  return { increment: () => ++count, value: () => count };
}
function makeOther(start = 0) {
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
function makeLone() {
  let count = 0;
  return () => ++count;
}

export const sharedVariables: Section = section('variables that are written', [
  task(
    'a variable of the module is one variable',
    () => () => {
      add(2);
      add(3);
      return [read(), total];
    },
    [5, 5],
  ),
  story(
    'each task starts afresh, the caller’s stay',
    async (call) => {
      let count = 0;
      const next = (): number => ++count;
      return [await call(next), await call(next), count];
    },
    [1, 1, 0],
  ),
  task(
    'functions of one scope',
    () => {
      let n = 0;
      const increment = () => {
        n += 1;
      };
      const get = () => n;
      return () => {
        increment();
        increment();
        return get() + n * 10;
      };
    },
    22,
  ),
  task('closures of one call share, those of another call stay apart', () => {
    const one = makeCounter();
    const two = makeCounter();
    return () => {
      one.increment();
      one.increment();
      two.increment();
      return [one.value(), two.value()];
    };
  }, [2, 1]),
  task('counters with the same text from two functions stay apart', () => {
    const one = makeCounter();
    const two = makeOther();
    return () => {
      one.increment();
      one.increment();
      two.increment();
      return [one.value(), two.value()];
    };
  }, [2, 1]),
  task('the same with equal lone counters', () => {
    const one = makeLone();
    const two = makeLone();
    return () => [one(), one(), two()];
  }, [1, 2, 1]),
  task('counters with different values', () => {
    const one = makeCounter(5).increment;
    const two = makeCounter(7).increment;
    return () => [one(), one(), two()];
  }, [6, 7, 8]),
  task('objects tell scopes apart', () => {
    const a = makeStore();
    const b = makeStore();
    return () => {
      a.put(1);
      a.put(2);
      b.put(3);
      return [a.state(), b.state()];
    };
  }, [
    [2, 2],
    [1, 1],
  ]),
  task('variables of the turns of a loop, parameters, a memo: what only V8’s heap tells', () => {
    const turns: [() => number, () => number][] = [];
    for (let i = 0; i < 2; i += 1) {
      let own = i * 10;
      turns.push([() => ++own, () => own]);
    }
    const make = (n: number) => [() => ++n, () => n] as const;
    const [up, get] = make(3);
    const [, other] = make(3);
    const memo = <T>(fn: (n: number) => T) => {
      const seen = new Map<number, T>();
      let hits = 0;
      const recall = (n: number): T => {
        if (seen.has(n)) hits += 1;
        else seen.set(n, fn(n));
        return seen.get(n) as T;
      };
      return { recall, hits: () => hits };
    };
    const squares = memo((n) => n ** 2);
    const cubes = memo((n) => n ** 3);
    return () => {
      up();
      for (const [add] of turns) add();
      turns[0]?.[0]();
      const recalled = [squares.recall(3), squares.recall(3), cubes.recall(3)];
      return [turns.map(([, value]) => value()), get(), other(), recalled, squares.hits(), cubes.hits()];
    };
  }, [[2, 11], 4, 3, [9, 9, 27], 1, 0]),
  task('its value at capture; it may hold functions', () => {
    let handler: (n: number) => number = (n) => n + 1;
    let calls = 3;
    const replace = () => {
      handler = (n) => n * 100;
      calls += 1;
    };
    const current = (n: number) => [handler(n), calls];
    return () => {
      const before = current(2);
      replace();
      return [before, current(2)];
    };
  }, [
    [3, 3],
    [200, 4],
  ]),
  task('shared through functions between', () => {
    let a = 0;
    let b = 0;
    const both = () => {
      a += 1;
      b += 10;
    };
    const onlyA = () => a;
    const onlyB = () => b;
    return () => {
      both();
      return [onlyA(), onlyB()];
    };
  }, [1, 10]),
  story(
    'two tasks with one captured object do not see each other’s changes by contract: it is a snapshot',
    async (call) => {
      const state = { n: 0 };
      const bump = (): number => {
        state.n += 1;
        return state.n;
      };
      return [await call(bump), await call(bump), state.n];
    },
    [1, 1, 0],
  ),
]);
