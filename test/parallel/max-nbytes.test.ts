import {
  type Backend,
  currentTask,
  delayed,
  OptionError,
  Parallel,
  type ParallelOptions,
  parallel,
  runEncoded,
} from '@jobloom/parallel';
import { describe, expect, test } from 'vitest';
import { Batch } from '../../packages/backends/src/batch.ts';
import { CallScope } from '../../packages/backends/src/call-scope.ts';
import { nothingKnown, packetsFor } from '../../packages/backends/src/pool/ship.ts';

const MB = 1024 * 1024;
const range = (n: number): number[] => Array.from({ length: n }, (_, x) => x);
const numbers = (length: number): Float64Array<ArrayBuffer> => Float64Array.from({ length }, (_, at) => at);

/** For comparing large contents at once. */
const bytesOf = (value: unknown): Buffer => {
  if (!ArrayBuffer.isView(value)) return Buffer.from(value as ArrayBuffer);
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
};

/** Notes in the worker which objects its tasks got. */
const seen = (array: object): number => {
  const holder = globalThis as { jobloomTestSeen?: object[] };
  holder.jobloomTestSeen ??= [];
  const at = holder.jobloomTestSeen.indexOf(array);
  return at >= 0 ? at : holder.jobloomTestSeen.push(array) - 1;
};

describe.each(['sequential', 'threads', 'processes'])('%s', (backend) => {
  const options: ParallelOptions = { backend, nJobs: 2 };
  const isolated = backend !== 'sequential';

  test('large arguments keep type, content and length', async () => {
    const types = [
      numbers(MB / 4),
      new Uint8ClampedArray(2 * MB).fill(300),
      new BigInt64Array(MB / 4).fill(-5n),
      Buffer.alloc(2 * MB, 'ab'),
      new DataView(new ArrayBuffer(2 * MB)),
      new ArrayBuffer(2 * MB),
    ];
    const back = await parallel(
      types.map((value) => delayed((x: unknown) => x)(value)),
      options,
    );
    expect(back.map((value, at) => bytesOf(value).equals(bytesOf(types[at])))).toEqual(types.map(() => true));
    expect(back.map((value) => (value as object).constructor.name)).toEqual(
      types.map((value) => value.constructor.name),
    );
    const kinds = await parallel(
      types.slice(0, 5).map((value) => delayed((x: Uint8Array) => x.buffer.constructor.name)(value as Uint8Array)),
      options,
    );
    expect(new Set(kinds)).toEqual(new Set(['ArrayBuffer']));
  });

  test.runIf(isolated)('all tasks of a worker get the same object, in batches and one by one', async () => {
    const array = numbers(MB / 4);
    for (const batchSize of [1, 4]) {
      const tasks = range(12).map((at) =>
        delayed((x: Float64Array, index: number) => [currentTask().worker.slot, seen(x), x[index]])(array, at),
      );
      const got = await parallel(tasks, { ...options, batchSize });
      expect(got.map(([, , value]) => value)).toEqual(range(12));
      const objects = new Map<number, Set<number>>();
      for (const [slot = 0, object = 0] of got as number[][])
        objects.set(slot, (objects.get(slot) ?? new Set()).add(object));
      for (const each of objects.values()) expect(each.size).toBe(1);
    }
  });

  test('a view of a part of a larger buffer; two views of one buffer share it; the rest stays', async () => {
    const all = new Uint8Array(8 * MB).fill(1);
    const first = all.subarray(MB, 3 * MB);
    const second = new Uint16Array(all.buffer, 2 * MB, MB);
    const look = (a: Uint8Array, b: Uint16Array) => {
      const same = a.buffer === b.buffer;
      b[0] = 0x0707;
      return [a.length, b.length, same, a[MB], a.buffer.byteLength];
    };
    const [got] = await parallel([delayed(look)(first, second)], { ...options, maxNbytes: '1M' });
    expect(got?.slice(0, 3)).toEqual([2 * MB, MB, true]);
    expect(got?.[3]).toBe(isolated ? 0x0707 & 255 : 7);
    if (isolated) expect(got?.[4]).toBe(3 * MB); // from the first byte that is used to the last
  });

  test('the same buffer in two arguments is one; two buffers that are alike stay two', async () => {
    const one = new Uint8Array(2 * MB);
    const other = new Uint8Array(2 * MB);
    const write = (a: Uint8Array, b: Uint8Array) => {
      a[0] = 9;
      const result = [a === b, b[0]];
      a[0] = 0;
      return result;
    };
    expect(await parallel([delayed(write)(one, one)], options)).toEqual([[true, 9]]);
    expect(await parallel([delayed(write)(one, other)], options)).toEqual([[false, 0]]);
  });

  test('what the caller writes between two calls is seen, whatever a task wrote', async () => {
    const array = numbers(MB / 4);
    await using runner = new Parallel(options);
    const take = (x: Float64Array) => {
      const value = x[3];
      if (currentTask().worker.id !== 'in place') x[3] = -1;
      return value;
    };
    for (const value of [3, 10, 11, 11, 3]) {
      array[3] = value;
      expect(await runner.run([delayed(take)(array)])).toEqual([value]);
    }
  });

  test('a buffer that the input fills again for each task arrives as it was', async () => {
    const buffer = new Uint32Array(MB / 2);
    const tasks = function* () {
      for (let at = 1; at <= 6; at += 1) yield delayed((x: Uint32Array) => [x[0], x.at(-1)])(buffer.fill(at));
    };
    const got = await parallel(tasks(), { ...options, batchSize: 1, preDispatch: 4 });
    if (isolated) expect(got).toEqual(range(6).map((at) => [at + 1, at + 1]));
  });

  test('empty arrays, small ones and those at the limit', async () => {
    const length = (x: Uint8Array) => [x.byteLength, x[x.length - 1]];
    const got = await parallel(
      [0, 1, 99, 100, 101].map((size) => delayed(length)(new Uint8Array(size).fill(size))),
      { ...options, maxNbytes: 100 },
    );
    expect(got).toEqual([0, 1, 99, 100, 101].map((size) => [size, size === 0 ? undefined : size]));
  });

  test.each([null, '2K', 1] as const)('maxNbytes: %s gives the same results', async (maxNbytes) => {
    const array = numbers(1000);
    const table = { array, half: array.subarray(500) };
    const captured = (at: number) => [table.array[at], table.half[at], table.array.buffer === table.half.buffer];
    const got = await parallel(
      range(5).map((at) => delayed(captured)(at)),
      { ...options, maxNbytes },
    );
    expect(got).toEqual(range(5).map((at) => [at, 500 + at, true]));
  });

  test('memory that can be resized keeps its length', async () => {
    const memory = new (ArrayBuffer as unknown as new (n: number, o: object) => ArrayBuffer)(2 * MB, {
      maxByteLength: 4 * MB,
    });
    const view = new Uint8Array(memory).fill(4);
    expect(await parallel([delayed((x: Uint8Array) => [x.length, x[5]])(view)], options)).toEqual([[2 * MB, 4]]);
  });

  test('16 calls at once, each with its own array and a common one', async () => {
    const common = numbers(MB / 4);
    const call = async (of: number) => {
      const own = new Float64Array(MB / 4).fill(of);
      const tasks = range(3).map((at) =>
        delayed((a: Float64Array, b: Float64Array, index: number) => (a[index] as number) + (b[index] as number))(
          common,
          own,
          at,
        ),
      );
      return parallel(tasks, options);
    };
    expect(await Promise.all(range(16).map(call))).toEqual(range(16).map((of) => [of, of + 1, of + 2]));
  });

  test.runIf(isolated)('a task that is run again gets its argument as it was', async () => {
    const array = numbers(MB / 4);
    const spoil = (x: Float64Array) => {
      const value = x[7];
      x[7] = -1;
      if (currentTask().attempt < 3) throw new Error(`found ${value}`);
      return value;
    };
    expect(await parallel([delayed(spoil)(array)], { ...options, nJobs: 1, retries: 2 })).toEqual([7]);
  });

  test.runIf(isolated)('large results, and large failures', async () => {
    const make = (size: number) => {
      if (size === 3 * MB) throw Object.assign(new Error('large'), { data: new Uint8Array(size).fill(3) });
      return { data: new Uint8Array(size).fill(5), name: 'made' };
    };
    const [made, failed] = await new Parallel(options).settle([delayed(make)(2 * MB), delayed(make)(3 * MB)]);
    const { data, name } = (made as PromiseFulfilledResult<{ data: Uint8Array; name: string }>).value;
    expect([name, bytesOf(data).equals(Buffer.alloc(2 * MB, 5))]).toEqual(['made', true]);
    expect(bytesOf((failed as PromiseRejectedResult).reason.data).equals(Buffer.alloc(3 * MB, 3))).toBe(true);
  });

  test.each([0, -1, '', '2X', Number.NaN, true])('maxNbytes: %s is refused', (maxNbytes) => {
    expect(() => new Parallel({ ...options, maxNbytes: maxNbytes as number })).toThrow(OptionError);
  });
});

