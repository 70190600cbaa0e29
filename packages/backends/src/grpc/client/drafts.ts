import { createHash, randomBytes } from 'node:crypto';
import type { Holding } from '../../bulk/depot.ts';
import { ProtocolError } from '../../errors.ts';
import type { Bulk } from '../protocol/bulk-queue.ts';
import { PIECE } from '../protocol/duplex.ts';
import type { Envelope } from '../protocol/envelope.ts';
import { hashOf, probeOfHolding, rememberHash } from './blobs.ts';

const NAME_BYTES = 32;

interface Draft {
  readonly name: Buffer;
  readonly holding: Holding;
  readonly bytes: Uint8Array;
  /** It is on its way. */
  goes: boolean;
}

/** What a connection does for its drafts. */
export interface DraftEvents {
  send(envelope: Envelope): void;
  sendBulk(bulk: Bulk): void;
  /** The daemon is told the hash. */
  summed(hash: Buffer): void;
  /** The daemon has a blob like this one: it is to be offered by its hash. Whoever takes it releases it. */
  known(hash: Buffer, holding: Holding): void;
}

/** Large buffers that nobody has hashed yet, on their way to one daemon: they are hashed piece by piece as they go. */
export class Drafts {
  readonly #events: DraftEvents;
  /** By name of the holding; until their sum has been sent. */
  readonly #byHolding = new Map<string, Draft>();
  readonly #byName = new Map<string, Draft>();

  constructor(events: DraftEvents) {
    this.#events = events;
  }

  /** The name that stands for its hash. */
  nameOf(holding: Holding): Buffer {
    const before = this.#byHolding.get(holding.name);
    if (before !== undefined) return before.name;
    const { length, segment, depot } = holding;
    const name = randomBytes(NAME_BYTES);
    const bytes = segment.view?.(length) ?? segment.read(length);
    const draft = { name, holding, bytes, goes: false };
    depot?.retain(holding);
    this.#byHolding.set(holding.name, draft);
    this.#byName.set(name.toString('hex'), draft);
    this.#events.send({ type: 'draft', name, size: length, probe: probeOfHolding(holding) });
    return name;
  }

  /**
   * The daemon has said whether it needs what has this name.
   * @returns the bytes that go there; undefined for what is no draft
   * @throws ProtocolError when it has said so before
   */
  answered(name: Uint8Array, needed: boolean): number | undefined {
    const draft = this.#byName.get(Buffer.from(name).toString('hex'));
    if (draft === undefined) return undefined;
    if (draft.goes) throw new ProtocolError('a daemon that asks twice for a draft');
    draft.goes = true;
    if (needed) {
      this.#events.sendBulk(this.#bulk(draft));
      return draft.bytes.byteLength;
    }
    const hash = hashOf(draft.bytes);
    this.#events.known(hash, draft.holding); // before the daemon can ask for it
    this.#events.send(this.#sum(draft, hash));
    return 0;
  }

  /** The connection is over. */
  clear(): void {
    for (const { holding } of this.#byHolding.values()) holding.depot?.release(holding);
    this.#byHolding.clear();
    this.#byName.clear();
  }

  #sum(draft: Draft, hash: Buffer): Envelope {
    rememberHash(draft.holding, hash);
    this.#events.summed(hash);
    this.#byHolding.delete(draft.holding.name);
    this.#byName.delete(draft.name.toString('hex'));
    return { type: 'sum', name: draft.name, hash };
  }

  #bulk(draft: Draft): Bulk {
    const { name, bytes, holding } = draft;
    const size = bytes.byteLength;
    const sum = createHash('sha256');
    let at = 0;
    let done = false;
    return {
      next: () => {
        if (done) return undefined;
        if (at === size) {
          done = true;
          return this.#sum(draft, sum.digest());
        }
        const data = bytes.subarray(at, at + PIECE);
        at += data.byteLength;
        sum.update(data);
        return { type: 'blob', hash: name, size, data };
      },
      over: () => {
        this.#byHolding.delete(holding.name);
        this.#byName.delete(name.toString('hex'));
        holding.depot?.release(holding);
      },
    };
  }
}
