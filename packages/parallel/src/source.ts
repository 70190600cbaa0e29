import { describe, isTask, NotATaskError, type Task } from './task.ts';

export type TaskInput<T = Task<unknown>> = Iterable<T> | AsyncIterable<T>;

/** Where tasks come from, read only as far as it is asked. */
export interface Source {
  /** Tasks left, where the input knows its length. */
  readonly remaining: number | undefined;
  /** Up to `max` tasks, at least one unless the input has ended; a promise where it must be waited for. @throws what the input throws, after all tasks before it were given */
  take(max: number): Task<unknown>[] | Promise<Task<unknown>[]>;
  /** Lets the input clean up; nothing is taken after that. */
  close(): void;
}

/** Arguments of one batch hold no more bytes than this, unless it is a single task. */
const BATCH_BYTES = 16 * 1024 * 1024;
/** So few bytes are not worth looking whether they were counted before. */
const SMALL = 64 * 1024;

/** @throws NotATaskError when the input is not iterable */
export function sourceOf(input: TaskInput): Source {
  if (Array.isArray(input)) return new ArraySource(input);
  const candidate = input as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null | undefined;
  if (typeof candidate?.[Symbol.asyncIterator] === 'function')
    return asyncSource((candidate as AsyncIterable<unknown>)[Symbol.asyncIterator]());
  if (candidate != null && typeof candidate !== 'string' && typeof candidate[Symbol.iterator] === 'function') {
    return iteratorSource((candidate as Iterable<unknown>)[Symbol.iterator](), sizeOf(candidate));
  }
  throw new NotATaskError(`The tasks must be an array, another iterable or an async iterable. Got ${describe(input)}.`);
}

function checked(value: unknown, index: number): Task<unknown> {
  if (isTask(value)) return value;
  throw new NotATaskError(
    `Item ${index} of the input is not a task. Got ${describe(value)}. Wrap calls like this: delayed(fn)(...args).`,
  );
}

/** An array, whose length is known. */
class ArraySource implements Source {
  readonly #tasks: readonly unknown[];
  readonly #length: number;
  readonly #counted = new Counted();
  #at = 0;

  constructor(tasks: readonly unknown[]) {
    this.#tasks = tasks;
    this.#length = tasks.length;
  }

  get remaining(): number {
    return this.#length - this.#at;
  }

  take(max: number): Task<unknown>[] {
    const taken: Task<unknown>[] = [];
    let room = BATCH_BYTES;
    this.#counted.next();
    while (this.#at < this.#length && taken.length < max && room > 0) {
      const value = this.#tasks[this.#at];
      if (!isTask(value) && taken.length > 0) break; // the next call throws
      const task = checked(value, this.#at);
      taken.push(task);
      room -= this.#counted.bytesIn(task);
      this.#at += 1;
    }
    return taken;
  }

  close(): void {
    this.#at = this.#length;
  }
}

/** How many a collection that is no array says it has; undefined where it does not say. */
export function sizeOf(collection: object): number | undefined {
  const { size, length } = collection as { readonly size?: unknown; readonly length?: unknown };
  const said = typeof size === 'number' ? size : length;
  return Number.isSafeInteger(said) && (said as number) >= 0 ? (said as number) : undefined;
}

function iteratorSource(iterator: Iterator<unknown>, size: number | undefined): Source {
  const counted = new Counted();
  let at = 0;
  let ended = false;
  let failure: { readonly error: unknown } | undefined;
  return {
    get remaining() {
      return size === undefined ? undefined : ended ? 0 : Math.max(0, size - at);
    },
    take(max) {
      const taken: Task<unknown>[] = [];
      let room = BATCH_BYTES;
      counted.next();
      while (!ended && taken.length < max && room > 0) {
        try {
          const next = iterator.next();
          if (next.done) {
            ended = true;
          } else {
            const task = checked(next.value, at++);
            taken.push(task);
            room -= counted.bytesIn(task);
          }
        } catch (error) {
          ended = true;
          failure = { error };
          if (error instanceof NotATaskError) quietly(() => iterator.return?.());
        }
      }
      if (taken.length === 0 && failure !== undefined) throw failure.error;
      return taken;
    },
    close() {
      if (ended) return;
      ended = true;
      quietly(() => iterator.return?.());
    },
  };
}

function asyncSource(iterator: AsyncIterator<unknown>): Source {
  let at = 0;
  let ended = false;
  let failure: { readonly error: unknown } | undefined;
  let reading = false;
  let wanted = 0;
  let arrived: (() => void) | undefined;
  const buffer: Task<unknown>[] = [];

  const read = async (): Promise<void> => {
    reading = true;
    try {
      while (!ended && buffer.length < wanted) {
        const next = await iterator.next();
        if (ended) break;
        if (next.done) ended = true;
        else buffer.push(checked(next.value, at++));
        arrived?.();
      }
    } catch (error) {
      ended = true;
      failure = { error };
      if (error instanceof NotATaskError) quietly(() => iterator.return?.());
      arrived?.();
    }
    reading = false;
  };
  /** What was read stays within what was asked for: given and still to read together. */
  const give = (max: number): Task<unknown>[] => {
    const given = buffer.splice(0, max);
    wanted = max - given.length;
    return given;
  };
  const wait = (max: number): Promise<Task<unknown>[]> =>
    new Promise((resolve, reject) => {
      // What arrives within the same turn of the event loop goes together.
      arrived = () => {
        arrived = undefined;
        setImmediate(() => (buffer.length === 0 && failure !== undefined ? reject(failure.error) : resolve(give(max))));
      };
    });
  return {
    remaining: undefined,
    take(max) {
      if (buffer.length > 0) return give(max);
      if (failure !== undefined) throw failure.error;
      if (ended) return [];
      wanted = max;
      const got = wait(max);
      if (!reading) void read();
      return got;
    },
    close() {
      if (!ended) {
        ended = true;
        quietly(() => iterator.return?.());
      }
      arrived?.();
    },
  };
}

/** Bytes of typed arrays among arguments: a batch of large ones stays small. What the batch before took as well counts nothing. */
class Counted {
  #before = new Set<object>();
  #now = new Set<object>();

  /** Another batch begins. */
  next(): void {
    if (this.#now.size === 0 && this.#before.size === 0) return;
    this.#before = this.#now;
    this.#now = new Set();
  }

  bytesIn({ args }: Task<unknown>): number {
    let bytes = 0;
    for (let at = 0; at < args.length; at += 1) {
      const argument = args[at];
      if (typeof argument !== 'object' || !ArrayBuffer.isView(argument)) continue;
      if (argument.byteLength > SMALL) {
        const { buffer } = argument;
        if (this.#now.has(buffer)) continue;
        this.#now.add(buffer);
        if (this.#before.has(buffer)) continue;
      }
      bytes += argument.byteLength;
    }
    return bytes;
  }
}

/** Lets an input clean up. The call is over by then: how that goes is the input's own affair. */
function quietly(cleanUp: () => unknown): void {
  try {
    void Promise.resolve(cleanUp()).catch(() => undefined);
  } catch {
    // as above
  }
}
