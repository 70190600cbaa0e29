import { JobloomError, REDUCE } from '@jobloom/codec';
import type { Memory } from './memory.ts';

/** The entry of a shelved result is not there any more. */
export class NoEntryError extends JobloomError {
  readonly key: string;

  constructor(key: string, label: string) {
    super(
      'ERR_NO_ENTRY',
      `the result of ${label} is not in the store any more (${key}): it was cleared, removed for limits or damaged. Call the function again.`,
    );
    this.key = key;
  }
}

/** What of a shelved result goes to other programs. */
export interface ShelvedData {
  readonly key: string;
  readonly function: string;
}

/**
 * A small reference to a stored result. It travels to tasks and back from them; to other programs as
 * `JSON.stringify(reference)`, where `memory.reference(JSON.parse(text))` gives it again.
 */
export class Shelved<T> {
  readonly key: string;
  /** The function that gave it. */
  readonly function: string;
  readonly memory: Memory;
  readonly held: readonly [T] | undefined;

  /** @param held the value itself, where it could not be stored */
  constructor(memory: Memory, key: string, label: string, held?: readonly [T]) {
    this.memory = memory;
    this.key = key;
    this.function = label;
    this.held = held;
  }

  /**
   * The result.
   * @param options.into memory for its large arrays: see `CacheOptions.into`
   * @throws NoEntryError when it isn't there any more; StoreError when the store can't be read
   */
  async get(options: { readonly into?: Uint8Array } = {}): Promise<T> {
    if (this.held !== undefined) return this.held[0];
    const found = await this.memory.readEntry(this.key, this.function, options.into);
    if (found === undefined) throw new NoEntryError(this.key, this.function);
    return found.value as T;
  }

  /** Removes the result from the store. Gives whether it was there. @throws StoreError */
  async clear(): Promise<boolean> {
    return this.held === undefined && (await this.memory.deleteKeys([this.key])) > 0;
  }

  toJSON(): ShelvedData {
    return { key: this.key, function: this.function };
  }
}

Object.defineProperty(Shelved.prototype, REDUCE, {
  value(this: Shelved<unknown>) {
    return [Shelved, this.memory, this.key, this.function, ...(this.held === undefined ? [] : [this.held])];
  },
});
