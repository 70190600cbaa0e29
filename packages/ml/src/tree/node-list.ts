import type { Criterion } from './criterion.ts';
import type { Tree } from './tree.ts';

/** Nodes of a tree that grows. */
export class NodeList {
  #capacity = 64;
  #count = 0;
  readonly #width: number;
  #links: Int32Array;
  #numbers: Float64Array;
  #values: Float64Array;
  maxDepth = 0;

  constructor(width: number) {
    this.#width = width;
    this.#links = new Int32Array(4 * this.#capacity);
    this.#numbers = new Float64Array(3 * this.#capacity);
    this.#values = new Float64Array(width * this.#capacity);
  }

  /** Adds the node that the criterion is at, as a leaf; gives its number. */
  add(criterion: Criterion, rows: number, impurity: number): number {
    const node = this.#count;
    if (node === this.#capacity) this.#widen();
    this.#count += 1;
    this.#links.set([-1, -1, -1, rows], 4 * node);
    this.#numbers.set([-2, impurity, criterion.weight], 3 * node);
    criterion.write(this.#values, this.#width * node);
    return node;
  }

  /** Makes a node ask. */
  split(node: number, feature: number, threshold: number): void {
    this.#links[4 * node] = feature;
    this.#numbers[3 * node] = threshold;
  }

  /** Says where a node's side is. */
  link(parent: number, isLeft: boolean, node: number): void {
    this.#links[4 * parent + (isLeft ? 1 : 2)] = node;
  }

  done(): Tree {
    const count = this.#count;
    const links = (at: number): Int32Array =>
      Int32Array.from({ length: count }, (_, node) => this.#links[4 * node + at] as number);
    const numbers = (at: number): Float64Array =>
      Float64Array.from({ length: count }, (_, node) => this.#numbers[3 * node + at] as number);
    return {
      feature: links(0),
      threshold: numbers(0),
      childrenLeft: links(1),
      childrenRight: links(2),
      width: this.#width,
      value: this.#values.slice(0, this.#width * count),
      impurity: numbers(1),
      nNodeSamples: links(3),
      weightedNNodeSamples: numbers(2),
      maxDepth: this.maxDepth,
    };
  }

  #widen(): void {
    this.#capacity *= 2;
    const wider = <T extends Int32Array | Float64Array>(old: T): T => {
      const made = new (old.constructor as new (length: number) => T)(2 * old.length);
      made.set(old);
      return made;
    };
    this.#links = wider(this.#links);
    this.#numbers = wider(this.#numbers);
    this.#values = wider(this.#values);
  }
}
