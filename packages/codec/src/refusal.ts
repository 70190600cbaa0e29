import { types } from 'node:util';
import { builtinPath } from './builtins.ts';
import { intrinsicPath, isNative } from './intrinsics.ts';

/** Why a value cannot travel, and what to do instead. */
export interface Refusal {
  readonly problem: string;
  readonly advice: string;
}

const REDUCE_IT = 'Send what it is made from, or register a type: registerType({ name, match, encode, decode })';

/** Objects that only mean something where they are. */
export function refusalOf(value: object): Refusal | undefined {
  if (types.isPromise(value))
    return { problem: `a ${promiseName(value)} cannot be sent`, advice: 'Await it and send its value' };
  if (types.isWeakMap(value))
    return { problem: 'a WeakMap cannot be sent: its entries cannot be listed', advice: 'Use a Map' };
  if (types.isWeakSet(value))
    return { problem: 'a WeakSet cannot be sent: its members cannot be listed', advice: 'Use a Set' };
  if (value instanceof WeakRef) return { problem: 'a WeakRef cannot be sent', advice: 'Send what deref() gives' };
  if (value instanceof FinalizationRegistry)
    return { problem: 'a FinalizationRegistry cannot be sent', advice: 'Make one in the task' };
  if (value instanceof DOMException) return { problem: 'a DOMException cannot be sent', advice: REDUCE_IT };
  if (types.isGeneratorObject(value))
    return { problem: 'a running generator cannot be sent', advice: 'Send an array of what it gives, or its function' };
  if (types.isMapIterator(value) || types.isSetIterator(value) || isNativeIterator(value))
    return { problem: 'an iterator cannot be sent', advice: 'Send an array of what it gives' };
  if (types.isExternal(value))
    return { problem: 'a handle of native code cannot be sent', advice: 'Make it in the task' };
  return undefined;
}

/** Iterators of arrays, strings and matches, and what `map` or `take` make of iterators: their place is out of sight. */
function isNativeIterator(value: object): boolean {
  for (let at = Object.getPrototypeOf(value); at !== null; at = Object.getPrototypeOf(at)) {
    const next: unknown = Object.getOwnPropertyDescriptor(at, 'next')?.value;
    if (typeof next === 'function') return isNative(next);
  }
  return false;
}

/** Classes of Node whose instances are nothing but their properties. */
const OPEN: ReadonlySet<string> = new Set(['node:events EventEmitter', 'node:events default', 'node:events ']);

/** Classes of Node and of native code have state that is out of sight. */
export function classRefusal(maker: unknown, value: object): Refusal | undefined {
  if (typeof maker !== 'function') return undefined;
  const builtin = builtinPath(maker);
  if (builtin !== undefined) {
    const name = builtin.path.at(-1) ?? '';
    if (OPEN.has(`${builtin.specifier} ${name}`)) return undefined;
    const from = name === '' ? builtin.specifier : `${builtin.specifier}.${name}`;
    return {
      problem: `a live ${nameOf(value, maker.name)} (${from}) cannot be sent`,
      advice: 'Make it in the task',
    };
  }
  const intrinsic = intrinsicPath(maker);
  if (intrinsic !== undefined) {
    if (/^(?:Object|Function|Array|Map|Set|Date|RegExp|\w*Error|%\w+%)$/.test(intrinsic)) return undefined;
    return {
      problem: `${/^[AEIOU]/.test(maker.name) ? 'an' : 'a'} ${maker.name} cannot be sent`,
      advice: REDUCE_IT,
    };
  }
  if (isNative(maker))
    return { problem: `a native ${maker.name || 'Object'} handle cannot be sent`, advice: 'Make it in the task' };
  return undefined;
}

export function internalRefusal(value: object): Refusal {
  return { problem: `a live ${nameOf(value, 'Object')} of Node cannot be sent`, advice: 'Make it in the task' };
}

const secrets = new WeakMap<object, readonly string[]>();

/** Private fields and methods that a class gives its instances. `parse` lists them from the class's text. */
export function privateNamesOf(maker: object, parse: (text: string) => readonly string[]): readonly string[] {
  let names = secrets.get(maker);
  if (names === undefined) {
    const text = Function.prototype.toString.call(maker);
    names = /^class\b/.test(text) && text.includes('#') ? parse(text) : [];
    secrets.set(maker, names);
  }
  return names;
}

export function privateRefusal(name: string, secret: string): Refusal {
  return {
    problem: `an instance of ${name} has the private member ${secret}, which cannot be read from outside`,
    advice: `Give ${name} a method [Symbol.for('jobloom.reduce')]() { return [${name}, ...args] }, or register a type`,
  };
}

function nameOf(value: object, fallback: string): string {
  return (value.constructor as { name?: string } | undefined)?.name || fallback;
}

function promiseName(value: object): string {
  const name = nameOf(value, 'Promise');
  return name === 'Promise' ? name : `promise of class ${name}`;
}
