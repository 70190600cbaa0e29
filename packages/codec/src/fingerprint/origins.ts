import type { CodeHeader } from '../codes.ts';
import type { Print } from './print.ts';

/** What a rebuilt function was made from. */
export type Origin =
  | {
      readonly kind: 'code';
      readonly header: CodeHeader;
      /** By position in `header.free`; filled when the value is there. */
      readonly values: unknown[];
      /** Packages that values were taken from, by position. */
      readonly packages: ReadonlyMap<number, string>;
    }
  | { readonly kind: 'bound'; readonly target: unknown; readonly self: unknown; readonly args: readonly unknown[] }
  | { readonly kind: 'proxy'; readonly target: unknown; readonly handler: unknown };

const origins = new WeakMap<object, Origin>();

/** Notes what a function was rebuilt from: its fingerprint here is then the one of its original. */
export function rememberOrigin(fn: object, origin: Origin): void {
  origins.set(fn, origin);
}

export function originOf(fn: object): Origin | undefined {
  return origins.get(fn);
}

/** The print that a rebuilt function came with, for code that has these names. */
export function sentPrint(fn: object, names: readonly string[]): Print | undefined {
  const origin = origins.get(fn);
  if (origin?.kind !== 'code' || origin.header.print === undefined) return undefined;
  const { free, print } = origin.header;
  return { ...print, kinds: names.map((name) => print.kinds[free.indexOf(name)] ?? 'f').join('') };
}
