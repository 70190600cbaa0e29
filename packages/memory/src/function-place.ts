import { basename } from 'node:path';
import { packageOf, pathInPackage } from '@jobloom/codec';

/** Where a function's entries are: a folder for its module, one for its name. */
export interface FunctionPlace {
  /** For people. */
  readonly label: string;
  /** `module/name`, as part of keys. */
  readonly path: string;
}

/** By the module that the function is from, the same on every machine: package and path in it. It needn't be unique: the code is part of each key. */
export function functionPlace(name: string, url: string | undefined, given: string | undefined): FunctionPlace {
  if (given !== undefined) return { label: given, path: `named/${segment(given, 'anonymous')}` };
  const own = name === '' ? 'anonymous' : name;
  const module = moduleOf(url);
  return {
    label: module === '' ? own : `${module}: ${own}`,
    path: `${segment(module, 'script')}/${segment(own, 'anonymous')}`,
  };
}

function moduleOf(url: string | undefined): string {
  if (url === undefined || url === '') return '';
  const found = packageOf(url);
  if (found === undefined) return basename(url.replace(/[?#].*$/s, ''));
  return `${found.name}/${pathInPackage(found, url)}`;
}

/** As a segment of a key. */
function segment(text: string, whenEmpty: string): string {
  const clean = text.replace(/[^A-Za-z0-9._@=-]+/g, '~').replace(/^[.~]+|~+$/g, '');
  return clean === '' ? whenEmpty : clean.slice(-100).replace(/^\.+/, '');
}
