import { UnserializableError } from './errors.ts';
import { FIRST_VARIABLE } from './functions.ts';
import type { GraphWriter } from './graph-writer.ts';
import { type Group, SHARED } from './layout.ts';
import { type FunctionNode, type SharedVariable, sharedVariables } from './sharing.ts';

/** Finds the variables that functions of a graph share and write, and takes them out of their records. */
export function shareVariables(graph: GraphWriter): Group[] {
  if (graph.functions.size < 2) return [];
  const { shared, unclear } = sharedVariables(graph.functions);
  const [first] = unclear;
  if (first !== undefined) refuse(graph, first.name, first.users);
  for (const { name, users } of shared) {
    for (const id of users) {
      const { captured } = graph.functions.get(id) as FunctionNode;
      graph.records[(graph.starts[id] as number) + FIRST_VARIABLE + captured.code.header.free.indexOf(name)] = SHARED;
    }
  }
  return grouped(graph, shared);
}

function refuse(graph: GraphWriter, name: string, [one, other]: readonly number[]): never {
  const first = graph.trailTo(one as number).join(' -> ');
  throw new UnserializableError(
    graph.trailTo(other as number),
    `${name} is a variable that is written and that ${first} uses too; whether it is one variable or two cannot be told`,
    `Keep it in an object that both capture: const state = { ${name} }`,
  );
}

interface Joined {
  readonly variables: Map<string, number>;
  readonly members: Set<number>;
}

/** Joins functions that share any variable, however indirectly. */
function grouped(graph: GraphWriter, shared: readonly SharedVariable[]): Group[] {
  const groups: Joined[] = [];
  for (const { name, users } of shared) {
    const { captured, slots } = graph.functions.get(users[0] as number) as FunctionNode;
    const slot = slots[captured.code.header.free.indexOf(name)] as number;
    const joined: Joined = { variables: new Map([[name, slot]]), members: new Set(users) };
    for (const group of groups.filter(({ members }) => users.some((id) => members.has(id)))) {
      for (const [each, value] of group.variables) {
        if (joined.variables.has(each)) refuse(graph, each, [...group.members]);
        joined.variables.set(each, value);
      }
      for (const id of group.members) joined.members.add(id);
      groups.splice(groups.indexOf(group), 1);
    }
    groups.push(joined);
  }
  return groups.map(({ variables, members }) => [[...variables], [...members]]);
}
