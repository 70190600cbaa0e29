import { type Features, rowCount } from '../data/features.ts';
import type { Labels } from '../data/labels.ts';
import { type Rows, take } from '../data/take.ts';
import type { Split } from './splitter.ts';

/** What all units of a search look at; workers have it once. */
export interface SearchData {
  readonly X: Features;
  readonly y: Labels | undefined;
  readonly splits: readonly Split[];
  /** What `fit` takes besides, whole: what has one value a row is cut for each split. */
  readonly fitOptions: Readonly<Record<string, unknown>>;
}

/** X of some rows. */
export function featuresAt({ X }: SearchData, rows: Int32Array): Features {
  return take(X as Rows, rows) as Features;
}

/** y of some rows. */
export function labelsAt({ y }: SearchData, rows: Int32Array): Labels | undefined {
  return y && (take(y as Rows, rows) as Labels);
}

/** Options of `fit` for some rows: those that have one value a row are cut to them. */
export function fitOptionsOf({ X, fitOptions }: SearchData, rows: Int32Array): Record<string, unknown> {
  const count = rowCount(X);
  const cut = (value: unknown): unknown => {
    const isPerRow =
      (Array.isArray(value) || ArrayBuffer.isView(value)) && (value as unknown as ArrayLike<unknown>).length === count;
    return isPerRow ? take(value as Rows, rows) : value;
  };
  return Object.fromEntries(Object.entries(fitOptions).map(([key, value]) => [key, cut(value)]));
}
