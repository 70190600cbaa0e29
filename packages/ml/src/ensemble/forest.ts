import { delayed, share } from '@jobloom/parallel';
import { BOOLEAN, type Constraints, integer, NULL, real } from '../base/constraints.ts';
import { ParameterError } from '../base/errors.ts';
import { Estimator } from '../base/estimator.ts';
import { checkFeatures } from '../data/check-features.ts';
import type { Features, Matrix } from '../data/features.ts';
import { rowsWithWeight } from '../data/rows-with-weight.ts';
import { type Rows, take } from '../data/take.ts';
import { checkRandomState } from '../random/random-state.ts';
import { taskRunner } from '../selection/search-runner.ts';
import { type DecisionTree, treeColumns } from '../tree/decision-tree.ts';
import { leavesOf, shares, type Tree } from '../tree/tree.ts';
import { TREE_CONSTRAINTS, TREE_DEFAULTS, type TreeParams, treeLimits } from '../tree/tree-params.ts';
import { drawnRows, type ForestData, type ForestTarget, growTrees } from './grow-trees.ts';

export interface ForestParams extends TreeParams {
  /** Trees. */
  readonly nEstimators: number;
  /** Each tree draws its rows, as many as there are, with replacement. */
  readonly bootstrap: boolean;
  /** With `bootstrap`: how many rows a tree draws; below 1 a share of them; null for as many as there are. */
  readonly maxSamples: number | null;
  /** With `bootstrap`: measures the forest on the rows that trees did not draw. */
  readonly oobScore: boolean;
  /** Tasks at once. Without it, and outside of a scope, trees grow in place, one after the other. */
  readonly nJobs: number | null;
}

export const FOREST_DEFAULTS: ForestParams = {
  nEstimators: 100,
  ...TREE_DEFAULTS,
  bootstrap: true,
  maxSamples: null,
  oobScore: false,
  nJobs: null,
};

export const FOREST_CONSTRAINTS: Constraints = {
  nEstimators: [integer('[1, inf)')],
  ...TREE_CONSTRAINTS,
  bootstrap: [BOOLEAN],
  maxSamples: [integer('[1, inf)'), real('(0, 1)'), NULL],
  oobScore: [BOOLEAN],
  nJobs: [integer('(-inf, inf)'), NULL],
};

/** A forest grows in about so many tasks, however many workers there are. */
const TASKS = 32;

/**
 * What a forest for classes and one for numbers share. Trees are tasks on the active backend; each tree's seed is drawn
 * ahead, so the forest is the same, bit for bit, on each backend and with any `nJobs`.
 */
export abstract class Forest<P extends ForestParams, T extends DecisionTree<TreeParams>> extends Estimator<P> {
  /** The trees. */
  declare estimators_: T[];
  /** Columns of X. */
  declare nFeaturesIn_: number;
  /** Means of the trees' own, as shares of 1. */
  declare featureImportances_: Float64Array;
  /** With `oobScore`: the score on rows that trees did not draw. */
  declare oobScore_: number | undefined;

  /** The leaf of each row in each tree: rows x trees. */
  async apply(X: Features): Promise<{ data: Int32Array; rows: number; cols: number }> {
    const matrix = this.checked(X);
    const cols = this.estimators_.length;
    const data = new Int32Array(matrix.rows * cols);
    for (const [t, { tree_ }] of this.estimators_.entries()) {
      for (const [row, leaf] of leavesOf(tree_, matrix).entries()) data[row * cols + t] = leaf;
    }
    return { data, rows: matrix.rows, cols };
  }

  /** A tree of this forest, before it has grown. */
  protected abstract sapling(seed: number): T;

  /** Grows the trees. Rows of weight zero are not there. Gives the rows that each tree has not drawn, where they are asked for. */
  protected async plant(X: Matrix, target: ForestTarget, weights: Float64Array): Promise<Int32Array[]> {
    const { nEstimators, bootstrap, maxSamples, nJobs, oobScore, randomState } = this.params;
    const owner = this.class.name;
    if (!bootstrap && (oobScore || maxSamples !== null)) {
      const name = oobScore ? 'oobScore' : 'maxSamples';
      throw new ParameterError(`${owner}: ${name} is about the rows that trees draw. Set bootstrap to true as well.`);
    }
    const rows = rowsWithWeight(weights);
    const draws = bootstrap ? drawsOf(maxSamples, rows.length, owner) : null;
    const limits = treeLimits(this.params, rows.length, X.cols);
    const data: ForestData = { columns: treeColumns(X, owner), target, weights, rows, draws, limits };
    const random = checkRandomState(randomState);
    const seeds = Array.from({ length: nEstimators }, () => random.randint(0x7fffffff));
    const size = Math.ceil(nEstimators / TASKS);
    const parts = Array.from({ length: Math.ceil(nEstimators / size) }, (_, i) =>
      seeds.slice(i * size, (i + 1) * size),
    );
    await using runner = taskRunner({ nJobs });
    await using shared = share(data);
    const grown = await runner.run<Tree[]>(parts.map((part) => delayed(growTrees)(shared, part)));
    this.forget();
    this.estimators_ = grown.flat().map((tree, i) => this.sapling(seeds[i] as number).adopt(tree, X.cols));
    this.nFeaturesIn_ = X.cols;
    this.featureImportances_ = this.importances(X.cols);
    if (!oobScore) return [];
    return seeds.map((seed) => {
      const drawn = drawnRows(data, seed);
      return Int32Array.from(drawn.keys()).filter((row) => drawn[row] === 0);
    });
  }

  protected checked(X: Features): Matrix {
    this.checkFitted();
    return checkFeatures(X, { owner: this.class.name, sparse: true, cols: this.nFeaturesIn_ });
  }

  private importances(cols: number): Float64Array {
    const sums = new Float64Array(cols);
    for (const { tree_, featureImportances_ } of this.estimators_) {
      if (tree_.feature.length === 1) continue;
      for (let f = 0; f < cols; f += 1) sums[f] = (sums[f] as number) + (featureImportances_[f] as number);
    }
    return shares(sums);
  }
}

/** The parameters of a forest that are its trees' own. */
export function treeParamsOf(params: TreeParams): TreeParams {
  const names = Object.keys(TREE_DEFAULTS) as (keyof TreeParams)[];
  return Object.fromEntries(names.map((name) => [name, params[name]])) as unknown as TreeParams;
}

/** Some rows of X. */
export function rowsOf(X: Matrix, rows: Int32Array): Matrix {
  return take(X as Rows, rows) as Matrix;
}

function drawsOf(maxSamples: number | null, rows: number, owner: string): number {
  if (maxSamples === null) return rows;
  if (maxSamples < 1) return Math.max(Math.round(maxSamples * rows), 1);
  if (maxSamples <= rows) return maxSamples;
  throw new ParameterError(`maxSamples of ${owner} must not be above the number of rows, ${rows}. Got ${maxSamples}.`);
}
