import { createHash } from 'node:crypto';
import { fingerprint, hash } from '@jobloom/codec';
import { bindArguments } from './bind-arguments.ts';
import type { Definition } from './definition.ts';

const ARGUMENTS = { name: 'args' };
const THIS = { name: 'this' };
const classes = new WeakMap<object, string>();

/** The last segment of a call's key: 64 hex digits for its arguments, and for `this` where the function may look at it. @throws UnhashableError */
export function callId({ options, binding, usesThis }: Definition, self: unknown, args: readonly unknown[]): string {
  const counting = options.key === undefined ? bindArguments(binding, args) : options.key.apply(self, [...args]);
  const id = hash(counting, ARGUMENTS);
  if (!usesThis || self === undefined || self === globalThis) return id;
  return createHash('sha256')
    .update(`${hash(self, THIS)} ${classId(self)} ${id}`)
    .digest('hex');
}

/** The code of the class that an object is an instance of: its methods can be called through `this`. */
function classId(self: unknown): string {
  const type: unknown = typeof self === 'object' && self !== null ? self.constructor : undefined;
  if (typeof type !== 'function' || type === Object) return '';
  let id = classes.get(type);
  if (id === undefined) {
    id = fingerprint(type).id;
    classes.set(type, id);
  }
  return id;
}
