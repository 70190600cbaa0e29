import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ModuleRef } from '../frame.ts';
import { FrameError } from '../frame-error.ts';
import { findPackage, pathOf, splitSpecifier } from '../packages.ts';
import type { GetParcel } from './arrival.ts';
import { homeOf } from './outgoing.ts';
import { isInside } from './package-head.ts';
import { placeOf } from './places.ts';

/** The parts of `ModuleRef.shipped`. @throws FrameError for a path that leads out of the package */
export function splitShipped(shipped: string): { readonly id: string; readonly path: string } {
  const at = shipped.indexOf('/');
  const path = shipped.slice(at + 1);
  if (at < 0 || !isInside(path)) throw new FrameError(`a module of a package with the path ${JSON.stringify(path)}`);
  return { id: shipped.slice(0, at), path };
}

/** Where a module lies in this process's own copy of a package that it offered; undefined for what others offer. */
export function urlAtHome({ shipped }: ModuleRef): string | undefined {
  if (shipped === undefined) return undefined;
  const { id, path } = splitShipped(shipped);
  const home = homeOf(id);
  return home === undefined ? undefined : pathToFileURL(join(home, path)).href;
}

/** Where a module lies in a package that came before. What came once is used from then on: it may keep state. */
export function urlInPlace({ shipped }: ModuleRef): string | undefined {
  if (shipped === undefined) return undefined;
  const { id, path } = splitShipped(shipped);
  const place = placeOf(id);
  return place === undefined ? undefined : pathToFileURL(join(place, path)).href;
}

/** URL of a module of a package that goes along, after it was brought here. */
export async function urlOfShipped(shipped: string, get: GetParcel | undefined): Promise<string> {
  return pathToFileURL(await fileOfShipped(shipped, get)).href;
}

async function fileOfShipped(shipped: string, get: GetParcel | undefined): Promise<string> {
  const { id, path } = splitShipped(shipped);
  const { arrive } = await import('./arrival.ts');
  const file = join(await arrive(id, get ?? nowhere), path);
  if (!existsSync(file)) throw new FrameError(`the package that came has no file ${path}`);
  return file;
}

function nowhere(hash: string): Promise<never> {
  return Promise.reject(new TypeError(`package ${hash} is not here, and nothing brings packages to this session`));
}

/** Files of modules that code names in `import()` and `require()`, where they are other ones than this receiver has itself. */
const named = new Map<string, string>();

/** Brings the package of a module that code names, unless the code finds the same version here by itself. */
export async function prepareNamed(module: ModuleRef, get: GetParcel | undefined): Promise<void> {
  if (module.shipped === undefined || named.has(keyOf(module))) return;
  if (urlInPlace(module) === undefined && isFound(module)) return;
  named.set(keyOf(module), await fileOfShipped(module.shipped, get));
}

/** What the code would find without us. */
function isFound({ specifier, version, from }: ModuleRef): boolean {
  const name = splitSpecifier(specifier)?.name;
  const user = from === undefined ? undefined : pathOf(from);
  for (const start of [user === undefined ? undefined : dirname(user), process.cwd()]) {
    const found = name === undefined || start === undefined ? undefined : findPackage(name, start);
    if (found !== undefined) return found.version === version;
  }
  return false;
}

/** Finds, for the code of a file, what it names: among the modules of the frame that it came in. */
export function namedFile(
  modules: readonly ModuleRef[],
  load: 'import' | 'require',
  from: string,
  specifier: string,
): string | undefined {
  const module = modules.find((each) => each.load === load && each.from === from && each.specifier === specifier);
  return module && named.get(keyOf(module));
}

function keyOf({ load, from, specifier, shipped }: ModuleRef): string {
  return [load, from, specifier, shipped].join('\n');
}
