import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';
import { ProtocolError } from '../../packages/backends/src/errors.ts';
import { decodeMessage } from '../../packages/backends/src/grpc/protocol/decode.ts';
import { encodeEnvelope } from '../../packages/backends/src/grpc/protocol/encode.ts';
import { type Envelope, FIELDS } from '../../packages/backends/src/grpc/protocol/envelope.ts';

const PROTO = new URL('../../packages/backends/src/grpc/cluster.proto', import.meta.url);
const { root } = protobuf.parse(readFileSync(PROTO, 'utf8'), { keepCase: false });
const Message = root.lookupType('jobloom.cluster.v1.Message');

const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const uint32 = fc.nat(2 ** 32 - 1);
const some = fc.uint8Array({ maxLength: 300 });
const text = fc.string({ unit: 'binary', maxLength: 40 });

const envelopes: { readonly [T in Envelope['type']]: fc.Arbitrary<Envelope> } = {
  hello: fc.record({ type: fc.constant('hello'), nonce: bytes(32), keyId: bytes(8) }),
  challenge: fc.record({ type: fc.constant('challenge'), nonce: bytes(32), session: bytes(16), proof: bytes(32) }),
  proof: fc.record({ type: fc.constant('proof'), proof: bytes(32) }),
  about: fc.record({ type: fc.constant('about'), about: text }),
  open: fc.record({ type: fc.constant('open'), link: uint32, settings: text }),
  packet: fc.record(
    {
      type: fc.constant('packet'),
      link: uint32,
      data: some,
      blobs: fc.array(fc.record({ part: uint32, hash: bytes(32) }), { minLength: 1, maxLength: 3 }),
    },
    { requiredKeys: ['type', 'link', 'data'] },
  ),
  stop: fc.record({ type: fc.constant('stop'), link: uint32 }),
  exit: fc.record(
    {
      type: fc.constant('exit'),
      link: uint32,
      code: uint32,
      signal: fc.constantFrom('SIGKILL', 'SIGSEGV'),
      error: fc.constantFrom('out of memory', 'ä\u{1f600}'),
      place: fc.record({ unit: uint32, index: uint32 }),
      memoryLimit: fc.maxSafeNat(),
      hopeless: fc.constant(true),
    },
    { requiredKeys: ['type', 'link'] },
  ),
  blob: fc.record({ type: fc.constant('blob'), hash: bytes(32), size: fc.maxSafeNat(), data: some }),
  blobState: fc.record({ type: fc.constant('blobState'), hash: bytes(32), needed: fc.boolean() }),
  capacity: fc.record({ type: fc.constant('capacity'), jobs: uint32 }),
  draft: fc.record({ type: fc.constant('draft'), name: bytes(32), size: fc.maxSafeNat(), probe: bytes(32) }),
  sum: fc.record({ type: fc.constant('sum'), name: bytes(32), hash: bytes(32) }),
} as never;

const any = fc.oneof(...Object.values(envelopes));

function encode(list: readonly Envelope[]): Buffer {
  return Buffer.concat(
    list.map(encodeEnvelope).flatMap(({ head, body }) => (body === undefined ? [head] : [head, body])),
  );
}

/** As plain values, so that views and buffers compare by content. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

describe('the coder of envelopes', () => {
  test('gives back any list of envelopes', () => {
    fc.assert(
      fc.property(fc.array(any, { maxLength: 5 }), (list) => {
        expect(plain(decodeMessage(encode(list)))).toEqual(plain(list));
      }),
    );
  });

  for (const [type, arbitrary] of Object.entries(envelopes)) {
    test(`${type}: protobufjs reads what it writes, and it reads what protobufjs writes`, () => {
      fc.assert(
        fc.property(arbitrary, (envelope) => {
          const ours = encode([envelope]);
          const read = Message.toObject(Message.decode(ours), { longs: Number, defaults: false }) as {
            envelopes: Record<string, unknown>[];
          };
          expect(Object.keys(read.envelopes[0] ?? {})).toEqual([type]);
          const again = Message.encode(Message.fromObject(read)).finish();
          expect(plain(decodeMessage(again))).toEqual(plain([envelope]));
        }),
        { numRuns: 50 },
      );
    });
  }

  test('has the field numbers of cluster.proto', () => {
    const fields = root.lookupType('jobloom.cluster.v1.Envelope').fields;
    expect(Object.fromEntries(Object.values(fields).map(({ name, id }) => [name, id]))).toEqual(FIELDS);
  });

  test('reads around fields of later versions', () => {
    const later = Buffer.from([0x0a, 0x05, 0x3a, 0x02, 0x08, 0x07, 0x78, 0x12, 0x01, 0x00]);
    expect(() => decodeMessage(later)).toThrow(ProtocolError); // the inner one ends early
    const extra = Buffer.from([0x0a, 0x06, 0x3a, 0x02, 0x08, 0x07, 0x78, 0x01, 0x12, 0x01, 0x00]);
    expect(decodeMessage(extra)).toEqual([{ type: 'stop', link: 7 }]);
  });

  test('garbage gives envelopes or a ProtocolError, never another error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (garbage) => {
        try {
          decodeMessage(garbage);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  test('so do messages with bytes changed, or cut off', () => {
    fc.assert(
      fc.property(any, fc.nat(), fc.nat(255), fc.nat(), (envelope, at, byte, cut) => {
        const message = Buffer.from(encode([envelope]));
        message[at % message.length] = byte;
        try {
          decodeMessage(message.subarray(0, cut % (message.length + 1)));
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
