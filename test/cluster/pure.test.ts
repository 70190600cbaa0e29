import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BackendUnusableError, ProtocolError, WorkerMemoryError } from '../../packages/backends/src/errors.ts';
import { hashOf } from '../../packages/backends/src/grpc/client/blobs.ts';
import { pickRoom } from '../../packages/backends/src/grpc/client/place.ts';
import { BlobCache } from '../../packages/backends/src/grpc/daemon/blobs.ts';
import { decideSlots, emptySlots } from '../../packages/backends/src/grpc/daemon/slots.ts';
import { type Duplex, duplexOver } from '../../packages/backends/src/grpc/protocol/duplex.ts';
import { type Greeting, greetCaller, greetDaemon } from '../../packages/backends/src/grpc/protocol/greet.ts';
import { derivedKey, isProof, proofOf } from '../../packages/backends/src/grpc/protocol/handshake.ts';
import { readAbout, VERSIONS } from '../../packages/backends/src/grpc/protocol/versions.ts';
import { tokenOf, tokensOf } from '../../packages/backends/src/grpc/security/tokens.ts';

const TOKEN = 'a token of thirty-two characters';
const about = { ...VERSIONS, node: 'v1', jobloom: '1', name: 'host:1' };

describe('slots', () => {
  test('as many run at once as there are jobs; callers take turns', () => {
    const state = emptySlots(2);
    expect(decideSlots(state, { type: 'want', client: 1, worker: 11 })).toEqual([11]);
    expect(decideSlots(state, { type: 'want', client: 1, worker: 12 })).toEqual([12]);
    expect(decideSlots(state, { type: 'want', client: 1, worker: 13 })).toEqual([]);
    expect(decideSlots(state, { type: 'want', client: 1, worker: 14 })).toEqual([]);
    expect(decideSlots(state, { type: 'want', client: 2, worker: 21 })).toEqual([]);
    expect(decideSlots(state, { type: 'finished', worker: 11 })).toEqual([13]);
    expect(decideSlots(state, { type: 'finished', worker: 12 })).toEqual([21]); // not 14: it is the other's turn
    expect(decideSlots(state, { type: 'gone', worker: 13 })).toEqual([14]);
  });

  test('a running worker gets a second unit at once while nobody waits, and not when somebody does', () => {
    const state = emptySlots(1);
    expect(decideSlots(state, { type: 'want', client: 1, worker: 11 })).toEqual([11]);
    expect(decideSlots(state, { type: 'want', client: 1, worker: 11 })).toEqual([11]);
    expect(decideSlots(state, { type: 'want', client: 2, worker: 21 })).toEqual([]);
    expect(decideSlots(state, { type: 'want', client: 1, worker: 11 })).toEqual([]);
    expect(decideSlots(state, { type: 'finished', worker: 11 })).toEqual([]);
    expect(decideSlots(state, { type: 'finished', worker: 11 })).toEqual([21]);
    expect(decideSlots(state, { type: 'finished', worker: 21 })).toEqual([11]);
  });

  test('never more than the jobs, and nobody is forgotten', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(fc.nat(11), { maxLength: 200 }), (jobs, wants) => {
        const state = emptySlots(jobs);
        const granted: number[] = [];
        const units: number[] = [];
        const take = (workers: readonly number[]): void => {
          granted.push(...workers);
          units.push(...workers);
          expect(state.running.size).toBeLessThanOrEqual(jobs);
        };
        for (const worker of wants) {
          take(decideSlots(state, { type: 'want', client: worker % 3, worker }));
          if (worker % 2 === 0 && units.length > 0)
            take(decideSlots(state, { type: 'finished', worker: units.shift() as number }));
        }
        while (units.length > 0) take(decideSlots(state, { type: 'finished', worker: units.shift() as number }));
        expect([...granted].sort()).toEqual([...wants].sort());
      }),
    );
  });
});

