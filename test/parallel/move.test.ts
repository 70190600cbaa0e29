import {
  delayed,
  move,
  OptionError,
  Parallel,
  type ParallelOptions,
  parallel,
  type Task,
  UnserializableError,
} from '@jobloom/parallel';
import { describe, expect, expectTypeOf, test } from 'vitest';

const MB = 1024 * 1024;
const failure = async (promise: PromiseLike<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error) => error,
  );

describe.each(['sequential', 'threads', 'processes'])('%s', (backend) => {
  const options: ParallelOptions = { backend, nJobs: 2 };
  const isolated = backend !== 'sequential';

  test.each([16, 64 * 1024, 4 * MB])('%d bytes: gone from the caller, whole in the task, and back', async (bytes) => {
    const given = new Uint8Array(bytes).fill(3);
    const double = (x: Uint8Array) => {
      for (let at = 0; at < x.length; at += 1) x[at] = 2 * (x[at] as number);
      const result = move(x);
      return result;
    };
    const [got] = await parallel([delayed(double)(move(given))], options);
    expect([got?.length, got?.[0], got?.at(-1), got?.constructor]).toEqual([bytes, 6, 6, Uint8Array]);
    expect(given.length).toBe(isolated ? 0 : bytes);
    if (!isolated) expect(got).toBe(given);
  });

  test('an ArrayBuffer, a Buffer, a DataView, and a view inside of other values', async () => {
    const values = [
      new ArrayBuffer(MB),
      Buffer.alloc(MB, 1),
      new DataView(new ArrayBuffer(MB)),
      { x: [new Int16Array(MB / 2)] },
    ];
    const [memory, buffer, view, nested] = values as [ArrayBuffer, Buffer, DataView, { x: [Int16Array] }];
    move(nested.x[0]);
    const got = await parallel(
      [
        delayed((x: unknown) => x)(move(memory)),
        delayed((x: unknown) => x)(move(buffer)),
        delayed((x: unknown) => x)(move(view)),
        delayed((x: unknown) => x)(nested),
      ],
      options,
    );
    expect(got.map((each) => Object.prototype.toString.call(each))).toEqual([
      '[object ArrayBuffer]',
      '[object Uint8Array]',
      '[object DataView]',
      '[object Object]',
    ]);
    expect(Buffer.isBuffer(got[1])).toBe(true);
    expect((got[3] as typeof nested).x[0].length).toBe(MB / 2);
    if (isolated) expect([memory.byteLength, buffer.length, nested.x[0].length]).toEqual([0, 0, 0]);
  });

  test.runIf(isolated)('moved to two tasks: the second is refused in words, whatever the batches', async () => {
    for (const batchSize of [1, 2]) {
      const given = new Float64Array(1000).fill(1);
      const first = (x: Float64Array) => x.length;
      const settled = await new Parallel({ ...options, batchSize }).settle([
        delayed(first)(move(given)),
        delayed(first)(move(given)),
      ]);
      expect(settled[0]).toEqual({ status: 'fulfilled', value: 1000 });
      const { reason } = settled[1] as PromiseRejectedResult;
      expect(reason).toBeInstanceOf(UnserializableError);
      expect(reason.message).toMatch(
        /^task 1 -> arguments: memory in (?:it|them) was moved to (?:a task before|task 0)\. Move each buffer/,
      );
    }
  });

  test.runIf(isolated)('moved memory cannot be sent again, nor moved', async () => {
    const given = new Float64Array(1000);
    await parallel([delayed((x: Float64Array) => x.length)(move(given))], options);
    expect(await failure(parallel([delayed((x: Float64Array) => x.length)(given)], options))).toBeInstanceOf(
      UnserializableError,
    );
    expect(() => move(given)).toThrow('move was given memory that was moved to a task before.');
  });

  test('a task that moves and then fails costs itself only', async () => {
    const fails = (x: number) => {
      const made = move(new Float64Array(MB / 4).fill(x));
      if (x === 1) throw Object.assign(new Error('after the move'), { made });
      return made;
    };
    const settled = await new Parallel(options).settle([0, 1, 2].map((x) => delayed(fails)(x)));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const { reason } = settled[1] as PromiseRejectedResult;
    expect([reason.message, reason.made.length, reason.made[9]]).toEqual(['after the move', MB / 4, 1]);
  });

  test('many tasks, each with memory of its own: what waits for a worker has left too', async () => {
    const arrays = Array.from({ length: 20 }, (_, at) => new Uint32Array(20_000).fill(at));
    await using runner = new Parallel({ ...options, batchSize: 1 });
    await runner.run([delayed(() => 1)()]);
    const results = runner.run(arrays.map((array) => delayed((x: Uint32Array) => [x[0], x.length])(move(array))));
    expect(await results).toEqual(arrays.map((_, at) => [at, 20_000]));
    if (isolated) expect(arrays.map(({ length }) => length)).toEqual(arrays.map(() => 0));
  });

  test.runIf(backend === 'threads')(
    'memory that went with a worker that died is lost, and its task with it',
    async () => {
      const settled = await new Parallel({ ...options, nJobs: 1, batchSize: 2 }).settle(
        [0, 1].map((at) =>
          delayed((x: Uint8Array, index: number) => (index === 0 ? process.exit(3) : x.length))(
            move(new Uint8Array(MB)),
            at,
          ),
        ),
      );
      expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      for (const each of settled) expect((each as PromiseRejectedResult).reason.code).toBe('ERR_WORKER_LOST');
      expect(await parallel([delayed((x: number) => x + 1)(1)], options)).toEqual([2]);
    },
  );
});

test('a small Buffer from the pool of Node is copied: its neighbours stay', async () => {
  const small = Buffer.from('hello');
  expect(await parallel([delayed((x: Buffer) => x.toString())(move(small))], { nJobs: 1 })).toEqual(['hello']);
  expect(small.toString()).toBe('hello');
});

test.each([1, 'text', null, {}, new SharedArrayBuffer(8), new Uint8Array(new SharedArrayBuffer(8))])(
  '%s cannot be moved',
  (value) => {
    expect(() => move(value as ArrayBuffer)).toThrow(OptionError);
  },
);

test('types: moved is what it was', () => {
  const task = delayed((x: Float64Array<ArrayBuffer>) => move(x))(move(new Float64Array(1)));
  expectTypeOf(task).toEqualTypeOf<Task<Float64Array<ArrayBuffer>>>();
});
