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
  const { text, ids } = inspector().heapSnapshot(functions);
  const heap = new Heap(JSON.parse(text) as Snapshot);
  latest = new WeakMap(functions.map((fn, at) => [fn, heap.contexts(ids[at] as number)]));
}

class Heap {
  readonly #nodes: readonly number[];
  readonly #edges: readonly number[];
  readonly #nodeSize: number;
  readonly #edgeSize: number;
  readonly #internal: number;
  readonly #context: number;
  readonly #previous: number;
  /** First edge of each node, and node by identity. */
  readonly #firstEdge: Uint32Array;
  readonly #byId = new Map<number, number>();

  constructor({ snapshot: { meta }, nodes, edges, strings }: Snapshot) {
    this.#nodes = nodes;
    this.#edges = edges;
    this.#nodeSize = meta.node_fields.length;
    this.#edgeSize = meta.edge_fields.length;
    this.#internal = meta.edge_types[0].indexOf('internal');
    this.#context = strings.indexOf('context');
    this.#previous = strings.indexOf('previous');
    const count = nodes.length / this.#nodeSize;
    this.#firstEdge = new Uint32Array(count + 1);
    const edgeCount = meta.node_fields.indexOf('edge_count');
    const id = meta.node_fields.indexOf('id');
    for (let at = 0; at < count; at += 1) {
      this.#byId.set(nodes[at * this.#nodeSize + id] as number, at);
      this.#firstEdge[at + 1] = (this.#firstEdge[at] as number) + (nodes[at * this.#nodeSize + edgeCount] as number);
    }
  }

  contexts(id: number): number[] {
    const found: number[] = [];
    const node = this.#byId.get(id);
    for (
      let at = node === undefined ? undefined : this.#follow(node, this.#context);
      at !== undefined;
      at = this.#follow(at, this.#previous)
    ) {
      found.push(at);
    }
    return found;
  }

  #follow(node: number, name: number): number | undefined {
    const end = (this.#firstEdge[node + 1] as number) * this.#edgeSize;
    for (let at = (this.#firstEdge[node] as number) * this.#edgeSize; at < end; at += this.#edgeSize) {
      if (this.#edges[at] === this.#internal && this.#edges[at + 1] === name)
        return (this.#edges[at + 2] as number) / this.#nodeSize;
    }
    return undefined;
  }
}
