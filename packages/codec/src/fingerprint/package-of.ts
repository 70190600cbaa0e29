import { types } from 'node:util';
import { prototypeOwner } from '../classes.ts';
import { hasInspector, inspector } from '../inspector.ts';
import { isByReference } from '../packages.ts';
import { referenceOf } from '../references.ts';
import { scriptOf } from '../scripts.ts';
import { originOf } from './origins.ts';
import { packageOfScript } from './package-name.ts';

const packages = new WeakMap<object, string | undefined>();

/** The package whose class an object is an instance of; undefined for other objects. */
export function packageOfInstance(value: object): string | undefined {
  if (types.isProxy(value)) return undefined;
  for (let at = above(value); at !== null && !types.isProxy(at); at = above(at)) {
    const owner = prototypeOwner(at);
    const found = owner && packageOfFunction(owner);
    if (found !== undefined) return found;
  }
  return undefined;
}

function packageOfFunction(fn: object): string | undefined {
  if (types.isProxy(fn)) return undefined;
  if (!packages.has(fn)) packages.set(fn, find(fn));
  return packages.get(fn);
}

function find(fn: object): string | undefined {
  const module = referenceOf(fn)?.module;
  if (module?.name !== undefined && module.name !== '') return `${module.name}@${module.version ?? ''}`;
  const origin = originOf(fn);
  const url = origin?.kind === 'code' ? origin.header.url : urlOf(fn);
  return url !== undefined && isByReference(url) ? packageOfScript(url) : undefined;
}

function urlOf(fn: object): string | undefined {
  const id = hasInspector() ? inspector().internals(fn).location?.scriptId : undefined;
  return id === undefined ? undefined : scriptOf(id).url;
}

function above(value: object): object | null {
  return Object.getPrototypeOf(value) as object | null;
}
