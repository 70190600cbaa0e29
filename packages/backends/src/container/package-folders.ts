import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** A package, and where it goes. */
export interface PlacedPackage {
  readonly source: string;
  /** Below `node_modules` of the image: `lodash`, or `a/node_modules/lodash` where another version has the first place. */
  readonly place: string;
}

/** The folder of a package as a module in `from` would find it; undefined when it is not installed. */
export function findPackageFolder(name: string, from: string): string | undefined {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    if (existsSync(join(folder, 'package.json'))) return realpathSync(folder);
    if (at === dirname(at)) return undefined;
  }
}

/** Lays out packages with all that they depend on, so that each finds its own versions. @throws Error for one that is missing */
export function placePackages(roots: readonly { readonly name: string; readonly from: string }[]): PlacedPackage[] {
  const placed = new Map<string, string>();
  const queue: { readonly name: string; readonly from: string; readonly above: string; readonly optional: boolean }[] =
    roots.map((root) => ({ ...root, above: '', optional: false }));
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { name, from, above, optional } = next;
    const source = findPackageFolder(name, from);
    if (source === undefined) {
      if (optional) continue;
      throw new Error(`package ${name} is not installed where ${from} looks for it: npm install ${name}`);
    }
    const place = freePlace(placed, name, source, above);
    if (place === undefined) continue;
    placed.set(place, source);
    const { dependencies, optionalDependencies } = manifestOf(source);
    for (const each of Object.keys({ ...dependencies, ...optionalDependencies }))
      queue.push({ name: each, from: source, above: place, optional: each in (optionalDependencies ?? {}) });
  }
  return [...placed].map(([place, source]) => ({ source, place }));
}

/** The highest place that is free on the way up from `above`; undefined when what it would find there already is the same. */
function freePlace(
  placed: ReadonlyMap<string, string>,
  name: string,
  source: string,
  above: string,
): string | undefined {
  const steps = above === '' ? [] : above.split('/node_modules/');
  const places = steps.map((_, at) => `${steps.slice(0, at + 1).join('/node_modules/')}/node_modules/${name}`);
  for (const place of [...places].reverse().concat(name)) {
    const there = placed.get(place);
    if (there === source) return undefined;
    if (there !== undefined) return places[places.indexOf(place) + 1] ?? places[0];
  }
  return name;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}
