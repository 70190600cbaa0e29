import {
  ClosedError,
  delayed,
  OptionError,
  Parallel,
  type ParallelOptions,
  parallel,
  type Shared,
  share,
  UnserializableError,
} from '@jobloom/parallel';
import { describe, expect, expectTypeOf, test } from 'vitest';

const range = (n: number): number[] => Array.from({ length: n }, (_, x) => x);

class Table {
  readonly rows: Float64Array;
  constructor(rows: Float64Array) {
    this.rows = rows;
  }
  sum(): number {
    return this.rows.reduce((sum, x) => sum + x, 0);
  }
}

describe.each(['sequential', 'threads', 'processes'])('%s', (backend) => {
  const options: ParallelOptions = { backend, nJobs: 2 };
  const memory = backend === 'processes' ? 'ArrayBuffer' : 'SharedArrayBuffer';

  test('a structure: types, aliasing and content, as argument and captured', async () => {
    const numbers = Float64Array.from({ length: 100_000 }, (_, at) => at);
    await using shared = share({
      numbers,
      half: numbers.subarray(50_000),
      names: new Map([['key', Buffer.from('value')]]),
      view: new DataView(new ArrayBuffer(100_000)),
      raw: new ArrayBuffer(100_000),
      empty: new Float32Array(0),
      date: new Date(7),
    });
    const look = ({ value }: typeof shared): unknown[] => [
      value.numbers[70_000],
      value.half[20_000],
      value.numbers.buffer === value.half.buffer,
      value.numbers.buffer.constructor.name,
      value.names.get('key')?.toString(),
      Buffer.isBuffer(value.names.get('key')),
      value.view.byteLength,
      value.raw.constructor.name,
      value.raw.byteLength,
      value.empty.length,
      value.date.getTime(),
    ];
    const wanted = [70_000, 70_000, true, memory, 'value', true, 100_000, 'ArrayBuffer', 100_000, 0, 7];
    const captured = () => look(shared);
    const got = await parallel([delayed(look)(shared), delayed(captured)(), delayed(look)(shared)], options);
    expect(got).toEqual([wanted, wanted, wanted]);
    expect(look(shared)).toEqual(wanted.map((each, at) => (at === 3 ? 'SharedArrayBuffer' : each)));
  });

  test('typed arrays, Buffers and ArrayBuffers by themselves', async () => {
    const values = [new Uint16Array(70_000).fill(5), Buffer.alloc(70_000, 6), new Uint8Array(70_000).fill(7).buffer];
    const first = (shared: Shared<Uint16Array | Buffer | ArrayBuffer>) => {
      const { value } = shared;
      const [byte] = ArrayBuffer.isView(value) ? value : new Uint8Array(value);
      return [byte, value.byteLength, Object.prototype.toString.call(value)];
    };
    const shares = values.map((value) => share(value));
    expect(
      await parallel(
        shares.map((each) => delayed(first)(each as Shared<Buffer>)),
        options,
      ),
    ).toEqual([
      [5, 140_000, '[object Uint16Array]'],
      [6, 70_000, '[object Uint8Array]'],
      [7, 70_000, '[object ArrayBuffer]'],
    ]);
    for (const each of shares) each.dispose();
  });

  test('the same object for all tasks of a worker', async () => {
    await using shared = share(new Float64Array(50_000));
    const mark = (given: typeof shared) => {
      const { value } = given as { value: Float64Array & { marked?: number } };
      value.marked = (value.marked ?? 0) + 1;
      return [value.marked, given.value === value];
    };
    const got = await parallel(
      range(10).map(() => delayed(mark)(shared)),
      { ...options, nJobs: 1, batchSize: 3 },
    );
    expect(got.at(-1)).toEqual([10, true]);
  });

  test('what happens to the original afterwards does not show', async () => {
    const original = new Float64Array(50_000).fill(1);
    await using shared = share(original);
    original.fill(2);
    expect([
      shared.value[9],
      (await parallel([delayed((s: typeof shared) => s.value[9])(shared)], options))[0],
    ]).toEqual([1, 1]);
  });

  test('instances of classes, functions, and shared values inside of shared values', async () => {
    await using inner = share(new Float64Array(50_000).fill(2));
    await using outer = share({
      table: new Table(new Float64Array(10_000).fill(3)),
      double: (x: number) => 2 * x,
      inner,
    });
    const look = ({ value }: typeof outer) => [
      value.table instanceof Table,
      value.table.sum(),
      value.double(4),
      value.inner.value[5],
    ];
    expect(look(outer)).toEqual([true, 30_000, 8, 2]);
    expect(outer.value.inner).toBe(inner);
    expect(await parallel([delayed(look)(outer), delayed(() => look(outer))()], options)).toEqual([
      [true, 30_000, 8, 2],
      [true, 30_000, 8, 2],
    ]);
  });

  test('comes back from a task as itself; its value as a copy or the memory itself', async () => {
    await using shared = share(new Float64Array(50_000).fill(4));
    const [same, value] = await parallel(
      [delayed((s: typeof shared) => s)(shared), delayed((s: typeof shared) => s.value)(shared)] as const,
      options,
    );
    expect(same).toBe(shared);
    expect([value.length, value[7], value.constructor]).toEqual([50_000, 4, Float64Array]);
  });

  test('used after it was disposed of: words, not crashes', async () => {
    const shared = share(new Float64Array(50_000));
    await parallel([delayed((s: typeof shared) => s.value.length)(shared)], options);
    await shared[Symbol.asyncDispose]();
    shared.dispose();
    expect(() => shared.value).toThrow('this shared value is closed. Create a new one.');
    const settled = await new Parallel(options).settle([
      delayed((s: typeof shared) => s.value.length)(shared),
      delayed(() => 1)(),
    ]);
    expect((settled[0] as PromiseRejectedResult).reason).toBeInstanceOf(ClosedError);
    expect(settled[1]).toEqual({ status: 'fulfilled', value: 1 });
  });

  test('16 calls at once on one shared value', async () => {
    await using shared = share(Float64Array.from({ length: 50_000 }, (_, at) => at));
    const at = (s: typeof shared, index: number) => s.value[index];
    const calls = range(16).map((call) =>
      parallel(
        range(5).map((x) => delayed(at)(shared, 100 * call + x)),
        options,
      ),
    );
    expect(await Promise.all(calls)).toEqual(range(16).map((call) => range(5).map((x) => 100 * call + x)));
  });
});

