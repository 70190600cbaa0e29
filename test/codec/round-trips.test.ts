import { addCode, bytesToFrame, type Frame, frameToBytes, Session } from '@jobloom/codec';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { difference } from './difference.ts';
import { PEERS, type Peer } from './peers.ts';
import { Bag, Bytes, Point, Row, richValue, Stamp, Tagged, Trouble } from './rich-values.ts';

const RUNS = Number(process.env.JOBLOOM_PROPERTY_RUNS ?? 1500);
const CLASSES = [Point, Tagged, Bag, Stamp, Row, Bytes, Trouble];

/** There and back; what the worker sees is compared too. */
function trip(value: unknown, channel: (frame: Frame) => Frame): void {
  const caller = new Session();
  const there = channel(caller.encode([value, CLASSES]));
  for (const hash of there.codes) addCode(hash, caller.code(hash));
  const worker = new Session();
  const [seen] = worker.decode(there) as [unknown];
  expect(difference(value, seen)).toBe(undefined);
  const [back] = caller.decode(channel(worker.encode([seen]))) as [unknown];
  expect(difference(value, back)).toBe(undefined);
}

test('any value travels there and back unchanged: frames of one process', () => {
  fc.assert(
    fc.property(richValue, (value) => trip(value, (frame) => frame)),
    { numRuns: RUNS },
  );
});

test('any value travels there and back unchanged: frames as bytes', () => {
  fc.assert(
    fc.property(richValue, (value) =>
      trip(value, (frame) => {
        const read = bytesToFrame(frameToBytes(frame));
        for (const [hash, text] of read.codes) addCode(hash, text);
        return read.frame;
      }),
    ),
    { numRuns: Math.ceil(RUNS / 3) },
  );
});

describe.each(PEERS)('over a %s', (_name, open) => {
  let peer: Peer;
  beforeAll(() => {
    peer = open();
  });
  afterAll(async () => peer[Symbol.asyncDispose]());

  test('any value travels there and back unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(richValue, async (value) => {
        const [back] = await peer.trip([value, CLASSES]);
        expect(difference(value, back)).toBe(undefined);
      }),
      { numRuns: Math.ceil(RUNS / 10) },
    );
  });
});
