import type { Borrow, Frame } from '@jobloom/codec';
import type { Depot, Holding } from './depot.ts';
import { fileDepot, privateDepot, sharedDepot } from './depots.ts';
import { type HeldFrame, settleFrame } from './held-frame.ts';
import { claim, isGone, isMarked, isSent, take } from './moved.ts';
import { copyOf } from './segment.ts';
import { holdFile, isShared } from './shared-memory.ts';

/** Where a buffer of the caller's is: the same buffer and range are one thing, whatever they hold. */
interface Claim {
  readonly buffer: WeakRef<ArrayBufferLike>;
  readonly from: number;
}

export interface CallMemoryOptions {
  /** Tasks see the caller's SharedArrayBuffers. */
  readonly sharedMemory: boolean;
  /** Tasks run on other machines. */
  readonly remote: boolean;
  /** Buffers of so many bytes or more are sent once; undefined sends all with the tasks. */
  readonly maxNbytes: number | undefined;
}

/** Shared memory below this size goes with the tasks. */
const SHARED_BYTES = 64 * 1024;

/** What one call does with the memory in what it sends: large buffers by content, moved ones without a copy. */
export class CallMemory {
  readonly #options: CallMemoryOptions;
  readonly #claims = new Map<string, Claim>();
  /** A buffer waits to be sent or taken. */
  #claimed = false;
  readonly #users = new Set<readonly Holding[]>();

  constructor(options: CallMemoryOptions) {
    this.#options = options;
  }

  /** For the call's session. */
  readonly borrow: Borrow = (memory, bytes) => {
    if (isGone(memory)) return 'gone';
    if (isMarked(memory) || (!this.#options.sharedMemory && isShared(memory))) return 'whole';
    return bytes > 0 && bytes >= (this.#options.maxNbytes ?? Number.POSITIVE_INFINITY) ? 'used' : undefined;
  };

  /** The frame as it can be kept: a snapshot. What it holds of the depot is `release`d. */
  settle(frame: Frame): HeldFrame {
    const settled = settleFrame(frame, (bytes) => this.#settle(bytes), isMoving);
    if (this.#claimed) {
      this.#claimed = false;
      queueMicrotask(() => takeUnsent(settled));
    }
    return settled;
  }

  /** The frame is not sent any more. */
  release(holdings: readonly Holding[]): void {
    if (this.#users.delete(holdings)) for (const holding of holdings) holding.depot?.release(holding);
  }

  /** Notes that these are in use until `release` or the end of the call. */
  use(holdings: readonly Holding[]): void {
    if (holdings.length > 0) this.#users.add(holdings);
  }

  end(): void {
    for (const holdings of this.#users) this.release(holdings);
    this.#claims.clear();
  }

  get #depot(): Depot {
    const { sharedMemory, remote } = this.#options;
    if (sharedMemory) return sharedDepot();
    return remote ? privateDepot() : fileDepot();
  }

  #settle(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | Holding {
    const { buffer } = bytes;
    const moves = isMoving(bytes);
    const { maxNbytes, sharedMemory } = this.#options;
    if (isShared(buffer)) return (bytes.byteLength >= SHARED_BYTES ? holdFile(buffer) : undefined) ?? copyOf(bytes);
    const isLarge = maxNbytes !== undefined && bytes.byteLength >= maxNbytes;
    if (moves && sharedMemory) {
      claim(buffer); // a worker that is free gets the buffer itself, within this turn
      this.#claimed = true;
      return bytes;
    }
    if (moves && !isLarge) return new Uint8Array(take(buffer));
    const holding = isLarge ? this.#depot.hold(bytes, (known) => this.#mayBe(known, bytes)) : undefined;
    if (holding !== undefined) this.#claim(holding, bytes);
    if (!moves) return holding ?? copyOf(bytes);
    const taken = take(buffer);
    return holding ?? new Uint8Array(taken);
  }

  /** Two buffers that hold the same stay two for the tasks. */
  #mayBe({ name }: Holding, bytes: Uint8Array): boolean {
    const claim = this.#claims.get(name);
    return claim === undefined || (claim.buffer.deref() === bytes.buffer && claim.from === bytes.byteOffset);
  }

  #claim({ name }: Holding, bytes: Uint8Array): void {
    if (!this.#claims.has(name)) this.#claims.set(name, { buffer: new WeakRef(bytes.buffer), from: bytes.byteOffset });
  }
}

/** What was not sent at once leaves the value all the same. */
function takeUnsent({ buffers, moved = [] }: HeldFrame): void {
  for (const at of moved) {
    const { buffer } = buffers[at] as Uint8Array<ArrayBuffer>;
    if (!isSent(buffer)) (buffers as Uint8Array[])[at] = new Uint8Array(take(buffer));
  }
}

function isMoving(bytes: Uint8Array): boolean {
  return isMarked(bytes.buffer);
}
