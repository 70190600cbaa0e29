import { builtinPath } from '../builtins.ts';
import { intrinsicPath } from '../intrinsics.ts';
import { referenceOf } from '../references.ts';
import { sha256, type Thing } from './graph.ts';
import { functionsIn } from './objects.ts';
import { packageName } from './package-name.ts';
import { primitiveText } from './primitive.ts';

/** A thing that uses nothing else. */
export function leaf(kind: Thing['kind'], name: string, text: string): Thing {
  return { kind, name, id: sha256(text), edges: new Map() };
}

export function constantThing(name: string, value: unknown): Thing {
  return leaf('constant', name, `constant ${primitiveText(value)}`);
}

export function packageThing(name: string): Thing {
  return leaf('package', name, `package ${name}`);
}

/** What every program has: of the language, of Node, of packages. */
export function elsewhereThing(value: object): Thing | undefined {
  const intrinsic = intrinsicPath(value);
  if (intrinsic !== undefined) return leaf('builtin', intrinsic.replaceAll('/', '.'), `global ${intrinsic}`);
  const builtin = builtinPath(value);
  if (builtin !== undefined) {
    // one name for what several modules export: fs.promises and fs/promises, path and path.posix
    const name = [builtin.specifier.replaceAll('/', '.'), ...builtin.path].join('.').replace('path.posix', 'path');
    return leaf('builtin', name, `builtin ${name}`);
  }
  const reference = referenceOf(value);
  return reference && packageThing(packageName(reference));
}

/** Packages and modules of the language; what they export as mere data travels as data. */
export function hasFunctions(object: object): boolean {
  if (intrinsicPath(object) !== undefined || builtinPath(object) !== undefined) return true;
  for (const key of Reflect.ownKeys(object)) {
    const property = Object.getOwnPropertyDescriptor(object, key);
    if (property?.get !== undefined || typeof property?.value === 'function') return true;
  }
  return functionsIn(object, undefined).functions.length > 0;
}
