import { type GraphWriter, Word } from './graph-writer.ts';
import { Kind, NONE } from './layout.ts';

/** A namespace of which only some members travel; written when all functions have said which. */
export class Narrowed {}

interface Members {
  readonly id: number;
  readonly slots: Map<string, number>;
}

const narrowed = new WeakMap<GraphWriter, Map<object, Members>>();

/** The slot of a namespace with the members that are used, and no others. */
export function narrowedSlot(graph: GraphWriter, namespace: object, used: ReadonlySet<string>, name: string): number {
  let all = narrowed.get(graph);
  if (all === undefined) {
    all = new Map();
    narrowed.set(graph, all);
  }
  let members = all.get(namespace);
  if (members === undefined) {
    members = { id: graph.node(new Narrowed(), new Word(name)), slots: new Map() };
    all.set(namespace, members);
  }
  const slot = graph.refer(members.id);
  for (const member of used) {
    if (members.slots.has(member) || !(member in namespace)) continue;
    members.slots.set(member, NONE);
    const value = graph.slot((namespace as Record<string, unknown>)[member], new Word(`${name}.${member}`));
    members.slots.set(member, value);
    if (value % 2 !== 0) {
      graph.from.push(members.id);
      graph.to.push((value - 1) / 2);
    }
  }
  return slot;
}

/** Writes the namespaces of which parts travel. */
export function writeNarrowed(graph: GraphWriter): void {
  for (const { id, slots } of narrowed.get(graph)?.values() ?? []) {
    graph.starts[id] = graph.records.length;
    graph.put(Kind.namespace, slots.size);
    for (const [key, value] of slots) graph.put(graph.valueSlot(key), value);
  }
}

/** Writes a namespace with all that it exports. */
export function writeNamespace(graph: GraphWriter, namespace: object): void {
  const names = Object.getOwnPropertyNames(namespace);
  const slots = names.flatMap((name) => [
    graph.valueSlot(name),
    graph.slot((namespace as Record<string, unknown>)[name], name),
  ]);
  graph.put(Kind.namespace, names.length);
  graph.putAll(slots);
}
