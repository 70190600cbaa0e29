import { RENAMED, type Section, section, task } from './case.ts';

const base = 40;
const list = [1, 2, 3];

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}
const isEven = (n: number): boolean => n === 0 || isOdd(n - 1);
const isOdd = (n: number): boolean => n !== 0 && isEven(n - 1);

const object = {
  factor: 3,
  plain(x: number) {
    return x + base;
  },
  async later(x: number) {
    await null;
    return x + base;
  },
  *each() {
    yield* list;
  },
  async *slowly() {
    yield base;
    yield base + 1;
  },
  get now() {
    return base;
  },
  set now(x: number) {
    this.factor = x;
  },
  [`computed${1}`]: (x: number) => x * base,
  [`method${1}`](x: number) {
    return x - base;
  },
  async: () => 'called async',
  'quoted name'() {
    return base;
  },
  7() {
    return 'seven';
  },
  scaled(x: number) {
    return this.factor * x;
  },
};

function* countTo(n: number): Generator<number, string> {
  for (let i = 1; i <= n; i += 1) yield i;
  return 'done';
}

async function* letters(): AsyncGenerator<string> {
  yield 'a';
  yield 'b';
}

const tag = (strings: TemplateStringsArray, ...values: readonly number[]): string =>
  strings.raw.join('|') + values.map((each) => each + base).join();

