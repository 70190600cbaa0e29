import type { CodeOrder } from './code-order.ts';

/** What a split must leave on each side, and where the values of the column are. */
export interface SplitLimits {
  readonly minRows: number;
  readonly minWeight: number;
}

/** How good a split is. One object looks at one node at a time, whose rows are `rows[from..to)`. */
export interface Criterion {
  /** Numbers a node in `Tree.value`. */
  readonly width: number;
  /** Weight of the node's rows. */
  readonly weight: number;
  /** What `scan` found best so far; a lower one is no find. Set to -Infinity at a new node. */
  best: number;
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
  /**
   * Looks at all splits of the node's n rows in the order given, between codes whose values (`values[first + code]`) differ.
   * Gives the number of rows on the left of the best one, where it is better than `best`; else 0.
   */
  scan(order: CodeOrder, n: number, values: Float32Array, first: number, limits: SplitLimits): number;
  /** Measures both sides of a split of the node: `rows[from..middle)` is the left one. */
  divide(rows: Int32Array, from: number, middle: number): void;
}

/** Values that are no further apart are not told apart. */
const GAP = Math.fround(1e-7);

/** Whether a split can be between two values. */
export function isApart(value: number, next: number): boolean {
  return next > Math.fround(value + GAP);
}
