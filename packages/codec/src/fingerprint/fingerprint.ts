import { restInspector } from '../inspector.ts';
import { graphId, reachable, type Thing } from './graph.ts';
import { valueHash } from './value-hash.ts';
import { Walk, type WalkOptions } from './walk.ts';

export interface FingerprintOptions {
  /** Names of variables that don't count, whatever they hold: `RUN`, or with the way to them, `helper.cache`. */
  readonly untracked?: readonly string[];
  /** Captured values count too: those of variables that are written, and objects. */
  readonly values?: boolean;
}

/** A thing that counts in a fingerprint. */
export interface FingerprintPart {
  readonly name: string;
  /** Where its code is from. */
  readonly file?: string;
  /** Changes with the thing itself, not with what it uses. */
  readonly id: string;
}

/** Identity of the code that a function runs. */
export interface Fingerprint {
  /** sha256, in hex. */
  readonly id: string;
  /** What can change the result and doesn't count: by name, with the way to it. */
  readonly untracked: readonly string[];
  /** All that counts: the function itself first, then what it uses. */
  readonly parts: readonly FingerprintPart[];
}

/**
 * Identity of the code that a function would run: its own source without comments and white space, every helper, class
 * and captured function, packages by name and version, and captured primitives whose variable nothing writes.
 * A rebuilt function has the fingerprint of its original. What can't be seen is listed in `untracked`.
 *
 * @throws TypeError for what is no function
 *
 * @example
 * const RATE = 0.2;
 * const tax = (price) => price * RATE;
 * fingerprint(tax).id; // another one once RATE is 0.25
 */
// biome-ignore lint/complexity/noBannedTypes: functions and classes of any kind
export function fingerprint(fn: Function, options: FingerprintOptions = {}): Fingerprint {
  return fingerprintWith(fn, {
    untracked: options.untracked ?? [],
    valueHash: options.values ? valueHash : undefined,
  });
}

/** The same with a hash of one's own. */
// biome-ignore lint/complexity/noBannedTypes: as above
export function fingerprintWith(fn: Function, options: WalkOptions): Fingerprint {
  if (typeof fn !== 'function')
    throw new TypeError(
      `fingerprint takes a function. Got ${fn === null ? 'null' : typeof fn}. Use hash(value) for data`,
    );
  const walk = new Walk(options);
  try {
    const things = reachable(walk.run(fn));
    return { id: graphId(things), untracked: [...walk.untracked], parts: partsOf(things) };
  } finally {
    restInspector();
  }
}

function partsOf(things: readonly Thing[]): FingerprintPart[] {
  const found = new Map<string, FingerprintPart>();
  for (const { name, file, id } of things) {
    const key = `${id} ${name} ${file}`;
    if (!found.has(key)) found.set(key, { name, ...(file !== undefined && { file }), id });
  }
  return [...found.values()];
}
