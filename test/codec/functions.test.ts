import fs from 'node:fs';
import * as os from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PEERS, type Peer } from './peers.ts';

const base = 40;
const list = [1, 2, 3];
const table = new Map([['two', 2]]);
const weights = new Float64Array([0.5, 1.5]);
const helper = (x: number): number => x + base;
let reassigned = 1;
reassigned = 2;

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}
const isEven = (n: number): boolean => n === 0 || isOdd(n - 1);
const isOdd = (n: number): boolean => n !== 0 && isEven(n - 1);

class Shape {
  static made = 0;
  static readonly kinds: string[] = ['shape'];
  static of(side: number): Shape {
    return new Shape(side);
  }
  readonly side: number;
  constructor(side: number) {
    this.side = side;
  }
  get area(): number {
    return this.side ** 2;
  }
  describe(): string {
    return `side ${this.side}`;
  }
}

class Cube extends Shape {
  #secret = 7;
  override describe(): string {
    return `cube, ${super.describe()}, ${this.#secret}`;
  }
  *[Symbol.iterator](): Generator<number> {
    yield this.side;
  }
}

describe.each(PEERS)('functions over a %s', (_name, open) => {
  let peer: Peer;
  beforeAll(() => {
    peer = open();
  });
  afterAll(async () => peer[Symbol.asyncDispose]());

  test('arrow functions with captured numbers, arrays, maps, typed arrays, helpers', async () => {
    expect(await peer.call((x: number) => 10 * x ** 2, 3)).toBe(90);
    expect(
      await peer.call((x: number) => helper(x) + list.length + (table.get('two') ?? 0) + (weights[1] ?? 0), 1),
    ).toBe(47.5 - 0);
    expect(await peer.call(() => reassigned)).toBe(2);
  });

  test('async functions, generators, methods, getters', async () => {
    const object = {
      async later(x: number) {
        await null;
        return x + base;
      },
      *each() {
        yield* list;
      },
      async *slowly() {
        yield base;
      },
      get now() {
        return base;
      },
      ['computed' + 1](x: number) {
        return x * base;
      },
    };
    expect(await peer.call(object.later, 2)).toBe(42);
    expect(await peer.call(() => [...object.each()])).toEqual([1, 2, 3]);
    const slowly = object.slowly;
    const gather = async (): Promise<number[]> => {
      const all: number[] = [];
      for await (const each of slowly()) all.push(each);
      return all;
    };
    expect(await peer.call(gather)).toEqual([40]);
    expect(await peer.call(() => object.now)).toBe(40);
    expect(await peer.call(object.computed1 as (x: number) => number, 2)).toBe(80);
  });

  test('nested, recursive and mutually recursive closures', async () => {
    const makeAdder = (a: number) => (b: number) => (c: number) => a + b + c + base;
    expect(await peer.call(makeAdder(1)(2), 3)).toBe(46);
    expect(await peer.call(factorial, 10)).toBe(3628800);
    expect(await peer.call((n: number) => [isEven(n), isOdd(n)], 7)).toEqual([false, true]);
    const countdown = (n: number): number[] => (n === 0 ? [] : [n, ...countdown(n - 1)]);
    expect(await peer.call(countdown, 3)).toEqual([3, 2, 1]);
  });

  test('default parameters, destructuring and functions with properties', async () => {
    const scale = ({ x, y = base }: { x: number; y?: number }, [first = list[0]] = []) => [x, y, first];
    scale.unit = 'cm';
    expect(await peer.call(scale, { x: 1 })).toEqual([1, 40, 1]);
    expect(await peer.call(() => [scale.unit, scale.name, scale.length])).toEqual(['cm', 'scale', 1]);
  });

  test('bound functions and proxies', async () => {
    const bound = function (this: { v: number }, a: number, b: number) {
      return this.v + a + b + base;
    }.bind({ v: 1 }, 2);
    expect(await peer.call(bound, 3)).toBe(46);
    const proxy = new Proxy({ a: 1 } as Record<string, number>, {
      get: (target, key) => (target[key as string] ?? 0) + base,
    });
    expect(await peer.call(() => [proxy.a, proxy.b])).toEqual([41, 40]);
  });

  test('classes: inheritance, statics, private fields, accessors, generators, instances', async () => {
    Shape.made = 3;
    const cube = new Cube(2);
    const shape = new Shape(3);
    const probe = (given: Shape) => {
      const made = new Cube(4);
      return [
        made.describe(),
        made.area,
        [...made],
        Shape.made,
        Cube.kinds,
        Shape.of(1) instanceof Shape,
        given instanceof Shape,
        shape.area,
      ];
    };
    expect(await peer.call(probe, shape)).toEqual(['cube, side 4, 7', 16, [4], 3, ['shape'], true, true, 9]);
    await expect(peer.call(() => cube)).rejects.toThrow(
      /^task -> cube: an instance of Cube has the private member #secret/,
    );
  });

  test('an instance of the caller’s class comes back as one', async () => {
    const result = await peer.call((x: number) => ({ shape: new Shape(x), Shape }), 5);
    expect(result.shape).toBeInstanceOf(Shape);
    expect(result.shape.area).toBe(25);
    expect(result.Shape).toBe(Shape);
  });

  test('constructors of the old kind', async () => {
    function Animal(this: { name: string }, name: string) {
      this.name = name;
    }
    Animal.prototype.speak = function (this: { name: string }) {
      return `${this.name}${base}`;
    };
    type AnimalClass = new (name: string) => { name: string; speak(): string };
    const Type = Animal as unknown as AnimalClass;
    const rex = new Type('rex');
    expect(await peer.call(() => [rex.speak(), new Type('tom').speak(), rex instanceof Type])).toEqual([
      'rex40',
      'tom40',
      true,
    ]);
  });

  test('Node’s modules and globals, however imported', async () => {
    const parsed = await peer.call(() => [
      join('a', 'b'),
      os.EOL,
      fs.existsSync('/'),
      typeof fetch,
      typeof process.pid,
      Math.max(1, base),
      typeof structuredClone,
    ]);
    expect(parsed).toEqual([join('a', 'b'), os.EOL, true, 'function', 'number', 40, 'function']);
    const max = Math.max;
    const { basename } = await import('node:path');
    expect(await peer.call(() => [max(1, 2), basename('/x/y')])).toEqual([2, 'y']);
  });

  test('name, length and text stay', async () => {
    const named = function inner(a: number, b: number) {
      return a + b + base;
    };
    expect(
      await peer.call((text: string) => [named.name, named.length, String(named) === text], String(named)),
    ).toEqual(['inner', 2, true]);
  });

  test('captured variables that the code writes start fresh with each decode, and the caller’s stay', async () => {
    let count = 0;
    const next = (): number => ++count;
    expect(await peer.call(next)).toBe(1);
    expect(await peer.call(next)).toBe(1);
    expect(count).toBe(0);
  });

  test('a stack trace points at the original file', async () => {
    const fail = (): never => {
      throw new RangeError('here');
    };
    const error = (await peer.call(fail).catch((thrown: unknown) => thrown)) as Error;
    expect(error).toBeInstanceOf(RangeError);
    expect(error.stack).toMatch(/at fail \(.*functions\.test\.ts:\d+:\d+\)/);
  });

  test('what cannot travel is refused with the way to it', async () => {
    const trails: [() => unknown, RegExp][] = [];
    const db = { conn: Promise.resolve(1) };
    const viaHelper = () => db;
    trails.push([
      () => viaHelper(),
      /^task -> viaHelper -> db -> \.conn: a Promise cannot be sent\. Await it and send its value$/,
    ]);
    const weak = new WeakMap();
    trails.push([() => weak, /^task -> weak: a WeakMap cannot be sent: its entries cannot be listed\. Use a Map$/]);
    const readFile = promisify(fs.readFile);
    trails.push([() => readFile, /^task -> readFile: readFile is a function internal to Node/]);
    // biome-ignore lint/security/noGlobalEval: that is the case
    trails.push([() => eval('base'), /^task: it calls eval directly/]);
    class Holder {
      value = 1;
      arrow(): () => number {
        return () => this.value;
      }
    }
    trails.push([new Holder().arrow(), /^task: an arrow function that uses `this` of the method around it/]);
    for (const [task, message] of trails) await expect(peer.call(task)).rejects.toThrow(message);
  });
});