test('threads write to the memory that the caller sees', async () => {
  await using shared = share(new Int32Array(1000));
  const count = (s: typeof shared, times: number) => {
    for (let at = 0; at < times; at += 1) Atomics.add(s.value, 0, 1);
  };
  await parallel(
    range(10).map(() => delayed(count)(shared, 1000)),
    { backend: 'threads', nJobs: 2 },
  );
  expect(shared.value[0]).toBe(10_000);
});

test('a part of a shared array as an argument: the memory itself on threads, its content on processes', async () => {
  await using shared = share(Float64Array.from({ length: 50_000 }, (_, at) => at));
  const look = (part: Float64Array) => [part.length, part[0], part.buffer.constructor.name];
  const part = shared.value.subarray(10, 20);
  expect(await parallel([delayed(look)(part)], { backend: 'threads' })).toEqual([[10, 10, 'SharedArrayBuffer']]);
  expect(await parallel([delayed(look)(part)], { backend: 'processes', nJobs: 1 })).toEqual([[10, 10, 'ArrayBuffer']]);
});

test('what cannot be shared is named', () => {
  expect(() => share({ a: new WeakMap() })).toThrow(UnserializableError);
  expect(() => share({ a: new WeakMap() })).toThrow(/^shared value -> \.a: /);
  expect(() => share(share(1))).toThrow(OptionError);
});

test('types', () => {
  expectTypeOf(share(new Float64Array(1)).value).toEqualTypeOf<Float64Array<ArrayBuffer>>();
});
