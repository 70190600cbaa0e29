import { InputError } from '../base/errors.ts';
import { Estimator } from '../base/estimator.ts';
import { checkFeatures } from '../data/check-features.ts';
import type { DenseMatrix, Features, Matrix } from '../data/features.ts';
import { checkRandomState } from '../random/random-state.ts';
import type { Criterion } from './criterion.ts';
import { type FeatureColumns, featureColumns } from './feature-columns.ts';
import { importancesOf, leavesOf, type Tree } from './tree.ts';
import { TreeGrower } from './tree-grower.ts';
import { type TreeParams, treeLimits } from './tree-params.ts';

/** What a tree for classes and one for numbers share. */
export abstract class DecisionTree<P extends TreeParams> extends Estimator<P> {
  declare tree_: Tree;
  /** Columns of X. */
  declare nFeaturesIn_: number;
  /** By how much each column's splits lower the impurity, as shares of 1. */
  declare featureImportances_: Float64Array;

  /** Levels below the root. */
  getDepth(): number {
    this.checkFitted();
    return this.tree_.maxDepth;
  }

  getNLeaves(): number {
    this.checkFitted();
    return this.tree_.feature.reduce((count, f) => count + (f < 0 ? 1 : 0), 0);
  }

  /** The leaf of each row, as its number in `tree_`. */
  async apply(X: Features): Promise<Int32Array> {
    return leavesOf(this.tree_, this.checked(X));
  }

  /** @internal Takes a tree that was grown elsewhere for its own. */
  adopt(tree: Tree, cols: number): this {
    this.forget();
    this.tree_ = tree;
    this.nFeaturesIn_ = cols;
    this.featureImportances_ = importancesOf(tree, cols);
    return this;
  }

  protected grown(X: Matrix, criterion: Criterion, weights: Float64Array): Tree {
    const limits = treeLimits(this.params, X.rows, X.cols);
    const grower = new TreeGrower(treeColumns(X, this.class.name), criterion, limits);
    return grower.grow(weights, treeSeed(this.params.randomState));
  }

  protected checked(X: Features): Matrix {
    this.checkFitted();
    return checkFeatures(X, { owner: this.class.name, sparse: true, cols: this.nFeaturesIn_ });
  }
}

/** The seed of a tree's own generator. */
export function treeSeed(randomState: TreeParams['randomState']): number {
  return checkRandomState(randomState).randint(0x7fffffff);
}

/** X by columns. @throws InputError for numbers that floats cannot hold */
export function treeColumns(X: Matrix, owner: string): FeatureColumns {
  const columns = featureColumns(X);
  if (columns.values.every(Number.isFinite)) return columns;
  throw new InputError(`Input X contains numbers above 3.4e38. ${owner} takes floats of 32 bits.`);
}

/** Adds to `out` (rows x classes) the shares of the classes at the leaves of rows. */
export function addShares(tree: Tree, X: Matrix, out: DenseMatrix): void {
  const leaves = leavesOf(tree, X);
  const { value, width } = tree;
  for (let row = 0; row < X.rows; row += 1) {
    const from = width * (leaves[row] as number);
    let sum = 0;
    for (let k = 0; k < width; k += 1) sum += value[from + k] as number;
    for (let k = 0; k < width; k += 1) {
      const at = row * width + k;
      out.data[at] = (out.data[at] as number) + (value[from + k] as number) / sum;
    }
  }
}
