import type { Borrow, Frame } from '@jobloom/codec';
import { isLarge } from '../pool/messages.ts';
import type { Holding } from './depot.ts';
import { fileSegment } from './depots.ts';
import { removeFolder } from './folder.ts';
import { type HeldFrame, settleFrame } from './held-frame.ts';
import { claim, isGone, isMarked, take } from './moved.ts';
import { copyOf, type Segment } from './segment.ts';

/** Results from this size on go through files: below, a socket is as fast. */
export const LARGE_RESULT: number = 1024 * 1024;
/** Files without a result that a worker keeps: their memory is there already. */
const MOST_SPARE_BYTES = 128 * 1024 * 1024;
const IDLE_MS = 30_000;

/** What a worker does with the memory in its answers: moved buffers without a copy; large ones, where it has a folder, in files. */
export class Outbox {
  readonly #folder: string | undefined;
  readonly #handsOver: boolean;
  /** Files that the caller has not read yet. */
  readonly #sent = new Map<string, Segment>();
  #spare: Segment[] = [];
  #timer: NodeJS.Timeout | undefined;
  #last = 0;

  /**
   * @param folder name of a folder for files; without one, nothing goes that way
   * @param handsOver the channel moves large parts
   */
  constructor(folder?: string, handsOver = false) {
    this.#handsOver = handsOver;
    this.#folder = folder;
  }

  /** For the sessions that write answers. */
  readonly borrow: Borrow = (memory, bytes) => {
    if (isGone(memory)) return 'gone';
    if (isMarked(memory)) return 'whole';
    return this.#folder !== undefined && bytes >= LARGE_RESULT ? 'used' : undefined;
  };

  /** The frame as it is sent. */
  settle(frame: Frame): HeldFrame {
    return settleFrame(
      frame,
      (bytes) => this.#settle(bytes),
      (bytes) => isMarked(bytes.buffer),
    );
  }

  /** The caller has read these. */
  taken(names: readonly string[]): void {
    for (const name of names) {
      const segment = this.#sent.get(name);
      this.#sent.delete(name);
      if (segment !== undefined) this.#spare.push(segment);
    }
    let bytes = 0;
    this.#spare = this.#spare.toReversed().filter((segment) => {
      bytes += segment.capacity;
      if (bytes > MOST_SPARE_BYTES) segment.destroy();
      return bytes <= MOST_SPARE_BYTES;
    });
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#clear(), IDLE_MS).unref();
    else this.#timer.refresh();
  }

  /** The worker ends, and whatever the caller has not read is of no use. */
  close(): void {
    if (this.#folder !== undefined) removeFolder(this.#folder);
  }

  #clear(): void {
    for (const segment of this.#spare.splice(0)) segment.destroy();
  }

  #settle(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | Holding {
    const holding = bytes.byteLength >= LARGE_RESULT ? this.#hold(bytes) : undefined;
    if (!isMarked(bytes.buffer)) return holding ?? copyOf(bytes);
    if (this.#handsOver && isLarge(bytes)) {
      claim(bytes.buffer); // it is sent before the task's code runs again
      return bytes;
    }
    const taken = take(bytes.buffer);
    return holding ?? new Uint8Array(taken);
  }

  #hold(bytes: Uint8Array): Holding | undefined {
    if (this.#folder === undefined) return undefined;
    const length = bytes.byteLength;
    const at = this.#spare.findIndex(({ capacity }) => capacity >= length && capacity <= 2 * length);
    const segment = at >= 0 ? this.#spare.splice(at, 1)[0] : fileSegment(this.#folder, length);
    if (segment === undefined) return undefined;
    try {
      segment.write(bytes);
    } catch {
      segment.destroy(); // full: it goes with the answer
      return undefined;
    }
    this.#last += 1;
    const name = String(this.#last);
    this.#sent.set(name, segment);
    return { name, length, segment };
  }
}
