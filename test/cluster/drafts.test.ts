import { createHash, randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { Depot, type Holding } from '../../packages/backends/src/bulk/depot.ts';
import { PrivateSegment } from '../../packages/backends/src/bulk/private-segment.ts';
import { WorkerMemoryError } from '../../packages/backends/src/errors.ts';
import { Drafts } from '../../packages/backends/src/grpc/client/drafts.ts';
import { BlobCache } from '../../packages/backends/src/grpc/daemon/blobs.ts';
import { IncomingBlobs } from '../../packages/backends/src/grpc/daemon/incoming-blobs.ts';
import type { Bulk } from '../../packages/backends/src/grpc/protocol/bulk-queue.ts';
import type { Envelope } from '../../packages/backends/src/grpc/protocol/envelope.ts';
import { Probe, probeOf } from '../../packages/backends/src/grpc/protocol/probe.ts';

const hashOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('a probe', () => {
  for (const size of [1, 31, 32, 33, 1000, 2048, 1_000_000])
    test(`of ${size} bytes is the same however they come, and follows samples of all of it`, () => {
      const bytes = randomBytes(size);
      for (const step of [size, Math.ceil(size / 2), Math.max(1, Math.ceil(size / 7)), Math.max(1, size >> 10)]) {
        const probe = new Probe(size);
        for (let at = 0; at < size; at += step) probe.add(bytes.subarray(at, at + step));
        expect(hex(probe.digest())).toBe(hex(probeOf(bytes)));
      }
      for (const at of [0, size - 1]) {
        const other = Buffer.from(bytes);
        other[at] = (other[at] as number) ^ 1;
        expect(hex(probeOf(other))).not.toBe(hex(probeOf(bytes)));
      }
    });

  test('depends on the size too', () => {
    expect(hex(probeOf(new Uint8Array(100_000)))).not.toBe(hex(probeOf(new Uint8Array(100_001))));
  });
});

describe('a blob that is hashed while it is sent', () => {
  const caches: BlobCache[] = [];
  afterEach(() => {
    for (const cache of caches.splice(0)) cache.close();
  });

  /** A caller's drafts on the left, a daemon's blobs on the right. */
  function ends(cache = new BlobCache(10_000_000, true), refuse?: (key: string, why: Error) => unknown) {
    caches.push(cache);
    const said: Envelope[] = [];
    const bulks: Bulk[] = [];
    const answers: Extract<Envelope, { type: 'blobState' }>[] = [];
    const known: { readonly hash: Buffer; readonly holding: Holding }[] = [];
    const drafts = new Drafts({
      send: (envelope) => said.push(envelope),
      sendBulk: (bulk) => bulks.push(bulk),
      summed: () => undefined,
      known: (hash, holding) => known.push({ hash, holding }),
    });
    const incoming = new IncomingBlobs(cache, (envelope) => answers.push(envelope as never), refuse);
    const hear = (envelope: Envelope): boolean | undefined => {
      if (envelope.type === 'draft') incoming.draft(envelope.name, envelope.probe);
      if (envelope.type === 'blob') return incoming.piece(envelope.hash, envelope.size, envelope.data);
      if (envelope.type === 'sum') return incoming.sum(envelope.name, envelope.hash);
      return undefined;
    };
    return { cache, said, bulks, answers, known, drafts, incoming, hear };
  }

  const depot = new Depot((size) => new PrivateSegment(size));
  const hold = (bytes: Uint8Array): Holding => depot.hold(bytes, () => true) as Holding;

  test('is whole at its sum, under its name and its hash', () => {
    const { said, bulks, answers, drafts, incoming, hear, cache } = ends();
    const bytes = randomBytes(2_500_000);
    const holding = hold(bytes);
    const name = drafts.nameOf(holding);
    expect(drafts.nameOf(holding)).toBe(name); // a second worker's packet names the same draft
    expect(said.map(({ type }) => type)).toEqual(['draft']);
    hear(said[0] as Envelope);
    incoming.offered(name); // packets name it: nothing more is said
    expect(answers).toEqual([{ type: 'blobState', hash: name, needed: true }]);
    expect(drafts.answered(name, true)).toBe(bytes.length);
    expect(() => drafts.answered(name, true)).toThrow(/asks twice/);
    const heard: unknown[] = [];
    for (let piece = bulks[0]?.next(); piece !== undefined; piece = bulks[0]?.next())
      heard.push([piece.type, hear(piece)]);
    expect(heard).toEqual([
      ['blob', false],
      ['blob', false],
      ['blob', false],
      ['sum', true],
    ]);
    expect(incoming.get(hex(name))).toBe(cache.get(hex(hashOf(bytes))));
    expect(bytes.equals(incoming.get(hex(name))?.segment.read(bytes.length) as Uint8Array)).toBe(true);
    expect(incoming.isAwaited(hex(name))).toBe(false);
    bulks[0]?.over();
  });

  test('is not sent where the daemon has it, and is where the daemon has one that is only like it', () => {
    const bytes = new Uint8Array(1_000_000);
    const alike = new Uint8Array(1_000_000);
    alike[5_000] = 1; // between two samples
    expect(hex(probeOf(alike))).toBe(hex(probeOf(bytes)));
    const { said, answers, known, bulks, drafts, hear, incoming, cache } = ends();
    cache.arriving(hex(hashOf(bytes)), bytes.length).add(bytes);
    for (const [content, isThere] of [
      [bytes, true],
      [alike, false],
    ] as const) {
      said.length = 0;
      answers.length = 0;
      const name = drafts.nameOf(hold(content));
      hear(said[0] as Envelope);
      expect(answers).toEqual([{ type: 'blobState', hash: name, needed: false }]);
      expect(drafts.answered(name, false)).toBe(0);
      expect(said[1]).toEqual({ type: 'sum', name, hash: hashOf(content) });
      expect(known.at(-1)?.hash).toEqual(hashOf(content));
      expect(hear(said[1] as Envelope)).toBe(isThere);
      expect(answers[1]).toEqual({ type: 'blobState', hash: hashOf(content), needed: !isThere });
      expect(incoming.isAwaited(hex(name))).toBe(!isThere);
    }
    expect(hear({ type: 'blob', hash: hashOf(alike), size: alike.length, data: alike })).toBe(true); // as it does when it is needed
    expect(Buffer.from(alike).equals(incoming.get(hex(hashOf(alike)))?.segment.read(alike.length) as Uint8Array)).toBe(
      true,
    );
    expect(bulks).toEqual([]);
  });

  test('whose sum lies, comes early, or is of no draft is refused, and leaves nothing', () => {
    const { incoming, cache } = ends();
    const draft = (): Buffer => {
      const name = randomBytes(32);
      incoming.draft(name, randomBytes(32));
      return name;
    };
    const lying = draft();
    incoming.piece(lying, 3, Buffer.from('abc'));
    expect(() => incoming.sum(lying, hashOf(Buffer.from('abd')))).toThrow(/not what its hash says/);
    const early = draft();
    incoming.piece(early, 3, Buffer.from('ab'));
    expect(() => incoming.sum(early, hashOf(Buffer.from('ab')))).toThrow(/shorter than was said/);
    expect(() => incoming.piece(early, 3, Buffer.from('cd'))).toThrow(/longer than was said/);
    expect(() => incoming.sum(randomBytes(32), randomBytes(32))).toThrow(/draft that is not known/);
    expect(() => incoming.draft(early, randomBytes(32))).toThrow(/named twice/);
    expect(() => incoming.piece(randomBytes(32), 3, Buffer.from('abc'))).toThrow(/nobody asked for/);
    incoming.drop();
    expect([cache.count, cache.bytes]).toEqual([0, 0]);
  });

  test('for which there is no room goes nowhere, and who waits for it is told, also later', () => {
    const refused: unknown[] = [];
    const { incoming, cache } = ends(new BlobCache(100, true), (key, why) => refused.push([key, why.name]));
    const name = randomBytes(32);
    const content = randomBytes(200);
    incoming.draft(name, randomBytes(32));
    expect(incoming.piece(name, 200, content.subarray(0, 150))).toBe(false);
    expect(incoming.piece(name, 200, content.subarray(150))).toBe(false);
    expect(refused).toEqual([[hex(name), 'BackendUnusableError']]);
    expect(incoming.sum(name, hashOf(content))).toBe(false);
    expect(incoming.refusal(hex(name))?.name).toBe('BackendUnusableError'); // packets may still name it
    incoming.offered(hashOf(content)); // by its hash it is asked for again, and refused again
    expect(incoming.piece(hashOf(content), 200, content)).toBe(false);
    expect(refused[1]).toEqual([hex(hashOf(content)), 'BackendUnusableError']);
    expect([incoming.refusal(hex(hashOf(content))), incoming.isAwaited(hex(hashOf(content)))]).toEqual([
      undefined,
      false,
    ]);
    expect(cache.held).toBe(0);
  });

  test('counts as soon as it begins to arrive', () => {
    const { incoming, cache } = ends(new BlobCache(100, true));
    const name = randomBytes(32);
    incoming.draft(name, randomBytes(32));
    incoming.piece(name, 80, Buffer.alloc(10));
    expect(() => cache.arriving(undefined, 30)).toThrow(WorkerMemoryError);
    incoming.drop();
    cache.arriving(undefined, 30).drop();
  });

  test('keeps what it is sent from until it is over', () => {
    const kept = new Depot((size) => new PrivateSegment(size));
    const holding = kept.hold(new Uint8Array(100), () => true) as Holding & { readonly users: number };
    const { drafts } = ends();
    drafts.nameOf(holding);
    expect(holding.users).toBe(2);
    drafts.clear();
    expect(holding.users).toBe(1);
  });
});
