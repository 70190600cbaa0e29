import { performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';

/** Where outcomes of consecutive calls go. */
export interface Sink {
  done(index: number, value: unknown): void;
  failed(index: number, error: unknown): void;
  /** Not run: skipped on the caller's word, or cancelled. */
  none(index: number, why: 'skipped' | 'cancelled'): void;
  /** About to start `index`; `ahead` calls are expected to start within the next stretch. */
  starting?(index: number, ahead: number): void;
  /** A stretch of about a millisecond is over and calls remain. */
  stretch?(): void;
}

export interface Calls {
  /** Range of positions to run: from is included, to is not. */
  readonly from: number;
  readonly to: number;
  call(index: number): unknown;
  skips?(index: number): boolean;
  cancelled?(): boolean;
  /** Follows the running position, for whoever looks on from another thread. */
  readonly place?: Int32Array;
}

const STRETCH_MS = 1;
/** After so long in synchronous code the event loop gets a turn, so that messages are heard. */
const TURN_MS = 8;
const LONGEST_STRIDE = 1024;

/**
 * Runs calls one after the other and tells the sink of each. Synchronous calls cost no
 * promise; the clock is read once in a stride that is kept under half a stretch.
 * @returns after the last call; never throws for what a call throws
 */
export async function runCalls(calls: Calls, sink: Sink): Promise<void> {
  const { to, place } = calls;
  let stride = 1;
  let check = calls.from;
  let stretchStart = performance.now();
  let turnStart = stretchStart;
  let checked = stretchStart;
  for (let index = calls.from; index < to; index += 1) {
    if (index >= check) {
      const now = performance.now();
      if (now - turnStart >= TURN_MS) {
        sink.stretch?.();
        await turn();
        stretchStart = turnStart = performance.now();
      } else if (index > calls.from && now - stretchStart >= STRETCH_MS) {
        sink.stretch?.();
        stretchStart = now;
      }
      const took = now - checked;
      if (took * 4 < STRETCH_MS && stride < LONGEST_STRIDE) stride *= 2;
      else if (took * 2 > STRETCH_MS) stride = Math.max(1, stride >> 1);
      checked = now;
      check = index + stride;
      sink.starting?.(index, Math.min(to, check));
    }
    if (calls.cancelled?.()) {
      for (; index < to; index += 1) sink.none(index, 'cancelled');
      return;
    }
    if (calls.skips?.(index)) {
      sink.none(index, 'skipped');
      continue;
    }
    if (place !== undefined) place[1] = index;
    try {
      const value = calls.call(index);
      if (isThenable(value)) {
        const settled = await value;
        sink.done(index, settled);
        check = index + 1; // it waited: look at the clock again
      } else {
        sink.done(index, value);
      }
    } catch (error) {
      sink.failed(index, error);
      check = index + 1; // let it be heard before the next call starts
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value !== null &&
    (typeof value === 'object' || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}
