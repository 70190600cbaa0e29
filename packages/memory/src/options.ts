import type { Store, StoreLocation } from '@jobloom/stores';
import type { CodeMode } from './code-identity.ts';
import { type Compression, compressorOf } from './compression.ts';
import type { MemoryEvent } from './events.ts';
import { checkNames, OptionError } from './option-error.ts';
import { bytes, type Duration, milliseconds, type Size } from './quantities.ts';

/** What entries may take together. */
export interface Limits {
  readonly bytes?: Size;
  readonly items?: number;
  /** Entries that were not used for so long go. */
  readonly age?: Duration;
}

/** How calls of one key keep from computing it at once, across processes and hosts. In one thread they always do. */
export interface SingleFlight {
  /** How long a holder that died keeps others waiting. Default 10 s; 1 s at least. */
  readonly ttl?: Duration;
  /** Longest time to wait for another's result before computing it too. Default: as long as it is alive. */
  readonly wait?: Duration;
  /** Also for functions whose calls take less than a millisecond, where a lease costs more than a computation done twice. */
  readonly always?: boolean;
}

export interface MemoryOptions {
  /** A folder, a URL (`s3://bucket/prefix`, `redis://host:6379/0`), a store, a list of them as tiers; null stores nothing. */
  readonly location?: StoreLocation | null;
  /** The same for a store that is open. */
  readonly store?: Store;
  /** Compress entries; `true` for the best that this Node has. Default false. */
  readonly compress?: boolean | Compression;
  /** Default of `cache`. */
  readonly code?: CodeMode;
  readonly singleFlight?: boolean | SingleFlight;
  /** Enforced on each write. Default: none. */
  readonly limits?: Limits;
  /** Entries are signed with it, and others are ignored. */
  readonly hmacKey?: string | Uint8Array;
  /** 0 prints nothing (the default), 1 computations and faults, 2 waiting and evictions, 3 hits; to standard error. */
  readonly verbose?: number;
  readonly onEvent?: (event: MemoryEvent) => void;
}

/** What is known of an entry when `validate` is asked. */
export interface EntryMeta {
  readonly function: string;
  readonly key: string;
  readonly bytes: number;
  /** How long the function took. */
  readonly durationMs: number;
  /** By the store's clock. */
  readonly createdMs: number;
  readonly ageMs: number;
}

export interface CacheOptions<A extends unknown[] = unknown[], R = unknown> {
  /** In the place of module and name, for keys, `clear` and messages. */
  readonly name?: string;
  /** Parameters that don't count: by name, also of a property that the function destructures, or by position. */
  readonly ignore?: readonly (string | number)[];
  /** What counts in the place of the arguments. */
  readonly key?: (...args: A) => unknown;
  /** Part of the key: another one, other entries. */
  readonly version?: string | number;
  readonly code?: CodeMode;
  /** Captured variables that don't count: see `fingerprint`. */
  readonly untracked?: readonly string[];
  /** Entries that are older don't count. */
  readonly expiresAfter?: Duration;
  /** Whether an entry still counts. */
  readonly validate?: (meta: EntryMeta, args: A) => boolean | Promise<boolean>;
  /** Whether a result is stored. */
  readonly cacheIf?: (result: Awaited<R>, args: A) => boolean;
  readonly compress?: boolean | Compression;
  readonly singleFlight?: boolean | SingleFlight;
  /** Hits put large arrays into this memory, instead of fresh memory, which costs several times more. They last until the next hit. */
  readonly into?: Uint8Array;
}

const MEMORY_OPTIONS = [
  'location',
  'store',
  'compress',
  'code',
  'singleFlight',
  'limits',
  'hmacKey',
  'verbose',
  'onEvent',
] as const satisfies readonly (keyof MemoryOptions)[];

const CACHE_OPTIONS = [
  'name',
  'ignore',
  'key',
  'version',
  'code',
  'untracked',
  'expiresAfter',
  'validate',
  'cacheIf',
  'compress',
  'singleFlight',
  'into',
] as const satisfies readonly (keyof CacheOptions)[];

/** @throws OptionError */
export function checkMemoryOptions(options: MemoryOptions): void {
  checkNames('Memory', options, MEMORY_OPTIONS);
  const { location, store, verbose = 0, limits, compress = false, singleFlight, hmacKey } = options;
  if (location !== undefined && store !== undefined) throw new OptionError('Memory takes location or store, not both.');
  if (location === undefined && store === undefined)
    throw new OptionError(
      "Memory needs a location: a folder, a URL, a store, or null to store nothing. new Memory({ location: './cache' })",
    );
  if (!(verbose >= 0)) throw new OptionError(`verbose must be 0 or more. Got ${JSON.stringify(verbose)}.`);
  if (hmacKey !== undefined && hmacKey.length < 16)
    throw new OptionError(`hmacKey must have 16 characters or bytes at least. Got ${hmacKey.length}.`);
  compressorOf(compress);
  flightOf(singleFlight);
  if (limits !== undefined) limitsOf('limits', limits);
}

/** @throws OptionError */
export function checkCacheOptions(options: CacheOptions<never[], never>): void {
  checkNames('cache', options, CACHE_OPTIONS);
  const { expiresAfter, compress = false, singleFlight, key, validate, cacheIf, version } = options;
  if (expiresAfter !== undefined) milliseconds('expiresAfter', expiresAfter);
  for (const [name, value] of Object.entries({ key, validate, cacheIf }))
    if (value !== undefined && typeof value !== 'function')
      throw new OptionError(`${name} must be a function. Got ${typeof value}.`);
  if (version !== undefined && typeof version !== 'string' && typeof version !== 'number')
    throw new OptionError(`version must be a text or a number. Got ${typeof version}.`);
  compressorOf(compress);
  flightOf(singleFlight);
}

/** Limits in numbers. */
export interface ExactLimits {
  readonly bytes: number;
  readonly items: number;
  readonly ageMs: number;
}

/** @throws OptionError for limits that are none, or where there is none */
export function limitsOf(option: string, limits: Limits): ExactLimits {
  checkNames(option, limits, ['bytes', 'items', 'age']);
  const { items = Number.POSITIVE_INFINITY, bytes: size, age } = limits;
  if (!(items >= 0)) throw new OptionError(`${option}.items must be 0 or more. Got ${JSON.stringify(items)}.`);
  if (Object.values(limits).every((limit) => limit === undefined))
    throw new OptionError(`${option} needs bytes, items or age.`);
  return {
    items,
    bytes: size === undefined ? Number.POSITIVE_INFINITY : bytes(`${option}.bytes`, size),
    ageMs: age === undefined ? Number.POSITIVE_INFINITY : milliseconds(`${option}.age`, age),
  };
}

/** Single flight across processes, in numbers; undefined where it is off. */
export interface Flight {
  readonly ttlMs: number;
  readonly waitMs: number;
  readonly always: boolean;
}

/** @throws OptionError */
export function flightOf(asked: boolean | SingleFlight | undefined): Flight | undefined {
  if (asked === false) return undefined;
  const { ttl = 10_000, wait, always = false } = typeof asked === 'object' ? asked : {};
  if (typeof asked === 'object') checkNames('singleFlight', asked, ['ttl', 'wait', 'always']);
  const ttlMs = milliseconds('singleFlight.ttl', ttl);
  if (ttlMs < 1_000) throw new OptionError(`singleFlight.ttl must be 1 s at least. Got ${JSON.stringify(ttl)}.`);
  return {
    ttlMs,
    waitMs: wait === undefined ? Number.POSITIVE_INFINITY : milliseconds('singleFlight.wait', wait),
    always,
  };
}
