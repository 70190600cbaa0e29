import { FrameError } from '../frame-error.ts';
import { isPackageName } from './package-head.ts';
import { isSha256, sha256 } from './sha256.ts';

/** A package among others: what is in it, and which of the others its dependencies are, by the names it imports them under. */
export interface GraphPackage {
  readonly name: string;
  readonly version: string;
  /** Hash of its content; empty for packages that every receiver has. */
  readonly content: string;
  readonly dependencies: ReadonlyMap<string, number>;
}

/** The first is the one that it is about. */
export type PackageGraph = readonly GraphPackage[];

const MAX_PACKAGES = 5_000;

/** One package of a graph with all that it depends on, in an order that depends on nothing else. */
export function closureOf(graph: PackageGraph, root: number): PackageGraph {
  const order = [root];
  const places = new Map([[root, 0]]);
  const found: GraphPackage[] = [];
  for (let at = 0; at < order.length; at += 1) {
    const { dependencies, ...rest } = graph[order[at] as number] as GraphPackage;
    const renumbered = new Map<string, number>();
    for (const name of [...dependencies.keys()].sort()) {
      const dependency = dependencies.get(name) as number;
      let place = places.get(dependency);
      if (place === undefined) {
        place = order.push(dependency) - 1;
        places.set(dependency, place);
      }
      renumbered.set(name, place);
    }
    found.push({ ...rest, dependencies: renumbered });
  }
  return found;
}

/** The text of a closure. Its hash is the package's identity: the same wherever it lies, if all of it is the same. */
export function graphText(closure: PackageGraph): string {
  return JSON.stringify(
    closure.map(({ name, version, content, dependencies }) => [name, version, content, [...dependencies]]),
  );
}

/** Identity of each package of a graph. */
export function identities(graph: PackageGraph): readonly string[] {
  return graph.map((_, at) => sha256(graphText(closureOf(graph, at))));
}

/** Reads a text that came from elsewhere. @throws FrameError when it is not the one of this hash, or contradicts itself */
export function readGraph(text: string, id: string): PackageGraph {
  if (sha256(text) !== id) throw new FrameError(`the list of packages that came for ${id} is another one`);
  const list: unknown = JSON.parse(text);
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_PACKAGES)
    throw new FrameError('a list of packages that is none');
  return list.map((entry: unknown): GraphPackage => {
    const [name, version, content, dependencies] = (Array.isArray(entry) ? entry : []) as unknown[];
    if (!isPackageName(name) || typeof version !== 'string' || !(content === '' || isSha256(content)))
      throw new FrameError('a list of packages with something else in it');
    if (!Array.isArray(dependencies) || !dependencies.every((each) => isEdge(each, list.length)))
      throw new FrameError(`package ${name} depends on what is not there`);
    return { name, version, content, dependencies: new Map(dependencies as [string, number][]) };
  });
}

function isEdge(value: unknown, count: number): boolean {
  const [name, at] = (Array.isArray(value) ? value : []) as unknown[];
  return isPackageName(name) && Number.isInteger(at) && (at as number) >= 0 && (at as number) < count;
}
