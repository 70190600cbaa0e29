import { readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Package } from '../packages.ts';
import { type Dependency, dependenciesOf } from './dependencies.ts';
import { MAX_FILES, MAX_PACKAGE_BYTES, MAX_SHIPMENT_BYTES, megabytes } from './limits.ts';
import { packageFiles } from './package-files.ts';
import { closureOf, type GraphPackage } from './package-graph.ts';
import { headText, isPackageName, type PackageHead } from './package-head.ts';
import { impurity } from './purity.ts';
import { sha256 } from './sha256.ts';

/** A package as it lies here, with what it uses. */
export interface Surveyed {
  readonly package: Package;
  readonly head: PackageHead;
  readonly content: string;
  readonly bytes: number;
  readonly dependencies: readonly Dependency[];
  /** Why it cannot go along, as the end of a sentence about it. */
  readonly problem: string | undefined;
}

/** Packages of ours are wherever this code runs. */
export function isOwn(name: string): boolean {
  return name.startsWith('@jobloom/');
}

const surveyed = new Map<string, Surveyed>();

/** Looks at the files of a package; once a process. */
export function survey(found: Package): Surveyed {
  let result = surveyed.get(found.directory);
  if (result === undefined) {
    result = isOwn(found.name) ? nothing(found) : surveyNow(found);
    surveyed.set(found.directory, result);
  }
  return result;
}

function nothing(found: Package, problem?: string): Surveyed {
  const head = { name: found.name, version: found.version, files: [] };
  return { package: found, head, content: '', bytes: 0, dependencies: [], problem };
}

function surveyNow(found: Package): Surveyed {
  const { name, version, directory, manifest } = found;
  if (!isPackageName(name)) return nothing(found, 'its name is none that a package can have');
  if (!directory.split(sep).includes('node_modules'))
    return nothing(found, `it is not installed, but a link to ${directory}`);
  let paths: readonly string[];
  try {
    paths = packageFiles(directory);
  } catch (error) {
    return nothing(found, (error as Error).message);
  }
  const problem = impurity(manifest, paths);
  if (problem !== undefined) return nothing(found, problem);
  if (paths.length > MAX_FILES) return nothing(found, `it has ${paths.length} files, more than ${MAX_FILES}`);
  const bytes = paths.reduce((sum, path) => sum + statSync(join(directory, path)).size, 0);
  if (bytes > MAX_PACKAGE_BYTES)
    return nothing(found, `it has ${megabytes(bytes)} of files, more than ${megabytes(MAX_PACKAGE_BYTES)}`);
  const files = paths.map((path) => {
    const text = readFileSync(join(directory, path));
    return [path, text.byteLength, sha256(text)] as const;
  });
  const head = { name, version, files };
  const content = sha256(headText(head));
  return { package: found, head, content, bytes, dependencies: dependenciesOf(found), problem: undefined };
}

/** A package with all that it depends on, in the order of `graph`; or why it cannot go along. */
export type Surveyance =
  | { readonly all: readonly Surveyed[]; readonly graph: readonly GraphPackage[] }
  | { readonly problem: string };

/** Looks at a package and at all that it depends on. What it copes without is left out where that cannot go along. */
export function surveyAll(root: Package): Surveyance {
  const all = [survey(root)];
  const places = new Map([[root.directory, 0]]);
  for (let at = 0; at < all.length; at += 1) {
    for (const { package: found } of (all[at] as Surveyed).dependencies) {
      if (!places.has(found.directory)) places.set(found.directory, all.push(survey(found)) - 1);
    }
  }
  const problems = all.map(({ problem }) => problem);
  for (let changed = true; changed; ) {
    changed = false;
    for (const [at, { dependencies }] of all.entries()) {
      if (problems[at] !== undefined) continue;
      const bad = dependencies.find((each) => !each.optional && problems[placeOf(each, places)] !== undefined);
      if (bad === undefined) continue;
      const its = problems[placeOf(bad, places)] as string;
      problems[at] = `it depends on ${bad.package.name} ${bad.package.version}, which cannot be shipped: ${its}`;
      changed = true;
    }
  }
  if (problems[0] !== undefined) return { problem: problems[0] };
  const graph = all.map(({ package: { name, version }, content, dependencies }): GraphPackage => {
    const kept = dependencies.filter((each) => problems[placeOf(each, places)] === undefined);
    const edges = kept.map((each) => [each.name, placeOf(each, places)] as const);
    return { name, version, content, dependencies: new Map(edges) };
  });
  return checkSize(all, graph);
}

function placeOf({ package: { directory } }: Dependency, places: ReadonlyMap<string, number>): number {
  return places.get(directory) as number;
}

/** Only what is reached counts: what is left out may have brought others. */
function checkSize(all: readonly Surveyed[], graph: readonly GraphPackage[]): Surveyance {
  const reached = new Set(closureOf(graph, 0).map(({ content }) => content));
  const bytes = all.reduce((sum, each) => sum + (reached.has(each.content) ? each.bytes : 0), 0);
  if (bytes <= MAX_SHIPMENT_BYTES) return { all, graph };
  const limit = megabytes(MAX_SHIPMENT_BYTES);
  return { problem: `it has ${megabytes(bytes)} of files with all that it depends on, more than ${limit}` };
}
