import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ModuleRef } from '../frame.ts';
import { type Package, packageOf, pathOf } from '../packages.ts';
import { namedModules } from './named-modules.ts';
import { type Shipping, shippingOf } from './outgoing.ts';
import { isOwn } from './survey.ts';

/** References as they travel with their packages; `codes` name more of them. */
export function shipModules(modules: readonly ModuleRef[], codes: readonly string[]): readonly ModuleRef[] {
  const named = codes.flatMap((hash) => namedModules(hash).map(shipModule));
  return [...modules.map(shipModule), ...named.filter(({ shipped }) => shipped !== undefined)];
}

/** A reference to a module of a package, with what lets the package go along. Others as they are. */
function shipModule(module: ModuleRef): ModuleRef {
  const { name, url, shipped } = module;
  const path = url === undefined ? undefined : pathOf(url);
  if (name === undefined || name === '' || path === undefined || shipped !== undefined || isOwn(name)) return module;
  const found = installedPackage(path);
  if (found === undefined) return module;
  const shipping: Shipping = shippingOf(found);
  if ('problem' in shipping) return { ...module, unshipped: shipping.problem };
  return { ...module, shipped: shippedName(shipping.id, relative(found.directory, path)) };
}

/** The package as it was installed: the one in `node_modules`, of which others may be parts. Undefined for what is elsewhere: folders of the user's hold more than code. */
function installedPackage(path: string): Package | undefined {
  const steps = path.split(sep);
  for (let at = steps.lastIndexOf('node_modules'); at > 0; at = steps.lastIndexOf('node_modules', at - 1)) {
    const directory = steps.slice(0, at + (steps[at + 1]?.startsWith('@') ? 3 : 2)).join(sep);
    const found = packageOf(pathToFileURL(join(directory, 'package.json')).href);
    if (found?.directory === directory) return found;
  }
  return undefined;
}

/** How a module of a package that goes along is called: the package's identity, then the path in there. */
function shippedName(id: string, path: string): string {
  return `${id}/${path.split(sep).join('/')}`;
}
