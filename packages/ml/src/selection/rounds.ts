import type { Labels } from '../data/labels.ts';
import type { LeafOutcome } from './evaluate.ts';
import type { Params } from './parameter-grid.ts';
import type { Split } from './splitter.ts';

/** What rounds of a search can depend on. */
export interface RoundsData {
  readonly rows: number;
  readonly labels: Labels | undefined;
  readonly isClassifier: boolean;
}

/** The course of a search: its splits, and what is tried on which of them, by their numbers. */
export interface Rounds {
  readonly splits: readonly Split[];
  readonly explore: (
    evaluateOn: (candidates: readonly Params[], on: readonly number[]) => Promise<LeafOutcome[][]>,
  ) => Promise<{
    readonly tried: readonly Params[];
    readonly leaves: LeafOutcome[][];
    /** Columns of the results besides. */
    readonly columns: Readonly<Record<string, Int32Array>>;
  }>;
}