export const functionKinds: Section = section('function kinds', [
  task('arrow', () => (x: number) => 10 * x ** 2, 90, { args: [3] }),
  task('arrow with a captured constant', () => () => base, 40),
  task('async arrow', () => async (x: number) => (await Promise.resolve(x)) + base, 42, { args: [2] }),
  task('function declaration, recursive', () => factorial, 3628800, { args: [10] }),
  task('mutual recursion', () => (n: number) => [isEven(n), isOdd(n)], [false, true], { args: [7] }),
  task(
    'recursive arrow',
    () => {
      const countdown = (n: number): number[] => (n === 0 ? [] : [n, ...countdown(n - 1)]);
      return countdown;
    },
    [3, 2, 1],
    { args: [3] },
  ),
  task(
    'named function expression, recursive',
    () =>
      function inner(n: number): number {
        return n === 0 ? base : inner(n - 1);
      },
    40,
    { args: [3] },
  ),
  task('generator', () => () => [...countTo(3)], [1, 2, 3]),
  task(
    'generator, its return value',
    () => () => {
      const running = countTo(0);
      return running.next();
    },
    { value: 'done', done: true },
  ),
  task(
    'async generator',
    () => async () => {
      const all: string[] = [];
      for await (const letter of letters()) all.push(letter);
      return all;
    },
    ['a', 'b'],
  ),
  task(
    'async function declaration',
    () => {
      async function later(x: number) {
        return (await x) + base;
      }
      return later;
    },
    42,
    { args: [2] },
  ),
  task('method', () => object.plain, 42, { args: [2] }),
  task('async method', () => object.later, 42, { args: [2] }),
  task('generator method', () => () => [...object.each()], [1, 2, 3]),
  task('async generator method', () => {
    const slowly = object.slowly;
    return async () => {
      const all: number[] = [];
      for await (const each of slowly()) all.push(each);
      return all;
    };
  }, [40, 41]),
  task('getter of a captured object', () => () => object.now, 40),
  task(
    'setter of a captured object',
    () => () => {
      object.now = 9;
      return object.scaled(2);
    },
    18,
  ),
  task('a getter itself', () => Object.getOwnPropertyDescriptor(object, 'now')?.get as () => number, 40),
  task('arrow under a computed name', () => object.computed1 as (x: number) => number, 80, { args: [2] }),
  task('method under a computed name', () => object.method1 as (x: number) => number, -38, { args: [2] }),
  task('method called async', () => object.async, 'called async'),
  task('method under a quoted name', () => object['quoted name'], 40),
  task('method under a number', () => object[7], 'seven'),
  task('method that uses this, with its object', () => () => object.scaled(5), 15),
  task(
    'default parameters',
    () =>
      (x: number, y = base, z = x + y) => [x, y, z],
    [1, 40, 41],
    { args: [1] },
  ),
  task(
    'destructuring parameters',
    () =>
      ({ x, y = base, ...rest }: { x: number; y?: number; z?: number }, [first = list[0]]: number[] = []) => [
        x,
        y,
        rest,
        first,
      ],
    [1, 40, { z: 3 }, 1],
    { args: [{ x: 1, z: 3 }] },
  ),
  task(
    'rest parameters',
    () =>
      (...all: number[]) =>
        all.length + base,
    43,
    { args: [1, 2, 3] },
  ),
  task(
    'its own arguments',
    () =>
      function () {
        return arguments.length;
      },
    2,
    { args: [1, 2] },
  ),
  task(
    'nested closures, curried',
    () =>
      (
        (a: number) => (b: number) => (c: number) =>
          a + b + c + base
      )(1)(2),
    46,
    {
      args: [3],
    },
  ),
  task(
    'a closure that makes closures',
    () => (a: number) => [1, 2].map((b) => ((c: number) => a + b + c)(base)),
    [42, 43],
    {
      args: [1],
    },
  ),
  task('a module made by a function called at once', () => {
    const counter = (() => {
      let hidden = base;
      return { next: () => ++hidden };
    })();
    return () => [counter.next(), counter.next()];
  }, [41, 42]),
  task(
    'bound function',
    () =>
      function (this: { v: number }, a: number, b: number) {
        return this.v + a + b + base;
      }.bind({ v: 1 }, 2),
    46,
    { args: [3] },
  ),
  task('bound twice', () => ((a: number, b: number, c: number) => [a, b, c]).bind(null, 1).bind(null, 2), [1, 2, 3], {
    args: [3],
  }),
  task('bound native function', () => Math.max.bind(null, 5), 7, { args: [7] }),
  task('native function', () => Math.max, 5, { args: [5, 2] }),
  task(
    'method of a prototype of the language',
    () => () => Array.prototype.map.call([1, 2], (x) => x + base),
    [41, 42],
  ),
  task('proxy of an object', () => {
    const proxy = new Proxy({ a: 1 } as Record<string, number>, {
      get: (target, key) => (target[key as string] ?? 0) + base,
    });
    return () => [proxy.a, proxy.b];
  }, [41, 40]),
  task(
    'proxy of a function',
    () => {
      const proxy = new Proxy((x: number) => x + base, { apply: (target, _self, [x]) => target(x * 10) });
      return () => proxy(2);
    },
    60,
  ),
  task('a proxy as the task', () => new Proxy((x: number) => x + base, {}), 42, { args: [2] }),
  task('function with properties', () => {
    const scale = (x: number) => x + scale.unit;
    scale.unit = base;
    scale.nested = { deep: [1] };
    return () => [scale(1), scale.unit, scale.nested];
  }, [41, 40, { deep: [1] }]),
  task(
    'name, length and text stay',
    () => {
      const named = function inner(a: number, b: number) {
        return a + b + base;
      };
      const text = String(named);
      return () => [named.name, named.length, String(named) === text];
    },
    ['inner', 2, true],
    RENAMED,
  ),
  task('a name given by defineProperty stays', () => {
    const fn = () => base;
    Object.defineProperty(fn, 'name', { value: 'given', configurable: true });
    return () => [fn.name, fn()];
  }, ['given', 40]),
  task('new Function', () => new Function('a', 'b', 'return a * b'), 6, { args: [2, 3] }),
  task('new Function is sloppy: this is the global object', () => new Function('return this === globalThis'), true),
  task('new Function that says strict', () => new Function('"use strict"; return this === undefined'), true),
  task('new Function with a with statement', () => new Function('o', 'with (o) return a + b'), 3, {
    args: [{ a: 1, b: 2 }],
  }),
  task('indirect eval', () => () => (0, eval)('1 + 2'), 3),
  task('tagged template', () => () => tag`a${1}\n${2}`, 'a|\\n|41,42'),
  task(
    'new.target of a function',
    () => {
      function Made(this: { direct: boolean }) {
        this.direct = new.target === Made;
      }
      return () => new (Made as unknown as new () => { direct: boolean })().direct;
    },
    true,
  ),
  task(
    'regular expressions, templates and comments in the text',
    () => (text: string) => /* } */ `${text.replace(/[`'"})]/g, '')}`, // }
    'ab',
    { args: ["a`}'b"] },
  ),
  task('globals of the language and of Node', () => () => [typeof fetch, typeof process.pid, typeof structuredClone], [
    'function',
    'number',
    'function',
  ]),
  task(
    'typeof of a name that is nowhere',
    () => new Function('return typeof nowhereToBeFound') as () => string,
    'undefined',
  ),
  task(
    'optional chaining, ??=, **, BigInt, spread, labels',
    () => (n: number) => {
      let value: number | undefined;
      value ??= n ** 2;
      outer: for (const a of list) {
        for (const b of [...list]) {
          if (a * b > 3) break outer;
          value += a * b;
        }
      }
      return [value, (object as { none?: { x: number } }).none?.x, 2n ** 64n];
    },
    [17, undefined, 18446744073709551616n],
    { args: [3] },
  ),
  task(
    'try, catch and finally; a thrown value that is no error',
    () => () => {
      const seen: unknown[] = [];
      try {
        throw { code: base };
      } catch (thrown) {
        seen.push(thrown);
      } finally {
        seen.push('finally');
      }
      return seen;
    },
    [{ code: 40 }, 'finally'],
  ),
]);
