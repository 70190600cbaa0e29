import { type Constraints, integer, NULL, oneOf, RANDOM_STATE, real } from '../base/constraints.ts';
import type { RandomState } from '../random/random-state.ts';
import type { TreeLimits } from './tree-grower.ts';

/** How far trees grow. Counts that may be below 1 are then shares of the rows (or columns), rounded up (down). */
export interface TreeParams {
  /** Levels below the root; null for no limit. */
  readonly maxDepth: number | null;
  /** Rows that a node needs to be split. */
  readonly minSamplesSplit: number;
  /** Rows that each side must have. */
  readonly minSamplesLeaf: number;
  /** Share of all weight that each side must have. */
  readonly minWeightFractionLeaf: number;
  /** Columns that each node draws and looks at; null for all. 1 is one column, never all. */
  readonly maxFeatures: number | 'sqrt' | 'log2' | null;
  /** What a split must lower the impurity by, weighted with the node's share of the weight. */
  readonly minImpurityDecrease: number;
  /** Columns are drawn in an order, which decides between splits that are equally good. */
  readonly randomState: number | RandomState | null;
}

export const TREE_DEFAULTS: TreeParams = {
  maxDepth: null,
  minSamplesSplit: 2,
  minSamplesLeaf: 1,
  minWeightFractionLeaf: 0,
  maxFeatures: null,
  minImpurityDecrease: 0,
  randomState: null,
};

export const TREE_CONSTRAINTS: Constraints = {
  maxDepth: [integer('[1, inf)'), NULL],
  minSamplesSplit: [integer('[2, inf)'), real('(0, 1)')],
  minSamplesLeaf: [integer('[1, inf)'), real('(0, 1)')],
  minWeightFractionLeaf: [real('[0, 0.5]')],
  maxFeatures: [integer('[1, inf)'), real('(0, 1)'), oneOf('sqrt', 'log2'), NULL],
  minImpurityDecrease: [real('[0, inf)')],
  randomState: [RANDOM_STATE],
};

/** Parameters as numbers, for data of this size. */
export function treeLimits(params: TreeParams, rows: number, cols: number): TreeLimits {
  const { maxDepth, minSamplesSplit, minSamplesLeaf, minWeightFractionLeaf, minImpurityDecrease } = params;
  const leaf = minSamplesLeaf < 1 ? Math.ceil(minSamplesLeaf * rows) : minSamplesLeaf;
  const split = minSamplesSplit < 1 ? Math.max(2, Math.ceil(minSamplesSplit * rows)) : minSamplesSplit;
  return {
    maxDepth: maxDepth ?? Number.POSITIVE_INFINITY,
    minSamplesSplit: Math.max(split, 2 * leaf),
    minSamplesLeaf: leaf,
    minWeightFractionLeaf,
    minImpurityDecrease,
    maxFeatures: drawnColumns(params.maxFeatures, cols),
  };
}

function drawnColumns(maxFeatures: TreeParams['maxFeatures'], cols: number): number {
  if (maxFeatures === null) return cols;
  if (maxFeatures === 'sqrt') return Math.max(1, Math.floor(Math.sqrt(cols)));
  if (maxFeatures === 'log2') return Math.max(1, Math.floor(Math.log2(cols)));
  return maxFeatures < 1 ? Math.max(1, Math.floor(maxFeatures * cols)) : Math.min(maxFeatures, cols);
}
