import { packageOf } from '../packages.ts';
import type { Reference } from '../references.ts';

/** A value of a package, by name: what the package is, the file in it, and what it exports the value as. */
export function packageName({ module, path, local }: Reference): string {
  const { specifier, name, version, file } = module;
  const whose = name === undefined || name === '' ? specifier : `${name}@${version ?? ''}`;
  const steps = path[0] === 'default' && path.length > 1 ? path.slice(1) : path;
  return [whose, file ?? '', steps.join('.'), ...(local === undefined ? [] : [`~${local}`])].join(' ').trim();
}

/** The package that a script is part of. */
export function packageOfScript(url: string): string {
  const found = packageOf(url);
  return found === undefined ? url : `${found.name}@${found.version}`;
}
