import type { Criterion } from './criterion.ts';
import type { Tree } from './tree.ts';

/** Nodes of a tree that grows; of one after another, in the same memory. */
export class NodeList {
  readonly #width: number;
  #count = 0;
  #capacity = 0;
  #feature: Int32Array = new Int32Array(0);
  #left: Int32Array = new Int32Array(0);
  #right: Int32Array = new Int32Array(0);
  #rows: Int32Array = new Int32Array(0);
  #threshold: Float64Array = new Float64Array(0);
  #impurity: Float64Array = new Float64Array(0);
  #weight: Float64Array = new Float64Array(0);
  #values: Float64Array = new Float64Array(0);
  #maxDepth = 0;

  constructor(width: number) {
    this.#width = width;
  }

  /** Adds the node that the criterion is at, as a leaf; gives its number. */
  add(criterion: Criterion, rows: number, impurity: number, depth: number): number {
    const node = this.#count;
    if (node === this.#capacity) this.#widen();
    this.#count += 1;
    this.#feature[node] = -1;
    this.#left[node] = -1;
    this.#right[node] = -1;
    this.#rows[node] = rows;
    this.#threshold[node] = -2;
    this.#impurity[node] = impurity;
    this.#weight[node] = criterion.weight;
    if (depth > this.#maxDepth) this.#maxDepth = depth;
    criterion.write(this.#values, this.#width * node);
    return node;
  }

  /** Makes a node ask. */
  split(node: number, feature: number, threshold: number): void {
    this.#feature[node] = feature;
    this.#threshold[node] = threshold;
  }

  /** Says where a node's side is. */
  link(parent: number, isLeft: boolean, node: number): void {
    if (isLeft) this.#left[parent] = node;
    else this.#right[parent] = node;
  }

  /** The tree; the next node is the root of another. */
  done(): Tree {
    const count = this.#count;
    const maxDepth = this.#maxDepth;
    this.#count = 0;
    this.#maxDepth = 0;
    return {
      feature: this.#feature.slice(0, count),
      threshold: this.#threshold.slice(0, count),
      childrenLeft: this.#left.slice(0, count),
      childrenRight: this.#right.slice(0, count),
      width: this.#width,
      value: this.#values.slice(0, this.#width * count),
      impurity: this.#impurity.slice(0, count),
      nNodeSamples: this.#rows.slice(0, count),
      weightedNNodeSamples: this.#weight.slice(0, count),
      maxDepth,
    };
  }

  #widen(): void {
    this.#capacity = Math.max(256, 2 * this.#capacity);
    const wider = <T extends Int32Array | Float64Array>(old: T, size = 1): T => {
      const made = new (old.constructor as new (length: number) => T)(size * this.#capacity);
      made.set(old);
      return made;
    };
    this.#feature = wider(this.#feature);
    this.#left = wider(this.#left);
    this.#right = wider(this.#right);
    this.#rows = wider(this.#rows);
    this.#threshold = wider(this.#threshold);
    this.#impurity = wider(this.#impurity);
    this.#weight = wider(this.#weight);
    this.#values = wider(this.#values, this.#width);
  }
}
