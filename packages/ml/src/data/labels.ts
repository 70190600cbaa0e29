import { show } from '../base/constraints.ts';
import { InputError } from '../base/errors.ts';

/** What a class may be called. */
export type Label = string | number | boolean | bigint;

/** A label a row. */
export type Labels<L extends Label = Label> = ArrayLike<L>;

/** Labels as numbers. */
export interface EncodedLabels<L extends Label = Label> {
  /** Distinct labels, sorted. */
  readonly classes: L[];
  /** A position in `classes` for each row. */
  readonly codes: Int32Array;
}

/**
 * Distinct labels in numpy's order (numbers by size, strings by code points, false before true), and a code a row.
 * @param fractions whether numbers may have them: those of classes have none
 * @throws InputError for labels of several kinds, missing ones, and numbers that are not finite
 */
export function encodeLabels<L extends Label>(
  y: Labels<L>,
  { fractions = false }: { readonly fractions?: boolean } = {},
): EncodedLabels<L> {
  const classes = uniqueLabels(y);
  if (!fractions) checkClasses(classes);
  const codeOf = new Map(classes.map((label, code) => [label, code]));
  const codes = new Int32Array(y.length);
  for (let i = 0; i < y.length; i += 1) codes[i] = codeOf.get(plus(y[i] as L)) as number;
  return { classes, codes };
}

/** @throws InputError for numbers with a fraction, which are no classes but measurements */
export function checkClasses(labels: ArrayLike<unknown>): void {
  for (let i = 0; i < labels.length; i += 1) {
    const label = labels[i];
    if (typeof label === 'number' && label % 1 !== 0)
      throw new InputError(
        `Unknown label type: continuous. A classifier and its scores take classes. Got ${show(label)}. Use a regressor, or cut the numbers into classes.`,
      );
  }
}

/** Codes of labels whose classes are known. @throws InputError for labels that are not among them */
export function codesOf<L extends Label>(y: Labels<L>, classes: readonly L[]): Int32Array {
  const codeOf = new Map(classes.map((label, code) => [label, code]));
  return Int32Array.from({ length: y.length }, (_, i) => {
    const code = codeOf.get(plus(y[i] as L));
    if (code === undefined) {
      throw new InputError(`y contains previously unseen labels: ${show(y[i])}. Known: ${show([...classes])}.`);
    }
    return code;
  });
}

/** Distinct labels, sorted as numpy does. @throws InputError as `encodeLabels` */
export function uniqueLabels<L extends Label>(y: Labels<L>): L[] {
  const seen = new Set<L>();
  for (let i = 0; i < y.length; i += 1) seen.add(plus(y[i] as L));
  const kinds = new Set<string>();
  for (const label of seen) kinds.add(kindOf(label));
  if (kinds.size > 1) {
    throw new InputError(`labels must be of one kind. Got ${[...kinds].sort().join(' and ')}: ${show([...seen])}.`);
  }
  return [...seen].sort(compareLabels);
}

/** The order of labels of one kind. */
export function compareLabels(a: Label, b: Label): number {
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The order of strings by code points, as Python's: surrogates come after all others of 16 bits. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return (isSurrogate(x) ? x + 0x10000 : x) - (isSurrogate(y) ? y + 0x10000 : y);
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xe000;
}

function kindOf(label: Label): string {
  const kind = typeof label;
  if (kind === 'number' && Number.isFinite(label)) return 'numbers';
  if (kind === 'string' || kind === 'boolean' || kind === 'bigint') return `${kind}s`;
  throw new InputError(`a label is a string, a finite number, a boolean or a bigint. Got ${show(label)}.`);
}

/** -0 is the label 0. */
function plus<L extends Label>(label: L): L {
  return label === 0 ? (0 as L) : label;
}
