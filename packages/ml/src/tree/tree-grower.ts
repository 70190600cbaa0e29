import { rowsWithWeight } from '../data/rows-with-weight.ts';
import { Xorshift } from '../random/xorshift.ts';
import { CodeOrder } from './code-order.ts';
import { type Criterion, isApart, type NodeColumn, type SplitLimits } from './criterion.ts';
import { ColumnReader, type FeatureColumns } from './feature-columns.ts';
import { NodeList } from './node-list.ts';
import type { Tree } from './tree.ts';

/** When a tree stops, in numbers; `treeLimits` makes it of parameters. */
export interface TreeLimits {
  readonly maxDepth: number;
  readonly minSamplesSplit: number;
  readonly minSamplesLeaf: number;
  readonly minWeightFractionLeaf: number;
  readonly minImpurityDecrease: number;
  /** Columns that a node draws. */
  readonly maxFeatures: number;
}

/** A node that waits for its split. Its rows are `rows[from..to)`. */
interface Open {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
  readonly parent: number;
  readonly isLeft: boolean;
  /** Below zero where it is not known yet. */
  readonly impurity: number;
  /** So many of the columns in front are known to be constant here. */
  readonly constants: number;
}

const EPSILON = 2 ** -52;

/**
 * Grows trees on the same columns, depth first, left side first. Columns are drawn as scikit-learn draws them, so that
 * the same seed gives the same tree. Source: Breiman, Friedman, Olshen and Stone, 1984 (CART).
 */
export class TreeGrower {
  readonly #columns: FeatureColumns;
  readonly #reader: ColumnReader;
  readonly #criterion: Criterion;
  readonly #limits: TreeLimits;
  readonly #order: CodeOrder;
  readonly #features: Int32Array;
  readonly #constants: Int32Array;
  #rows: Int32Array = new Int32Array(0);
  readonly #aside: Int32Array;
  readonly #nodes: NodeList;
  #minWeight = 0;
  /** The column of the best split of the node. */
  #feature = -1;
  #constantsFound = 0;

  constructor(columns: FeatureColumns, criterion: Criterion, limits: TreeLimits) {
    this.#columns = columns;
    this.#reader = new ColumnReader(columns);
    this.#criterion = criterion;
    this.#limits = limits;
    this.#order = new CodeOrder(columns.rows);
    this.#features = new Int32Array(columns.cols);
    this.#constants = new Int32Array(columns.cols);
    this.#aside = new Int32Array(columns.rows);
    this.#nodes = new NodeList(criterion.width);
  }