describe('places', () => {
  test('the daemon with the smallest part of its slots taken', () => {
    const rooms = [
      { jobs: 2, links: 1 },
      { jobs: 8, links: 3 },
      { jobs: 4, links: 2 },
    ];
    expect(pickRoom(rooms)).toBe(rooms[1]);
    const lacks = new Map<object, number>(rooms.map((room) => [room, 1000]));
    const holds = { jobs: 4, links: 3 };
    const missing = (room: object): number => lacks.get(room) ?? 0;
    expect(pickRoom([...rooms, holds], missing)).toBe(holds);
    expect(pickRoom([...rooms, { ...holds, links: 4 }], missing)).toBe(rooms[1]);
    expect(
      pickRoom([
        { jobs: 2, links: 2 },
        { jobs: 0, links: 0 },
      ]),
    ).toBeUndefined();
  });
});

describe('blobs of a daemon', () => {
  const content = (size: number, byte: number): { bytes: Uint8Array; hash: string } => {
    const bytes = new Uint8Array(size).fill(byte);
    return { bytes, hash: hashOf(bytes).toString('hex') };
  };

  for (const sharesMemory of [true, false]) {
    test(`${sharesMemory ? 'in shared memory' : 'in files'}: what was used longest ago makes room`, () => {
      const cache = new BlobCache(250, sharesMemory);
      const [a, b, c] = [content(100, 1), content(100, 2), content(100, 3)] as const;
      for (const { bytes, hash } of [a, b]) {
        const arriving = cache.arriving(hash, 100);
        expect(arriving.add(bytes.subarray(0, 60))).toBeUndefined();
        expect(arriving.add(bytes.subarray(60))?.hash).toBe(hash);
        expect(cache.get(hash)?.segment.read(100)).toEqual(bytes);
      }
      expect(cache.get(a.hash)?.size).toBe(100);
      cache.arriving(c.hash, 100).add(c.bytes);
      expect([a, b, c].map(({ hash }) => cache.get(hash) !== undefined)).toEqual([true, false, true]);
      expect(cache.bytes).toBe(200);
      cache.close();
    });
  }

  test('a content that is not what its hash says, or longer than was said, is refused', () => {
    const cache = new BlobCache(1000, true);
    const { hash } = content(10, 1);
    expect(() => cache.arriving(hash, 10).add(content(10, 2).bytes)).toThrow(/not what its hash says/);
    expect(() => cache.arriving(hash, 10).add(content(11, 1).bytes)).toThrow(/longer than was said/);
    expect(() => cache.arriving(hash, 0)).toThrow(ProtocolError);
    expect(() => cache.arriving(hash, 1001)).toThrow(BackendUnusableError);
    expect(cache.count).toBe(0);
  });

  test('what calls need does not make room', () => {
    const cache = new BlobCache(100, true);
    const { bytes, hash } = content(80, 1);
    cache.arriving(hash, 80).add(bytes);
    const blob = cache.get(hash) as { users: number };
    blob.users = 1;
    expect(() => cache.arriving(content(40, 2).hash, 40)).toThrow(WorkerMemoryError);
    blob.users = 0;
    cache.arriving(content(40, 2).hash, 40);
    expect(cache.count).toBe(0);
  });

  test('what a packet that waits has named stays, from when it comes until the packet has gone on', () => {
    const cache = new BlobCache(100, true);
    const [first, second] = [content(60, 1), content(60, 2)] as const;
    cache.pin(first.hash);
    cache.pin(first.hash);
    cache.arriving(first.hash, 60).add(first.bytes);
    cache.unpin(first.hash);
    expect(() => cache.arriving(second.hash, 60)).toThrow(WorkerMemoryError);
    cache.unpin(first.hash);
    cache.arriving(second.hash, 60).add(second.bytes);
    expect([cache.get(first.hash), cache.get(second.hash)?.size]).toEqual([undefined, 60]);
  });

  test('what arrives takes its room at once, and gives it back when it does not come to its end', () => {
    const cache = new BlobCache(100, true);
    const [first, second] = [content(60, 1), content(60, 2)] as const;
    const arriving = cache.arriving(first.hash, 60);
    expect(() => cache.arriving(second.hash, 60)).toThrow(WorkerMemoryError);
    arriving.drop();
    expect(cache.arriving(second.hash, 60).add(second.bytes)?.hash).toBe(second.hash);
    const [again, twice] = [cache.arriving(content(20, 3).hash, 20), cache.arriving(content(20, 3).hash, 20)];
    for (const one of [again, twice]) expect(one.add(content(20, 3).bytes)?.size).toBe(20);
    expect([cache.count, cache.bytes]).toEqual([2, 80]);
  });
});

