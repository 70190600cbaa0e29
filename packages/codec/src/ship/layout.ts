import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPackage } from '../packages.ts';
import type { LinkTo, Placed } from './installed.ts';
import { closureOf, type GraphPackage, identities, type PackageGraph } from './package-graph.ts';
import { isOwn } from './survey.ts';

/**
 * How the packages of a graph are to lie here. The first one is lacking; of those it depends on, what this receiver has
 * itself at the same version is used from there, so that a package of which both ends have a copy stays one.
 */
export function layOut(graph: PackageGraph, base: string): readonly Placed[] {
  const own = graph.map((found, at) => (at === 0 ? undefined : ownCopy(found, base)));
  // an own copy is told by where it lies, and brings its own dependencies
  const here = graph.map((found, at): GraphPackage => {
    const directory = own[at];
    return directory === undefined ? found : { ...found, content: `own ${directory}`, dependencies: new Map() };
  });
  const ids = identities(graph);
  const places = identities(here);
  const reached = new Set(closureOf(here, 0).map(({ content, name }) => `${content} ${name}`));
  return here.flatMap(({ name, content, dependencies }, at): Placed[] => {
    if (own[at] !== undefined || content === '' || !reached.has(`${content} ${name}`)) return [];
    const links = new Map<string, LinkTo>();
    for (const [as, to] of dependencies) {
      const target = graph[to] as GraphPackage;
      const directory = own[to];
      if (directory !== undefined) links.set(as, directory);
      else if (target.content !== '') links.set(as, { place: places[to] as string, name: target.name });
    }
    return [{ name, content, id: ids[at] as string, place: places[at] as string, links }];
  });
}

/** Folder of the package that this receiver has itself: packages of ours in any version, others in the same one. */
function ownCopy({ name, version }: GraphPackage, base: string): string | undefined {
  const starts = isOwn(name) ? [base, dirname(fileURLToPath(import.meta.url))] : [base];
  for (const start of starts) {
    const found = findPackage(name, start);
    if (found?.name === name && (found.version === version || isOwn(name))) return join(found.directory);
  }
  return undefined;
}
