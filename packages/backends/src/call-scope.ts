import { type Frame, Session } from '@jobloom/codec';
import { CallMemory } from './bulk/call-memory.ts';
import type { HeldFrame } from './bulk/held-frame.ts';
import { FreshClosures } from './fresh-closures.ts';
import type { TaskSettings } from './task/settings.ts';

// biome-ignore lint/complexity/noBannedTypes: any callable
export type AnyFunction = Function;

/** A captured function under its number. */
export interface Defined {
  readonly fn: number;
  /** The call it belongs to; `FOREVER` for a function that captures nothing and so never changes. */
  readonly scope: number;
  readonly frame: HeldFrame;
  /** Hash and text of each code that the frame needs. */
  readonly codes: readonly (readonly [hash: string, text: string])[];
  /** It writes variables that it captured: workers rebuild it for each task. */
  readonly stateful: boolean;
}

/** Scope of functions that workers keep from call to call. */
export const FOREVER = 0;

export interface CallScopeOptions {
  /** Tasks see the caller's SharedArrayBuffers. */
  readonly sharedMemory?: boolean;
  /** Workers may be on other machines. */
  readonly remote?: boolean;
  /** Results may hold functions and classes made in tasks, which run code in the caller: for workers that are trusted. */
  readonly functionResults?: boolean;
  /** Bytes from which on a buffer in arguments or captured variables is sent once a worker, by content; left out: never. */
  readonly maxNbytes?: number | undefined;
  /** With `'ship'`, workers that lack a package which is nothing but JavaScript get it; `'reference'` where nothing is said. */
  readonly packages?: 'reference' | 'ship';
  /** What the call asks for each of its tasks. */
  readonly settings?: TaskSettings;
  /** A function that each call is made through, in the worker: it restores the context that the caller had. */
  readonly around?: (call: () => unknown) => unknown;
}

let lastScope = FOREVER;
let lastFunction = 0;
const forever = new WeakMap<AnyFunction, Defined>();
/** Numbers of such functions by their code: a fresh closure of the same source is the same function. */
const foreverNumbers = new Map<string, number>();

/**
 * What the tasks of one call share: functions captured once, at their first dispatch,
 * and one codec session, so that a class has one identity in arguments, functions and results.
 */
export class CallScope {
  readonly id: number = ++lastScope;
  readonly settings: TaskSettings | undefined;
  readonly around: ((call: () => unknown) => unknown) | undefined;
  /** What the call does with the memory in what it sends. */
  readonly memory: CallMemory;
  readonly #sharedMemory: boolean;
  readonly #packages: 'reference' | 'ship';
  #session: Session | undefined;
  readonly #defined = new Map<AnyFunction, Defined>();
  readonly #fresh = new FreshClosures();
  readonly #onEnd: ((functions: readonly number[]) => void)[] = [];

  constructor(options: CallScopeOptions = {}) {
    const { sharedMemory = false, remote = false, functionResults = false, packages = 'reference' } = options;
    const { settings, around, maxNbytes } = options;
    this.#sharedMemory = sharedMemory;
    this.#packages = packages;
    this.memory = new CallMemory({ sharedMemory, remote, maxNbytes });
    this.settings = functionResults ? { ...settings, functionResults } : settings;
    this.around = around;
  }

  /** The codec's memory of this call. */
  get session(): Session {
    this.#session ??= new Session({
      sharedMemory: this.#sharedMemory,
      role: 'caller',
      borrow: this.memory.borrow,
      packages: this.#packages,
      ...(this.settings?.functionResults && { functions: true }),
    });
    return this.#session;
  }

  /** Captures `fn` at its first use in this call. @throws UnserializableError with the trail to what cannot travel */
  define(fn: AnyFunction, trail: readonly string[] = ['task']): Defined {
    let defined = (this.#packages === 'ship' ? undefined : forever.get(fn)) ?? this.#defined.get(fn);
    if (defined === undefined) {
      const frame = this.memory.settle(this.session.encode(fn, trail));
      this.memory.use(frame.held?.map(({ holding }) => holding) ?? []);
      const codes = frame.codes.map((hash) => [hash, this.session.code(hash)] as const);
      const [first] = codes; // the function's own comes before those of what it captured
      if (first !== undefined) this.#fresh.count(...first);
      if (this.session.isPure(frame) && this.#packages !== 'ship') {
        defined = { fn: foreverNumber(frame), scope: FOREVER, frame, codes, stateful: false };
        forever.set(fn, defined);
      } else {
        defined = { fn: ++lastFunction, scope: this.id, frame, codes, stateful: this.session.isStateful(frame) };
        this.#defined.set(fn, defined);
      }
    }
    return defined;
  }

  /** Runs `listener` when the call is over, with the numbers of its functions: workers forget them. */
  onEnd(listener: (functions: readonly number[]) => void): void {
    this.#onEnd.push(listener);
  }

  /** The call is over. */
  end(): void {
    this.memory.end();
    if (this.#onEnd.length === 0) return;
    const functions = Array.from(this.#defined.values(), ({ fn }) => fn);
    for (const listener of this.#onEnd.splice(0)) listener(functions);
    this.#defined.clear();
  }
}

function foreverNumber(frame: Frame): number {
  const key = frame.codes.join();
  let number = foreverNumbers.get(key);
  if (number === undefined) {
    number = ++lastFunction;
    foreverNumbers.set(key, number);
  }
  return number;
}
