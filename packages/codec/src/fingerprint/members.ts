import { membersInText, prototypeOwner } from '../classes.ts';
import { intrinsicPath } from '../intrinsics.ts';

/** Something that a function has besides its text. */
export interface Member {
  readonly label: string;
  /** How it is called in ways. */
  readonly step: string;
  readonly value: unknown;
}

/** What every function has. */
const PLAIN: ReadonlySet<string | symbol> = new Set([
  'length',
  'name',
  'prototype',
  'arguments',
  'caller',
  'constructor',
]);

/** Properties of a function or class, those of its prototype, and what that inherits, as far as its text doesn't give them. */
export function membersOf(fn: object, isClass: boolean): readonly Member[] {
  const prototype: unknown = Object.getOwnPropertyDescriptor(fn, 'prototype')?.value;
  const found = membersIn(fn, fn, isClass, '.');
  if (typeof prototype !== 'object' || prototype === null || prototypeOwner(prototype) !== fn) return found;
  found.push(...membersIn(prototype, fn, isClass, '.prototype.'));
  const above = Object.getPrototypeOf(prototype) as object | null;
  const parent: unknown = above === null ? undefined : Object.getOwnPropertyDescriptor(above, 'constructor')?.value;
  if (!isClass && typeof parent === 'function' && intrinsicPath(parent) !== 'Object')
    found.push({ label: 'prototype extends', step: 'extends', value: parent });
  return found;
}

function membersIn(holder: object, fn: object, isClass: boolean, before: string): Member[] {
  const inText = isClass ? membersInText(holder, fn) : PLAIN;
  return Reflect.ownKeys(holder).flatMap((key) => {
    if (inText.has(key) || PLAIN.has(key)) return [];
    const { value, get, set } = Object.getOwnPropertyDescriptor(holder, key) as PropertyDescriptor;
    const name = before + String(key);
    const step = name.slice(1);
    const halves: Member[] = [
      { label: name, step, value: value as unknown },
      { label: `${name} get`, step, value: get },
      { label: `${name} set`, step, value: set },
    ];
    return halves.filter((half) => half.value !== undefined);
  });
}
