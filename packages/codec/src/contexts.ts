import { getHeapStatistics } from 'node:v8';
import { inspector } from './inspector.ts';

/** Identities of scopes, as of the last snapshot. */
let latest = new WeakMap<object, readonly number[]>();

/**
 * Identities of the variable scopes that functions closed over, innermost first: equal numbers, the same scope.
 * V8 tells them in heap snapshots only, so this is for what nothing else decides. Undefined when the heap is too large.
 */
export function contextsOf(functions: readonly object[]): readonly (readonly number[])[] | undefined {
  if (functions.some((fn) => !latest.has(fn))) {
    if (process.memoryUsage().heapUsed > getHeapStatistics().heap_size_limit / 2) return undefined;
    readContexts(functions);
  }
  return functions.map((fn) => latest.get(fn) ?? []);
}

interface Snapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly edge_fields: readonly string[];
      readonly edge_types: readonly [readonly string[]];
    };
  };
  readonly nodes: readonly number[];
  readonly edges: readonly number[];
  readonly strings: readonly string[];
}

function readContexts(functions: readonly object[]): void {
  const { text, id } = inspector().heapSnapshot([...functions]);
  const heap = new Heap(JSON.parse(text) as Snapshot);
  const nodes = heap.elements(id);
  latest = new WeakMap(functions.map((fn, at) => [fn, heap.contexts(nodes.get(at))]));
}

class Heap {
  readonly #nodes: readonly number[];
  readonly #edges: readonly number[];
  readonly #nodeSize: number;
  readonly #edgeSize: number;
  readonly #internal: number;
  readonly #context: number;
  readonly #previous: number;
  readonly #element: number;
  readonly #idField: number;
  /** Number of the first edge of each node. */
  readonly #firstEdge: Uint32Array;

  constructor({ snapshot: { meta }, nodes, edges, strings }: Snapshot) {
    this.#nodes = nodes;
    this.#edges = edges;
    this.#nodeSize = meta.node_fields.length;
    this.#edgeSize = meta.edge_fields.length;
    this.#internal = meta.edge_types[0].indexOf('internal');
    this.#element = meta.edge_types[0].indexOf('element');
    this.#context = strings.indexOf('context');
    this.#previous = strings.indexOf('previous');
    this.#idField = meta.node_fields.indexOf('id');
    const count = nodes.length / this.#nodeSize;
    const edgeCount = meta.node_fields.indexOf('edge_count');
    this.#firstEdge = new Uint32Array(count + 1);
    for (let at = 0; at < count; at += 1) {
      this.#firstEdge[at + 1] = (this.#firstEdge[at] as number) + (nodes[at * this.#nodeSize + edgeCount] as number);
    }
  }

  /** Nodes of the elements of an array. */
  elements(id: number): ReadonlyMap<number, number> {
    const found = new Map<number, number>();
    const node = this.#byId(id);
    if (node === undefined) return found;
    for (let at = this.#start(node); at < this.#start(node + 1); at += this.#edgeSize) {
      if (this.#edges[at] === this.#element) found.set(this.#edges[at + 1] as number, this.#target(at));
    }
    return found;
  }

  /** The scopes around a function, innermost first. */
  contexts(node: number | undefined): number[] {
    const found: number[] = [];
    for (
      let at = node === undefined ? undefined : this.#follow(node, this.#context);
      at !== undefined;
      at = this.#follow(at, this.#previous)
    ) {
      found.push(at);
    }
    return found;
  }

  #byId(id: number): number | undefined {
    for (let at = this.#idField; at < this.#nodes.length; at += this.#nodeSize) {
      if (this.#nodes[at] === id) return (at - this.#idField) / this.#nodeSize;
    }
    return undefined;
  }

  #start(node: number): number {
    return (this.#firstEdge[node] as number) * this.#edgeSize;
  }

  #target(edge: number): number {
    return (this.#edges[edge + 2] as number) / this.#nodeSize;
  }

  #follow(node: number, name: number): number | undefined {
    for (let at = this.#start(node); at < this.#start(node + 1); at += this.#edgeSize) {
      if (this.#edges[at] === this.#internal && this.#edges[at + 1] === name) return this.#target(at);
    }
    return undefined;
  }
}
