import { type Frame, isPlain, loadModulesNow, REDUCE, rememberExport, Session } from '@jobloom/codec';
import { ClosedError, OptionError } from '../errors.ts';
import { copyOf } from './segment.ts';
import { discardFile, noteShared, sharedCopy } from './shared-memory.ts';

/** A value as pieces that travel at no cost: its structure and its memory, all of it shared. */
interface Pieces {
  readonly head: Uint8Array;
  readonly buffers: readonly Uint8Array[];
  /** Of `buffers`, those that are an ArrayBuffer in the value, not only memory of views. */
  readonly asBuffers: readonly number[];
  readonly shared: readonly SharedArrayBuffer[];
}

/** What stands for the value: its pieces, or, where functions or instances of classes are in it, the value over shared memory. */
type Form = { readonly pieces: Pieces } | { readonly value: unknown };

const KEY = Symbol.for('jobloom.shared');
const globals = globalThis as { [KEY]?: Map<string, WeakRef<object>> };
globals[KEY] ??= new Map();
/** Those of this thread, by id: what comes again is the same object. */
const known = globals[KEY];
const collected = new FinalizationRegistry<string>((id) => {
  if (known.get(id)?.deref() === undefined) known.delete(id);
});

/**
 * A value that tasks share instead of getting copies of it. Made by `share`, travels as an argument, as a captured variable,
 * inside other values and inside other shared ones.
 */
export class Shared<T> implements AsyncDisposable {
  readonly #id: string;
  #form: Form | undefined;
  #made: { readonly value: T } | undefined;

  /** Use `share`. Gives the one of this id that is here already, if there is one. */
  constructor(id: string, form: Form) {
    this.#id = id;
    this.#form = form;
    const same = known.get(id)?.deref() as Shared<T> | undefined;
    // biome-ignore lint/correctness/noConstructorReturn: what came before is the same thing
    if (same !== undefined) return same;
    if (known.size === 0) rememberExport(Shared, import.meta.resolve('@jobloom/backends'), 'Shared');
    known.set(id, new WeakRef(this));
    collected.register(this, id);
  }

  /**
   * The value: the same object each time it is asked for in one thread.
   * Its typed arrays, DataViews and Buffers are over SharedArrayBuffers in this process and its threads, which see each
   * other's writes; a worker process has a copy, as it was when a task first took it there.
   * @throws ClosedError when it was disposed of here
   */
  get value(): T {
    if (this.#form === undefined) throw new ClosedError('this shared value');
    this.#made ??= { value: ('value' in this.#form ? this.#form.value : rebuilt(this.#form.pieces)) as T };
    return this.#made.value;
  }

  /** It cannot be read any more. */
  get disposed(): boolean {
    return this.#form === undefined;
  }

  /** Lets go of it: from now on it cannot be read here, nor sent. Tasks that have it go on. Twice is fine. */
  dispose(): void {
    if (this.#form === undefined) return;
    if ('pieces' in this.#form)
      for (const { buffer } of [this.#form.pieces.head, ...this.#form.pieces.buffers]) discardFile(buffer);
    this.#form = undefined;
    this.#made = undefined;
    known.delete(this.#id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dispose();
  }

  static {
    Object.defineProperty(this.prototype, REDUCE, { value: reduce });
    /** How it travels: as what makes it again, over the same memory. */
    function reduce(this: Shared<unknown>): readonly unknown[] {
      if (this.#form === undefined) throw new ClosedError('this shared value');
      return [Shared, this.#id, this.#form];
    }
  }
}

/**
 * Copies a value once into memory that all tasks can use, instead of once a task: typed arrays, DataViews, Buffers,
 * ArrayBuffers, or any structure that holds them. Threads see the same memory; a worker process reads it once.
 * In `.value`, typed arrays have their types, over a SharedArrayBuffer where tasks run in this process; an
 * ArrayBuffer stays one, and is copied once a thread. What happens to the original afterwards does not show.
 *
 * @example
 * await using table = share(new Float64Array(1_000_000));
 * const sums = await parallel([0, 1].map((part) => delayed((t: typeof table) => sum(t.value, part))(table)));
 * @throws UnserializableError with the way to what cannot be shared
 */
export function share<T>(value: T): Shared<T> {
  if (value instanceof Shared) throw new OptionError('share was given what is shared already. Use it as it is.');
  const session = new Session({
    sharedMemory: true,
    role: 'caller',
    borrow: (_memory, bytes) => (bytes > 0 ? 'used' : undefined),
  });
  const frame = session.encode(value, ['shared value']);
  const pieces = piecesOf(frame);
  lastShared += 1;
  const id = `${idPrefix} ${lastShared}`;
  if (isPlainData(value, frame)) return new Shared<T>(id, { pieces });
  loadModulesNow(frame.modules);
  return new Shared<T>(id, {
    value: session.decode({ ...asFrame(pieces), codes: frame.codes, modules: frame.modules }),
  });
}

const idPrefix = crypto.randomUUID();
let lastShared = 0;

function isPlainData(value: unknown, { codes, modules }: Frame): boolean {
  return codes.length === 0 && modules.length === 0 && isPlain(value);
}

function piecesOf({ head, buffers, borrowed = [], shared }: Frame): Pieces {
  for (const memory of shared) noteShared(memory);
  return {
    head: over(head),
    buffers: buffers.map(over),
    asBuffers: borrowed.filter(({ asBuffer }) => asBuffer).map(({ at }) => at),
    shared,
  };
}

function over(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(sharedCopy(bytes));
}

function asFrame({ head, buffers, asBuffers, shared }: Pieces): Frame {
  const own = buffers.map((bytes, at) => (asBuffers.includes(at) ? copyOf(bytes) : (bytes as Uint8Array<ArrayBuffer>)));
  return { head: copyOf(head), buffers: own, shared, codes: [], modules: [] };
}

function rebuilt(pieces: Pieces): unknown {
  return new Session({ sharedMemory: true, role: 'caller' }).decode(asFrame(pieces)); // data, also where it came from a task
}
