import type { FingerprintPart } from '@jobloom/codec';
import type { Binding } from './bind-arguments.ts';
import type { Memory } from './memory.ts';
import type { CacheOptions } from './options.ts';

// biome-ignore lint/complexity/noBannedTypes: functions of any kind
export type AnyFunction = Function;

/** A memoized function as data, which is how it travels: a Memory and functions know how for themselves. */
export interface Definition {
  readonly memory: Memory;
  readonly fn: AnyFunction;
  /** For people. */
  readonly label: string;
  /** Keys begin with it: module and name. */
  readonly prefix: string;
  /** What of calls counts. */
  readonly binding: Binding;
  /** The `this` of a call is part of its key. */
  readonly usesThis: boolean;
  /** A `this` that was bound. */
  readonly self?: readonly [unknown];
  readonly options: CacheOptions;
  /** Looked at again before the first call: names may have had no value when `cache` was called. */
  code: Code;
  /** Nothing was called yet. */
  isEarly: boolean;
}

/** What of a function's code and options is in its keys. */
export interface Code {
  /** 32 hex digits, a segment of keys. */
  readonly segment: string;
  readonly parts: readonly FingerprintPart[];
  readonly untracked: readonly string[];
  /** Options that are part of keys, as text. */
  readonly counting: Readonly<Record<string, string>>;
}

/** Where a memoized function keeps its definition. */
export const DEFINITION: unique symbol = Symbol.for('jobloom.memory.definition') as never;
