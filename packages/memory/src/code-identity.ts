import { createHash } from 'node:crypto';
import { type FingerprintPart, fingerprint } from '@jobloom/codec';
import { OptionError } from './option-error.ts';

/**
 * What of a function's code is part of its keys. `'deps'`: the function with everything that it uses, as
 * `fingerprint(fn)` sees it. `'closure'`: captured values too, as they are when `cache` is called. `'source'`: its own
 * text. `'none'`: nothing; `version` then says when results are others.
 */
export type CodeMode = 'deps' | 'closure' | 'source' | 'none';

/** A function's code at the time of `cache`. */
export interface CodeIdentity {
  /** sha256 in hex; empty for `'none'`. */
  readonly id: string;
  readonly parts: readonly FingerprintPart[];
  readonly untracked: readonly string[];
  /** Script that the function is from. */
  readonly file: string | undefined;
}

// biome-ignore lint/complexity/noBannedTypes: functions of any kind
export function codeIdentity(fn: Function, mode: CodeMode, untracked: readonly string[]): CodeIdentity {
  if (mode !== 'deps' && mode !== 'closure' && mode !== 'source' && mode !== 'none')
    throw new OptionError(`code must be 'deps', 'closure', 'source' or 'none'. Got ${JSON.stringify(mode)}.`);
  const print = fingerprint(fn, { untracked, values: mode === 'closure' });
  const [own] = print.parts;
  const file = own?.file;
  if (mode === 'none') return { id: '', parts: [], untracked: [], file };
  if (mode === 'source' && own !== undefined) return { id: own.id, parts: [own], untracked: [], file };
  return { id: print.id, parts: print.parts, untracked: print.untracked, file };
}

/** 32 hex digits for everything but arguments that keys are made of. */
export function codeSegment(...counting: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(counting)).digest('hex').slice(0, 32);
}
