import { types } from 'node:util';
import { REDUCE } from '../types.ts';
import { hiddenState } from './hidden-state.ts';
import { writeMembers } from './members-form.ts';
import { viewName, writeMemory } from './memory-form.ts';
import { Tag } from './tags.ts';
import { writeText } from './text-form.ts';
import type { Walk } from './walk.ts';

const ERROR_OWN: ReadonlySet<string> = new Set(['stack', 'message', 'cause', 'name', 'errors']);
const KIND_OWN: ReadonlySet<string> = new Set(['lastIndex']);

/** Writes an object that is neither a plain one nor a plain array: by what it says of itself, as a built-in kind, or as an instance of a class. */
export function writeSpecial(walk: Walk, object: object, prototype: object | null): void {
  const { out } = walk;
  const reduce: unknown = (object as { [REDUCE]?: unknown })[REDUCE];
  if (typeof reduce === 'function') {
    const [maker, ...args] = Reflect.apply(reduce, object, []) as [unknown, ...unknown[]];
    out.byte(Tag.reduced);
    walk.value(maker);
    walk.array(args);
  } else if (types.isDate(object)) {
    beginKind(walk, object, Tag.date, Date.prototype);
    out.double(Date.prototype.getTime.call(object));
  } else if (types.isRegExp(object)) {
    beginKind(walk, object, Tag.regexp, RegExp.prototype);
    writeText(out, object.source);
    writeText(out, object.flags);
  } else if (types.isMap(object)) {
    beginKind(walk, object, Tag.map, Map.prototype);
    writeMembers(walk, object);
  } else if (types.isSet(object)) {
    beginKind(walk, object, Tag.set, Set.prototype);
    writeMembers(walk, object);
  } else if (ArrayBuffer.isView(object)) {
    const name = viewName(object);
    writeMemory(walk, object, name);
    const maker = (prototype as { constructor?: { name?: string } } | null)?.constructor?.name;
    if (maker !== name) writeClass(walk, prototype);
  } else if (types.isAnyArrayBuffer(object)) writeMemory(walk, object);
  else if (types.isNativeError(object)) writeError(walk, object, prototype);
  else if (types.isBoxedPrimitive(object)) {
    out.byte(Tag.boxed);
    walk.value((object as { valueOf(): unknown }).valueOf());
  } else if (object instanceof URL) {
    out.byte(Tag.url);
    writeText(out, object.href);
  } else if (Array.isArray(object)) {
    writeClass(walk, prototype);
    walk.array(object);
  } else {
    const hidden = hiddenState(object);
    if (hidden !== undefined) walk.refuse(hidden.problem, hidden.advice);
    writeClass(walk, prototype);
    walk.properties(object);
  }
}

/** A built-in kind, or a subclass of it: then its class and own fields count too. */
function beginKind(walk: Walk, object: object, tag: number, base: object): void {
  const prototype: object | null = Object.getPrototypeOf(object);
  if (prototype !== base) {
    writeClass(walk, prototype);
    walk.properties(object, KIND_OWN);
  }
  walk.out.byte(tag);
}

function writeClass({ out }: Walk, prototype: object | null): void {
  out.byte(Tag.instance);
  const maker: unknown = prototype === null ? undefined : (prototype as { constructor?: unknown }).constructor;
  writeText(out, typeof maker === 'function' ? maker.name : '');
}

function writeError(walk: Walk, error: Error, prototype: object | null): void {
  const { out, path } = walk;
  out.byte(Tag.error);
  writeClass(walk, prototype);
  writeText(out, String(error.name));
  writeText(out, String(error.message));
  for (const name of ['cause', 'errors']) {
    const property = Object.getOwnPropertyDescriptor(error, name);
    if (property === undefined) {
      out.byte(Tag.hole);
      continue;
    }
    path.push(name);
    walk.value(property.value);
    path.pop();
  }
  walk.properties(error, ERROR_OWN);
}