  /** A tree on the rows whose weight is above zero. */
  grow(weights: Float64Array, seed: number): Tree {
    const { minSamplesSplit, minSamplesLeaf, maxDepth, minImpurityDecrease, minWeightFractionLeaf } = this.#limits;
    const criterion = this.#criterion;
    const random = new Xorshift(seed);
    const rows = rowsWithWeight(weights);
    this.#rows = rows;
    for (let f = 0; f < this.#features.length; f += 1) this.#features[f] = f;
    const all = weights.reduce((sum, each) => sum + each, 0);
    this.#minWeight = minWeightFractionLeaf * all;
    criterion.weigh(weights);
    const nodes = this.#nodes;
    const open: Open[] = [
      { from: 0, to: rows.length, depth: 0, parent: -1, isLeft: false, impurity: -1, constants: 0 },
    ];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { from, to, depth, parent, isLeft } = next;
      const count = to - from;
      criterion.enter(rows, from, to);
      const impurity = next.impurity < 0 ? criterion.impurity() : next.impurity;
      const node = nodes.add(criterion, count, impurity, depth);
      if (parent >= 0) nodes.link(parent, isLeft, node);
      const isLeaf =
        depth >= maxDepth ||
        count < minSamplesSplit ||
        count < 2 * minSamplesLeaf ||
        criterion.weight < 2 * this.#minWeight ||
        impurity <= EPSILON;
      if (isLeaf || !this.#split(from, to, next.constants, random)) continue;
      const middle = from + criterion.found.count;
      this.#partition(from, to);
      criterion.divide(rows, from, middle);
      const { weight, left, right } = criterion;
      const gain = impurity - (right.weight / weight) * right.impurity - (left.weight / weight) * left.impurity;
      if ((weight / all) * gain + EPSILON < minImpurityDecrease) continue;
      nodes.split(node, this.#feature, this.#threshold());
      const { impurity: ofRight } = right;
      const { impurity: ofLeft } = left;
      const below = depth + 1;
      const constants = this.#constantsFound;
      // Written out, for spreading objects takes longer than to look for a split in a small node.
      open.push({ from: middle, to, depth: below, parent: node, isLeft: false, impurity: ofRight, constants });
      open.push({ from, to: middle, depth: below, parent: node, isLeft: true, impurity: ofLeft, constants });
    }
    return nodes.done();
  }

  /**
   * Draws columns without replacement until `maxFeatures` were looked at and one was not constant, and keeps the best
   * split. Columns found constant move to the front of the list, for nodes below never to look at them.
   */
  #split(from: number, to: number, known: number, random: Xorshift): boolean {
    const { minSamplesLeaf, maxFeatures } = this.#limits;
    const limits = { minRows: minSamplesLeaf, minWeight: this.#minWeight };
    const features = this.#features;
    let end = features.length;
    let visited = 0;
    let found = 0;
    let drawn = 0;
    let constants = known;
    while (end > constants && (visited < maxFeatures || visited <= found + drawn)) {
      visited += 1;
      let at = random.between(drawn, end - found);
      if (at < known) {
        swap(features, drawn, at);
        drawn += 1;
        continue;
      }
      at += found;
      const f = features[at] as number;
      const column = this.#column(f, from, to);
      if (column === undefined) {
        swap(features, at, constants);
        found += 1;
        constants += 1;
        continue;
      }
      end -= 1;
      swap(features, end, at);
      if (this.#scan(column, limits)) this.#feature = f;
    }
    const front = this.#constants;
    for (let i = 0; i < known; i += 1) features[i] = front[i] as number;
    for (let i = known; i < constants; i += 1) front[i] = features[i] as number;
    this.#constantsFound = constants;
    return this.#criterion.found.count > 0;
  }

  /** A column of the node; undefined where it is constant there. */
  #column(f: number, from: number, to: number): NodeColumn | undefined {
    const offset = this.#reader.open(f, this.#rows, from, to);
    const { codes: all } = this.#reader;
    const rows = this.#rows;
    const { codes } = this.#order;
    let low = 0x7fffffff;
    let high = 0;
    for (let i = from; i < to; i += 1) {
      const code = all[offset + (rows[i] as number)] as number;
      codes[i - from] = code;
      if (code < low) low = code;
      if (code > high) high = code;
    }
    const { values, starts } = this.#columns;
    const first = starts[f] as number;
    const isConstant = !isApart(values[first + low] as number, values[first + high] as number);
    return isConstant ? undefined : { codes, n: to - from, low, high, values, first };
  }

  #scan(column: NodeColumn, limits: SplitLimits): boolean {
    const { n, low, high } = column;
    const criterion = this.#criterion;
    if (criterion.prefersBins(n, high - low + 1)) return criterion.scanBins(column, limits);
    const order = this.#order;
    order.sort(n, low, high);
    return criterion.scanSorted(column, order, limits);
  }

  /** Rows of the left side first, both in their order. */
  #partition(from: number, to: number): void {
    const rows = this.#rows;
    const aside = this.#aside;
    const offset = this.#reader.open(this.#feature, rows, from, to);
    const { codes } = this.#reader;
    const { code } = this.#criterion.found;
    let left = from;
    let right = 0;
    for (let i = from; i < to; i += 1) {
      const row = rows[i] as number;
      if ((codes[offset + row] as number) <= code) rows[left++] = row;
      else aside[right++] = row;
    }
    for (let i = 0; i < right; i += 1) rows[left + i] = aside[i] as number;
  }

  #threshold(): number {
    const { values, starts } = this.#columns;
    const first = starts[this.#feature] as number;
    const { code, nextCode } = this.#criterion.found;
    const [low, high] = [values[first + code] as number, values[first + nextCode] as number];
    const middle = low / 2 + high / 2;
    return middle < high ? middle : low;
  }
}

function swap(values: Int32Array, a: number, b: number): void {
  const kept = values[a] as number;
  values[a] = values[b] as number;
  values[b] = kept;
}