/** Two duplexes that are each other's other end. */
function pair(): readonly [Duplex, Duplex] {
  const ends: { data?: (message: Buffer) => void; end?: (reason: Error) => void }[] = [{}, {}];
  const make = (own: number): Duplex =>
    duplexOver(
      {
        write(message) {
          const bytes = message.toBytes();
          queueMicrotask(() => ends[1 - own]?.data?.(bytes));
          return true;
        },
        onData: (listener) => Object.assign(ends[own] as object, { data: listener }),
        onDrain: () => undefined,
        onEnd: (listener) => Object.assign(ends[own] as object, { end: listener }),
        finish: () => ends[1 - own]?.end?.(new Error('closed')),
        abort: (reason) => ends[1 - own]?.end?.(reason),
      },
      'the test',
    );
  return [make(0), make(1)];
}

function greet(callerTokens: string[], daemonTokens: string[]): Promise<[Greeting, Greeting] | Error> {
  const [caller, daemon] = pair();
  const both: Greeting[] = [];
  return new Promise((resolve) => {
    const done = (at: number) => (greeting: Greeting) => {
      both[at] = greeting;
      if (both[0] && both[1]) resolve([both[0], both[1]]);
    };
    caller.onEnd(resolve);
    greetCaller(daemon, { tokens: tokensOf(daemonTokens), about, withinMs: 5_000 }, done(1));
    greetDaemon(caller, { tokens: tokensOf(callerTokens), about, withinMs: 5_000 }, done(0));
  });
}

describe('handshake', () => {
  test('both ends with the token know each other, and one session', async () => {
    const greetings = (await greet([TOKEN], ['another one that is valid too', TOKEN])) as [Greeting, Greeting];
    expect(greetings.map((greeting) => greeting.about)).toEqual([about, about]);
    const [caller, daemon] = greetings;
    expect(derivedKey('beat', caller.token, caller.transcript)).toEqual(
      derivedKey('beat', daemon.token, daemon.transcript),
    );
  });

  test('without the token, nobody is let in', async () => {
    const error = await greet(['one that the daemon lacks'], [TOKEN]);
    expect((error as Error).message).toMatch(/token that is not known here/);
  });

  test('a proof is of no use to the other end, in another session, or with another token', () => {
    const token = tokenOf(TOKEN);
    const transcript = { callerNonce: randomBytes(32), daemonNonce: randomBytes(32), session: randomBytes(16) };
    const proof = proofOf('caller', token, transcript);
    expect(isProof(proof, 'caller', token, transcript)).toBe(true);
    expect(isProof(proof, 'daemon', token, transcript)).toBe(false);
    expect(isProof(proof, 'caller', token, { ...transcript, session: randomBytes(16) })).toBe(false);
    expect(isProof(proof, 'caller', tokenOf(`${TOKEN}!`), transcript)).toBe(false);
    expect(isProof(proof.subarray(1), 'caller', token, transcript)).toBe(false);
  });

  test('before the proofs, anything else ends the stream', async () => {
    const [caller, daemon] = pair();
    const ended = new Promise<Error>((resolve) => caller.onEnd(resolve));
    greetCaller(daemon, { tokens: tokensOf([TOKEN]), about, withinMs: 5_000 }, () => expect.fail('let in'));
    caller.send({ type: 'open', link: 1, settings: '' });
    expect((await ended).message).toMatch(/open in the place of hello/);
  });

  test('versions that do not overlap are refused with both ranges; fields that are new are not', () => {
    expect(readAbout(JSON.stringify({ ...about, cluster: [1, 9], moons: 2 })).cluster).toEqual([1, 9]);
    expect(() => readAbout(JSON.stringify({ ...about, codec: [7, 9] }))).toThrow(
      /codec versions 7 to 9, this one 1 to 1/,
    );
    expect(() => readAbout('[]')).toThrow(ProtocolError);
    expect(() => readAbout('{')).toThrow(ProtocolError);
  });
});
