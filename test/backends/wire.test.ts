import { ProtocolError } from '@jobloom/backends';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Packet } from '../../packages/backends/src/pool/messages.ts';
import { PacketReader, packetToBytes } from '../../packages/backends/src/pool/wire.ts';

const anyPacket = fc.record({
  message: fc.record({
    type: fc.constantFrom('define', 'end'),
    unit: fc.nat(),
    text: fc.string(),
    list: fc.array(fc.integer()),
  }),
  parts: fc.array(fc.uint8Array({ maxLength: 300 })),
  shared: fc.constant([]),
});

const few = fc.array(
  fc.double().filter((x) => !Object.is(x, -0)),
  { minLength: 1, maxLength: 16 },
);
const positive = fc.integer({ min: 1, max: 2 ** 40 });
/** Packets that have a short form, with every kind of number in them. */
const shortPacket = fc.oneof(
  fc.record({ unit: positive, numbers: few }).map(({ unit, numbers }) => ({
    message: {
      type: 'run',
      unit,
      scope: 0,
      fns: [3],
      args: { kind: 'few', arity: 1, numbers },
      from: 0,
      to: numbers.length,
      first: 9,
      window: 1,
    },
    parts: [],
    shared: [],
  })),
  fc.record({ unit: positive, ms: fc.double({ min: 0, noNaN: true }), numbers: few }).map(({ unit, ms, numbers }) => ({
    message: { type: 'outcomes', unit, from: 2, segments: [{ kind: 'few', numbers }], ms: ms + 0, end: true },
    parts: [],
    shared: [],
  })),
);
const packet = fc.oneof(anyPacket, shortPacket);

test('packets survive any cutting of the stream', () => {
  fc.assert(
    fc.property(
      fc.array(packet, { minLength: 1, maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1 }),
      (packets, cuts) => {
        const bytes = Buffer.concat(packets.flatMap((one) => packetToBytes(one as unknown as Packet<unknown>)));
        const got: unknown[] = [];
        const reader = new PacketReader((one) => got.push(one));
        let at = 0;
        for (let turn = 0; at < bytes.length; turn += 1) {
          const size = cuts[turn % cuts.length] as number;
          reader.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(reader.idle).toBe(true);
        expect(got).toEqual(packets);
        for (const { parts } of got as Packet<unknown>[]) for (const part of parts) expect(part.byteOffset).toBe(0);
      },
    ),
  );
});

test('a stream that is not ours is refused', () => {
  const reader = new PacketReader(() => undefined);
  expect(() => reader.push(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toThrow(ProtocolError);
  const garbage = new PacketReader(() => undefined);
  expect(() => garbage.push(Buffer.from([3, 0, 0, 0, 0xc1, 0xc1, 0xc1]))).toThrow(ProtocolError);
  const negative = new PacketReader(() => undefined);
  const [control] = packetToBytes({ message: 1, parts: [], shared: [] });
  expect(control).toBeDefined();
  expect(() => negative.push(Buffer.from([4, 0, 0, 0, 0x92, 0x01, 0x91, 0xff]))).toThrow(ProtocolError);
});
