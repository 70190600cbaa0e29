import { type Frame, Session } from '@jobloom/codec';

// biome-ignore lint/complexity/noBannedTypes: any callable
export type AnyFunction = Function;

/** A captured function under its number. */
export interface Defined {
  readonly fn: number;
  readonly frame: Frame;
  /** It writes variables that it captured: workers rebuild it for each task. */
  readonly stateful: boolean;
}

let lastScope = 0;
let lastFunction = 0;

/**
 * What the tasks of one call share: functions captured once, at their first dispatch,
 * and one codec session, so that a class has one identity in arguments, functions and results.
 */
export class CallScope {
  readonly id: number = ++lastScope;
  readonly session: Session;
  readonly #defined = new Map<AnyFunction, Defined>();
  readonly #onEnd = new Set<() => void>();

  constructor(options: { readonly sharedMemory?: boolean } = {}) {
    this.session = new Session(options);
  }

  /** Captures `fn` at its first use in this call. @throws UnserializableError with the trail to what cannot travel */
  define(fn: AnyFunction): Defined {
    let defined = this.#defined.get(fn);
    if (defined === undefined) {
      const frame = this.session.encode(fn, ['task']);
      defined = { fn: ++lastFunction, frame, stateful: this.session.isStateful(frame) };
      this.#defined.set(fn, defined);
    }
    return defined;
  }

  /** Runs `listener` when the call is over: workers forget what it defined. Returns the way to stop listening. */
  onEnd(listener: () => void): void {
    this.#onEnd.add(listener);
  }

  end(): void {
    for (const listener of this.#onEnd) listener();
    this.#onEnd.clear();
    this.#defined.clear();
  }
}
