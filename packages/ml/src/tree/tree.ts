import type { Matrix } from '../data/features.ts';
import { isSparse } from '../data/features.ts';

/** A binary tree as flat arrays, a node an element; node 0 is the root. Named as scikit-learn's `tree_`. */
export interface Tree {
  /** The column that a node asks for; -1 for a leaf. */
  readonly feature: Int32Array;
  /** Rows whose value, rounded to a float, is not above it go left. */
  readonly threshold: Float64Array;
  readonly childrenLeft: Int32Array;
  readonly childrenRight: Int32Array;
  /** Numbers a node in `value`: one for a regressor, one a class for a classifier. */
  readonly width: number;
  /** Weights of the classes, or the mean target, of the rows at a node. */
  readonly value: Float64Array;
  readonly impurity: Float64Array;
  /** Rows of the fit at a node, and their weight. */
  readonly nNodeSamples: Int32Array;
  readonly weightedNNodeSamples: Float64Array;
  readonly maxDepth: number;
}

/** The leaf of each row. */
export function leavesOf(tree: Tree, X: Matrix): Int32Array {
  const { feature, threshold, childrenLeft, childrenRight } = tree;
  const leaves = new Int32Array(X.rows);
  const walk = (data: Float32Array | Float64Array, start: number): number => {
    let node = 0;
    for (let f = feature[0] as number; f >= 0; f = feature[node] as number) {
      const isLeft = Math.fround(data[start + f] as number) <= (threshold[node] as number);
      node = (isLeft ? childrenLeft[node] : childrenRight[node]) as number;
    }
    return node;
  };
  if (!isSparse(X)) {
    for (let row = 0; row < X.rows; row += 1) leaves[row] = walk(X.data, row * X.cols);
    return leaves;
  }
  const own = new Float64Array(X.cols);
  for (let row = 0; row < X.rows; row += 1) {
    const [from, to] = [X.indptr[row] as number, X.indptr[row + 1] as number];
    for (let k = from; k < to; k += 1) own[X.indices[k] as number] = X.data[k] as number;
    leaves[row] = walk(own, 0);
    for (let k = from; k < to; k += 1) own[X.indices[k] as number] = 0;
  }
  return leaves;
}

/** By how much each column's splits lower the impurity, as shares of 1; zeros for a tree without splits. */
export function importancesOf(tree: Tree, cols: number): Float64Array {
  const { feature, childrenLeft, childrenRight, impurity, weightedNNodeSamples: weight } = tree;
  const sums = new Float64Array(cols);
  const at = (node: number): number => (weight[node] as number) * (impurity[node] as number);
  for (let node = 0; node < feature.length; node += 1) {
    const f = feature[node] as number;
    if (f < 0) continue;
    const gain = at(node) - at(childrenLeft[node] as number) - at(childrenRight[node] as number);
    sums[f] = (sums[f] as number) + gain;
  }
  return shares(sums);
}

/** Numbers as shares of their sum; as they are where it is zero. */
export function shares(values: Float64Array): Float64Array {
  const sum = values.reduce((all, each) => all + each, 0);
  return sum > 0 ? values.map((each) => each / sum) : values;
}
