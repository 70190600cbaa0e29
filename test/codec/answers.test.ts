import { deserialize, serialize } from 'node:v8';
import { type Frame, FrameError, FrameLimitError, FunctionResultError, registerType, Session } from '@jobloom/codec';
import { expect, test } from 'vitest';
import { FORMAT, Kind, type Table } from '../../packages/codec/src/layout.ts';

/** Bytes after the header of V8's format, version 15. */
function v8Frame(...bytes: readonly number[]): Frame {
  return frameOf(Buffer.from([FORMAT, 0, 0xff, 15, ...bytes]));
}

function frameOf(head: Uint8Array): Frame {
  return { head, buffers: [], shared: [], codes: [], modules: [] };
}

/** A frame whose root is the first node. */
function nodes(values: readonly unknown[], ...records: readonly (readonly number[])[]): Frame {
  const starts: number[] = [];
  let size = 0;
  for (const record of records) {
    starts.push(size);
    size += record.length;
  }
  return tableFrame([1, values, records.flat(), starts, [], [], [], [], [], []]);
}

function tableFrame(table: Table): Frame {
  return frameOf(Buffer.concat([Buffer.from([FORMAT, 1]), serialize(table)]));
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return [...bytes, left];
}

function answer(frame: Frame, limits?: ConstructorParameters<typeof Session>[0]): unknown {
  return new Session({ role: 'caller', ...limits }).decode(frame);
}

const OPEN = [-1, 0, 0] as const;

test('what lives in this process cannot be filled, or handed out, by an answer', () => {
  const admin = [-1, 0, 2, 1, 2, 7, 4]; // a property in full: key, bits, value
  for (const kind of [Kind.boxed, Kind.view, Kind.memory])
    expect(() =>
      answer(nodes(['Object/prototype', 'admin', true], [kind, 3, ...admin], [Kind.intrinsic, 0])),
    ).toThrow();
  expect('admin' in {}).toBe(false);
  const path: [string, RegExp][] = [
    ['Object/prototype', /an object of this process/],
    ['globalThis', /an object of this process/],
    ['process', /an object of this process/],
    ['Function', /an object of this process/],
  ];
  for (const [name, message] of path) {
    expect(() => answer(nodes([name], [Kind.intrinsic, 0]))).toThrow(FunctionResultError);
    expect(() => answer(nodes([name], [Kind.array, 1, 3, ...OPEN], [Kind.intrinsic, 0]))).toThrow(message);
  }
});

test('as a prototype it is fine', () => {
  const value = answer(nodes(['Map/prototype'], [Kind.object, 3, ...OPEN], [Kind.intrinsic, 0])) as object;
  expect(Object.getPrototypeOf(value)).toBe(Map.prototype);
});

test('an object in place of a primitive is refused, not converted', () => {
  let converted = 0;
  const own = () => {
    converted += 1;
    return 1;
  };
  const caller = new Session({ role: 'caller' });
  const sent = caller.encode(own);
  const worker = new Session({ role: 'worker' });
  for (const hash of sent.codes) worker.addCode(hash, caller.code(hash));
  const back = worker.encode({ toString: worker.decode(sent) });
  const [, , , , shapes, , homes] = deserialize(back.head.subarray(2)) as Table;
  const hostile = [Kind.object, -1, 0, 1, 0, 5];
  for (const kind of [Kind.date, Kind.url, Kind.searchParams, Kind.regexp, Kind.boxed]) {
    const records = [kind, 3, 3, 3, ...hostile, Kind.home, 0, 0];
    const table: Table = [1, [], records, [0, 4, 10], shapes, [], homes, [], [], []];
    expect(() => caller.decode(tableFrame(table))).toThrow(FrameError);
  }
  const key = [Kind.object, -1, 0, 2, 1, 3, 7, 3]; // a property whose key is that object
  const table: Table = [1, [], [...key, ...hostile, Kind.home, 0, 0], [0, 8, 14], shapes, [], homes, [], [], []];
  expect(() => caller.decode(tableFrame(table))).toThrow('no key where one belongs');
  expect(converted).toBe(0);
});

test('modules of Node are not loaded, and no getter of theirs is called', () => {
  const builtin = (...steps: readonly string[]) =>
    nodes(
      steps,
      [Kind.object, 3, ...OPEN],
      [Kind.builtin, 0, steps.length - 1, ...steps.slice(1).map((_, at) => 2 + 2 * at)],
    );
  expect(() => answer(builtin('node:repl', 'REPLServer'))).toThrow(/the module node:repl came in an answer/);
  expect(() => answer(builtin('node:process', 'stdin'))).toThrow(/node:process of Node .* has no stdin/);
});

test('records of nodes are each read once', () => {
  const value = [Kind.array, 2, -1, -1, ...OPEN];
  const frame = tableFrame([1, [], value, [0, 0], [], [], [], [], [], []]);
  expect(() => answer(frame)).toThrow('these bytes are no frame: records out of order');
});

