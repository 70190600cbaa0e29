import { expect, test } from 'vitest';
import type { Bulk } from '../../packages/backends/src/grpc/protocol/bulk-queue.ts';
import { decodeMessage } from '../../packages/backends/src/grpc/protocol/decode.ts';
import { type Duplex, duplexOver } from '../../packages/backends/src/grpc/protocol/duplex.ts';
import type { Outgoing } from '../../packages/backends/src/grpc/protocol/outgoing.ts';

/** A duplex whose messages stay here until somebody asks for their bytes. */
function held(): { readonly duplex: Duplex; readonly written: Outgoing[]; room: boolean; drain(): void } {
  const written: Outgoing[] = [];
  let drained: () => void = () => undefined;
  const it = { room: true, drain: () => drained(), written };
  const duplex = duplexOver(
    {
      write(message) {
        written.push(message);
        return it.room;
      },
      onData: () => undefined,
      onDrain: (listener) => {
        drained = listener;
      },
      onEnd: () => undefined,
      finish: () => undefined,
      abort: () => undefined,
    },
    'the test',
  );
  return Object.assign(it, { duplex });
}

function bulkOf(pieces: number): Bulk & { left: number; ends: number } {
  return {
    left: pieces,
    ends: 0,
    next() {
      this.left -= 1;
      return this.left < 0
        ? undefined
        : { type: 'blob', hash: new Uint8Array(32), size: pieces, data: new Uint8Array(1) };
    },
    over() {
      this.ends += 1;
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const typesIn = (messages: readonly Outgoing[]): string[][] =>
  messages.map((message) => decodeMessage(message.toBytes()).map(({ type }) => type));

test('bulk goes a piece a turn, what else is said goes before the next piece, and it is kept until it is copied', async () => {
  const { duplex, written } = held();
  const bulk = bulkOf(3);
  duplex.sendBulk(bulk);
  await turn();
  duplex.send({ type: 'stop', link: 1 });
  duplex.send({ type: 'stop', link: 2 });
  for (let turns = 0; turns < 4; turns += 1) await turn();
  expect(bulk.ends).toBe(0);
  expect(typesIn(written)).toEqual([['blob'], ['stop', 'stop'], ['blob'], ['blob']]);
  expect(bulk.ends).toBe(1);
});

test('bulk waits while there is no room', async () => {
  const it = held();
  const bulk = bulkOf(2);
  it.room = false;
  it.duplex.sendBulk(bulk);
  for (let turns = 0; turns < 3; turns += 1) await turn();
  expect([it.written.length, bulk.left]).toEqual([1, 1]);
  it.room = true;
  it.drain();
  for (let turns = 0; turns < 3; turns += 1) await turn();
  expect(typesIn(it.written)).toEqual([['blob'], ['blob']]);
});

test('at the end of the stream, bulk is over once, also what is sent after it', async () => {
  const { duplex } = held();
  const [half, late] = [bulkOf(3), bulkOf(3)];
  duplex.sendBulk(half);
  await turn();
  duplex.close(new Error('enough'));
  duplex.sendBulk(late);
  await turn();
  expect([half.left, half.ends, late.left, late.ends]).toEqual([2, 1, 3, 1]);
});

test('what is said after a pause goes before the turn is over, and nothing is lost of what follows', async () => {
  const { duplex, written } = held();
  const say = (link: number): void => duplex.send({ type: 'stop', link });
  say(1);
  await new Promise<void>((resolve) => process.nextTick(resolve));
  expect(written.length).toBe(1);
  say(2);
  say(3);
  await turn();
  await turn();
  expect(typesIn(written).flat()).toEqual(['stop', 'stop', 'stop']);
});
