import type { CodeOrder } from './code-order.ts';

/** What a split must leave on each side. */
export interface SplitLimits {
  readonly minRows: number;
  readonly minWeight: number;
}

/** A column of a node: the codes of its n rows, from `low` up to `high`, and where their values are: `values[first + code]`. */
export interface NodeColumn {
  readonly codes: Int32Array;
  readonly n: number;
  readonly low: number;
  readonly high: number;
  readonly values: Float32Array;
  readonly first: number;
}

/** How good a split is. One object looks at one node at a time, whose rows are `rows[from..to)`. */
export interface Criterion {
  /** Numbers a node in `Tree.value`. */
  readonly width: number;
  /** Weight of the node's rows. */
  readonly weight: number;
  /** Of the best split of the node so far: rows on its left (0 for none), the highest code there, and the lowest on the right. */
  readonly found: { quality: number; count: number; code: number; nextCode: number };
  /** Of both sides after `divide`. */
  readonly left: { weight: number; impurity: number };
  readonly right: { weight: number; impurity: number };
  /** Weights of rows of the data, for the trees that follow. */
  weigh(weights: Float64Array): void;
  /** Turns to a node. */
  enter(rows: Int32Array, from: number, to: number): void;
  /** Of the node. */
  impurity(): number;
  /** Writes the node's numbers. */
  write(values: Float64Array, at: number): void;
  /** Whether it takes less to sum up the rows of each code than to sort them. */
  prefersBins(n: number, range: number): boolean;
  /** Looks at all splits between codes whose values differ; gives whether one is better than `found`, where it is then. */
  scanBins(column: NodeColumn, limits: SplitLimits): boolean;
  /** The same where the codes were sorted; those of `column` itself may be in any order. */
  scanSorted(column: NodeColumn, sorted: CodeOrder, limits: SplitLimits): boolean;
  /** Measures both sides of a split of the node: `rows[from..middle)` is the left one. */
  divide(rows: Int32Array, from: number, middle: number): void;
}

/** Values that are no further apart are not told apart. */
const GAP = Math.fround(1e-7);

/** Whether a split can be between two values. */
export function isApart(value: number, next: number): boolean {
  return next > Math.fround(value + GAP);
}

/** No split. */
export function nothingFound(): Criterion['found'] {
  return { quality: Number.NEGATIVE_INFINITY, count: 0, code: 0, nextCode: 0 };
}
