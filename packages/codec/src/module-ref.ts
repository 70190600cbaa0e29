import { pathToFileURL } from 'node:url';
import type { ModuleRef } from './frame.ts';
import { packageOf, pathInPackage, pathOf } from './packages.ts';
import { shippedName } from './ship/places.ts';

/** A reference to a module by where it lies; one of a package that came from the caller, as the caller knows it. */
export function moduleRefOf(url: string): ModuleRef {
  const href = url.startsWith('/') ? pathToFileURL(url).href : url;
  const found = packageOf(href);
  if (found === undefined) return { specifier: href, url: href };
  const { name, version } = found;
  const file = pathInPackage(found, href);
  const specifier = `${name}/${file}`;
  const shipped = shippedName(pathOf(href) as string);
  if (shipped !== undefined) return { specifier, name, version, file, shipped };
  return { specifier, name, version, url: href, file };
}
