import { performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { isThenable, TIMED_OUT } from '../task/time-limit.ts';

export type NoResult = 'skipped' | 'cancelled' | 'timeout';

/** Where outcomes of consecutive calls go. */
export interface Sink {
  done(index: number, value: unknown): void;
  failed(index: number, error: unknown): void;
  /** Without a result: skipped on the caller's word, cancelled, or over its time. */
  none(index: number, why: NoResult): void;
  /** About to start `index`; calls before `ahead` are expected to start within the next stretch. False: not yet, ask again in a while. */
  starting?(index: number, ahead: number): boolean;
  /** A stretch is over and calls remain. */
  stretch?(): void;
}

export interface Calls {
  /** Range of positions to run: from is included, to is not. */
  readonly from: number;
  readonly to: number;
  call(index: number): unknown;
  /** Why a call is not to be made, if so. */
  readonly drops?: ((index: number) => 'skipped' | 'cancelled' | undefined) | undefined;
  cancelled?(): boolean;
  /** Its second number follows the running position, for whoever looks on. */
  readonly place: Int32Array;
  /** The sink hears of every single start. */
  readonly exact?: boolean;
  /** Milliseconds after which the sink hears of a stretch; 1 where it is left out. */
  readonly stretchMs?: number | undefined;
}

const STRETCH_MS = 1;
/** After so long in synchronous code the event loop gets a turn, so that messages are heard. */
export const TURN_MS = 8;
const LONGEST_STRIDE = 1024;

/**
 * Runs calls one after the other and tells the sink of each. Synchronous calls cost no
 * promise; the clock is read once in a stride that is kept at about a stretch.
 * @returns a promise when something had to be waited for; never throws for what a call throws
 */
export function runCalls(calls: Calls, sink: Sink): Promise<void> | undefined {
  const run = new Run(calls, sink);
  const pending = run.forward();
  return pending === undefined ? undefined : run.drive(pending);
}

/** What a run waits for: a call's promise, or a turn of the event loop. */
type Pending = PromiseLike<unknown> | 'turn';

/** Consecutive calls, as far as they have come. */
export class Run {
  readonly #calls: Calls;
  readonly #sink: Sink;
  readonly #stretchMs: number;
  #index: number;
  #check: number;
  #stride = 1;
  #stretchStart = performance.now();
  #turnStart = this.#stretchStart;
  #checked = this.#stretchStart;

  constructor(calls: Calls, sink: Sink) {
    this.#calls = calls;
    this.#sink = sink;
    this.#stretchMs = calls.stretchMs ?? STRETCH_MS;
    this.#index = calls.from;
    this.#check = calls.from;
  }

  async drive(first: Pending): Promise<void> {
    for (let pending: Pending | undefined = first; pending !== undefined; pending = this.forward()) {
      if (pending === 'turn') {
        await turn();
        this.turned();
        continue;
      }
      try {
        this.#sink.done(this.#index, await pending);
      } catch (error) {
        this.failed(this.#index, error);
      }
      this.pass();
    }
  }

  /** Goes on behind the call that is pending. Returns its position. */
  pass(): number {
    const index = this.#index;
    this.#index += 1;
    this.#check = this.#index; // it waited, or others do: look at the clock again
    return index;
  }

  /** The event loop had its turn. */
  turned(): void {
    this.#turnStart = performance.now();
  }

  /** Runs until the end, or until something must be waited for. */
  forward(): Pending | undefined {
    const { to, place } = this.#calls;
    for (; this.#index < to; this.#index += 1) {
      const index = this.#index;
      if (index >= this.#check && this.#look(index)) return 'turn';
      if (this.#calls.cancelled?.()) {
        for (; this.#index < to; this.#index += 1) this.#sink.none(this.#index, 'cancelled');
        return undefined;
      }
      const dropped = this.#calls.drops?.(index);
      if (dropped !== undefined) {
        this.#sink.none(index, dropped);
        continue;
      }
      place[1] = index;
      try {
        const value = this.#calls.call(index);
        if (isThenable(value)) return value;
        this.#sink.done(index, value);
      } catch (error) {
        this.failed(index, error);
        this.#check = index + 1; // let it be heard before the next call starts
      }
    }
    return undefined;
  }

  /** The call threw, or was over its time. */
  failed(index: number, error: unknown): void {
    if (error === TIMED_OUT) this.#sink.none(index, 'timeout');
    else this.#sink.failed(index, error);
  }

  /** Looks at the clock before a call; true when the event loop must get a turn first. */
  #look(index: number): boolean {
    const now = performance.now();
    if (index > this.#calls.from && now - this.#stretchStart >= this.#stretchMs) {
      this.#sink.stretch?.();
      this.#stretchStart = now;
    }
    if (now - this.#turnStart >= TURN_MS) {
      this.#turnStart = now;
      return true;
    }
    if (this.#calls.exact) this.#check = index + 1;
    else this.#lengthen(now - this.#checked, index);
    this.#checked = now;
    if (this.#sink.starting?.(index, Math.min(this.#calls.to, this.#check)) !== false) return false;
    this.#check = index;
    return true;
  }

  #lengthen(took: number, index: number): void {
    if (took * 2 <= this.#stretchMs && this.#stride < LONGEST_STRIDE) this.#stride *= 2;
    else if (took * 2 > 3 * this.#stretchMs) this.#stride = Math.max(1, this.#stride >> 1);
    this.#check = index + this.#stride;
  }
}
