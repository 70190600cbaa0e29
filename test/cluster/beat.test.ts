import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import { isGenuine, readBeat, writeBeat } from '../../packages/backends/src/grpc/liveness/beat.ts';
import { Silence } from '../../packages/backends/src/grpc/liveness/silence.ts';

const key = randomBytes(32);
const session = randomBytes(16);

test('a beat is read as it was written, and is genuine for its own direction, key, session and number alone', () => {
  const bytes = writeBeat(key, 'client', session, 2 ** 40 + 7);
  const beat = readBeat(bytes);
  if (beat === undefined) throw new Error('not read');
  expect([beat.session, beat.number]).toEqual([session, 2 ** 40 + 7]);
  expect(isGenuine(key, 'client', beat)).toBe(true);
  expect(isGenuine(key, 'daemon', beat)).toBe(false);
  expect(isGenuine(randomBytes(32), 'client', beat)).toBe(false);
  expect(isGenuine(key, 'client', { ...beat, number: beat.number + 1 })).toBe(false);
  expect(isGenuine(key, 'client', { ...beat, session: randomBytes(16) })).toBe(false);
});

test('a beat is a BeatMessage of cluster.proto', () => {
  const proto = readFileSync(new URL('../../packages/backends/src/grpc/cluster.proto', import.meta.url), 'utf8');
  const type = protobuf.parse(proto).root.lookupType('jobloom.cluster.v1.BeatMessage');
  const bytes = writeBeat(key, 'daemon', session, 7);
  const { session: id, number, proof } = type.toObject(type.decode(bytes), { longs: Number });
  expect([Buffer.from(id), number, Buffer.from(proof)]).toEqual([session, 7, readBeat(bytes)?.proof]);
  expect(Buffer.from(type.encode({ session, number, proof }).finish())).toEqual(bytes);
});

test('bytes that are no beat are none, whatever they are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(readBeat(bytes)).toBeUndefined();
    }),
  );
  const bytes = writeBeat(key, 'client', session, 1);
  expect(readBeat(bytes.subarray(1))).toBeUndefined();
  bytes.fill(0xff, 19, 27);
  expect(readBeat(bytes)).toBeUndefined(); // no number is that large
});

test('silence adds up look by look, and ends with a word', () => {
  const silence = new Silence(400, 0);
  expect([400, 800, 1200].map((now) => silence.look(now))).toEqual([400, 800, 1200]);
  silence.heard();
  expect(silence.look(1600)).toBe(400);
});

test('a listener that was stopped for an hour has not heard an hour of silence', () => {
  const silence = new Silence(400, 0);
  silence.look(400);
  expect(silence.look(3_600_400)).toBe(900);
});