test('a batch as bytes holds its large arrays: backends of anybody get them by content', async () => {
  const sizes: number[] = [];
  const far: Backend = {
    name: 'far',
    capabilities: { killsWorker: false, sharedMemory: false, isolated: true, remote: true },
    effectiveNJobs: () => 2,
    async submit(batch) {
      const bytes = await batch.encode();
      sizes.push(Math.round(bytes.byteLength / MB));
      return batch.decode(await runEncoded(bytes));
    },
    close: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
  const array = numbers(MB / 4);
  const tasks = range(6).map((at) => delayed((x: Float64Array, index: number) => x[index])(array, at));
  expect(await parallel(tasks, { backend: far, nJobs: 2, batchSize: 3 })).toEqual(range(6));
  expect(sizes).toEqual([2, 2]);
});

test('a worker on another machine gets a content once a call', () => {
  const scope = new CallScope({ maxNbytes: 1000 });
  const array = numbers(1000);
  const known = nothingKnown(true);
  const types = range(3).map((unit) => {
    const batch = new Batch(scope, [{ fn: (x: Float64Array) => x.length, args: [array] }]);
    const packets = packetsFor(batch, batch.work(), { unit, from: 0, to: 1, window: 1 }, known);
    return packets.map(({ message }) => message.type);
  });
  expect(types).toEqual([['code', 'define', 'memory', 'run'], ['run'], ['run']]);
  scope.end();
});