test('a type that is not registered here is named', () => {
  class Gone {
    readonly left = 1;
  }
  registerType<Gone, number>({
    name: 'test.gone',
    match: (value) => value instanceof Gone,
    encode: ({ left }) => left,
    decode: () => new Gone(),
  });
  const frame = new Session({ role: 'worker' }).encode([new Gone()]);
  const renamed = Buffer.from(frame.head);
  renamed.write('test.lost', renamed.indexOf('test.gone'));
  expect(() => answer({ ...frame, head: renamed })).toThrow(
    /a value of type "test.lost", which is not registered here/,
  );
  expect(answer(frame)).toEqual([new Gone()]);
});

test('arrays that claim more places than the answer has bytes are refused before V8 makes them', () => {
  const sparse = [0x61, ...varint(30_000_000), 0x40, 0, ...varint(30_000_000)];
  const many = v8Frame(0x41, 40, ...Array.from({ length: 40 }, () => sparse).flat(), 0x24, 0, 40);
  expect(() => answer(many)).toThrow(FrameLimitError);
  expect(() => answer(many)).toThrow(/with arrays of 1200000040 places. Raise limits.nodes of the session/);
  const nested = Buffer.alloc(2_000_000, 0x5f); // 500 levels that each claim two million places
  for (let level = 0; level < 500; level += 1) Buffer.from([0x41, ...varint(1_900_000)]).copy(nested, level * 4);
  const head = Buffer.concat([Buffer.from([FORMAT, 0, 0xff, 15]), nested, Buffer.alloc(2_000, 0x24)]);
  expect(() => answer(frameOf(head))).toThrow(FrameLimitError);
});

test('holes take no memory', () => {
  const holes: number[] = [];
  holes[2 ** 31] = 1;
  const frozen: number[] = [];
  frozen.length = 2 ** 26;
  Object.freeze(frozen);
  const before = process.memoryUsage().rss;
  const got = answer(new Session().encode([holes, frozen])) as unknown[][];
  expect([got[0]?.length, got[0]?.[2 ** 31], got[1]?.length]).toEqual([2 ** 31 + 1, 1, 2 ** 26]);
  expect(Object.isFrozen(got[1])).toBe(true);
  expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
});

test('depth, number and size are bounded, and can be raised', () => {
  let deep: unknown[] = [];
  for (let level = 0; level < 150; level += 1) deep = [deep];
  const worker = new Session({ role: 'worker' });
  const frames = { depth: worker.encode(deep), nodes: worker.encode(Array.from({ length: 100 }, () => ({}))) };
  const large = worker.encode(new Uint8Array(10_000));
  for (const [limits, frame, name] of [
    [{ depth: 100 }, frames.depth, 'depth'],
    [{ nodes: 100 }, frames.nodes, 'nodes'],
    [{ bytes: 9_999 }, large, 'bytes'],
  ] as const) {
    const refused = (): unknown => answer(frame, { limits });
    expect(refused).toThrow(FrameLimitError);
    expect(refused).toThrow(`Raise limits.${name} of the session where that is meant`);
    expect(() => refused()).toThrow(expect.objectContaining({ code: 'ERR_FRAME_LIMIT', limit: name }));
    answer(frame, { limits: { depth: 200, nodes: 200, bytes: 20_000 } });
  }
  expect(() => new Session({ limits: { nodes: 0 } })).toThrow('limits.nodes must be a number, 1 or more. Got 0');
  expect(() => new Session({ limits: { size: 1 } as never })).toThrow(
    'limits has no size. It knows: depth, nodes, bytes',
  );
});

test('calls are not bounded by what answers are', () => {
  let deep: unknown[] = [];
  for (let level = 0; level < 150; level += 1) deep = [deep];
  const frame = new Session().encode(deep);
  expect(new Session({ role: 'worker', limits: { depth: 10 } }).decode(frame)).toEqual(deep);
});

test('damage is a FrameError with its code', () => {
  const frame = new Session().encode({ a: [1, 'two'] });
  for (const head of [frame.head.subarray(0, 5), Buffer.alloc(0), Buffer.from([FORMAT, 0, 0xff, 14, 0x5f])])
    expect(() => answer({ ...frame, head })).toThrow(
      expect.objectContaining({ code: 'ERR_FRAME', name: 'FrameError' }),
    );
  const newer = Buffer.from(frame.head);
  newer[0] = 2;
  expect(() => answer({ ...frame, head: newer })).toThrow(
    'these bytes are in frame format 2; this jobloom reads format 1',
  );
  expect(() => answer(v8Frame(0x49, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1))).toThrow(/a number of more than 32 bits/);
  for (const tag of [0x77, 0x6d, 0x75, 0x70, 0x72, 0x7e, 0x42, 0x3f])
    expect(() => answer(v8Frame(tag, 1, 1))).toThrow(/a value of kind/);
});
