import type { Envelope } from './envelope.ts';

/** A content that is sent in pieces, each made when there is room for it. */
export interface Bulk {
  /** The next piece; undefined after the last one. */
  next(): Envelope | undefined;
  /** Nothing of it is read any more; the stream may have ended meanwhile. */
  over(): void;
}

interface Entry {
  readonly bulk: Bulk;
  /** Pieces that were sent and are not copied yet. */
  untaken: number;
  complete: boolean;
}

/** Contents that wait to be sent, one after the other. */
export class BulkQueue {
  readonly #send: (piece: Envelope, taken: () => void) => void;
  readonly #waiting: Entry[] = [];
  /** Those of which something may still be read. */
  readonly #live = new Set<Entry>();

  constructor(send: (piece: Envelope, taken: () => void) => void) {
    this.#send = send;
  }

  add(bulk: Bulk): void {
    const entry = { bulk, untaken: 0, complete: false };
    this.#waiting.push(entry);
    this.#live.add(entry);
  }

  /** Sends the next piece. @returns whether there is more */
  sendOne(): boolean {
    const [entry] = this.#waiting;
    if (entry === undefined) return false;
    const piece = entry.bulk.next();
    if (piece === undefined) {
      this.#waiting.shift();
      entry.complete = true;
      this.#check(entry);
    } else {
      entry.untaken += 1;
      this.#send(piece, () => {
        entry.untaken -= 1;
        this.#check(entry);
      });
    }
    return this.#waiting.length > 0;
  }

  /** The stream is over. */
  drop(): void {
    this.#waiting.length = 0;
    for (const entry of this.#live) {
      this.#live.delete(entry);
      entry.bulk.over();
    }
  }

  #check(entry: Entry): void {
    if (entry.complete && entry.untaken === 0 && this.#live.delete(entry)) entry.bulk.over();
  }
}
