import { types } from 'node:util';
import { builtinPath } from '../builtins.ts';
import { prototypeOwner } from '../classes.ts';
import { hasInspector, inspector } from '../inspector.ts';
import { intrinsicPath } from '../intrinsics.ts';
import { referenceOf } from '../references.ts';
import { originOf } from './origins.ts';
import { packageOfInstance } from './package-of.ts';

/** What an object leads to. */
export interface Found {
  /** Functions, with the way to each. */
  readonly functions: readonly (readonly [steps: readonly string[], fn: object])[];
  /** Ways to what is data. */
  readonly data: readonly (readonly string[])[];
}

/** Objects that are looked at in one: more are data. */
const MOST = 10_000;

/** Finds the functions that code can reach through an object: by these members, else by any property. */
export function functionsIn(root: object, members: ReadonlySet<string> | undefined): Found {
  const search = new Search();
  if (members === undefined || types.isProxy(root) || Array.isArray(root)) search.whole(root, []);
  else {
    search.classOf(root, []);
    for (const member of members) search.member(root, member);
  }
  return search;
}

class Search implements Found {
  readonly functions: [readonly string[], object][] = [];
  readonly data: (readonly string[])[] = [];
  readonly #seen = new Set<object>();

  member(root: object, name: string): void {
    for (let at: object | null = root; at !== null; at = Object.getPrototypeOf(at) as object | null) {
      if (types.isProxy(at)) return;
      const property = Object.getOwnPropertyDescriptor(at, name);
      if (property === undefined) continue;
      if (at === root || intrinsicPath(at) === undefined) this.#property(property, [name]);
      return;
    }
    this.data.push([name]); // not there now
  }

  /** All of an object. Says that it is data where anything in it is. */
  whole(value: object, way: readonly string[]): void {
    if (!this.#contents(value, way)) this.data.push(way);
  }

  /** The class of an instance, with all its methods. */
  classOf(value: object, way: readonly string[]): void {
    const prototype: object | null = Object.getPrototypeOf(value) as object | null;
    if (prototype === null || intrinsicPath(prototype) !== undefined) return;
    const owner = types.isProxy(prototype) ? undefined : prototypeOwner(prototype);
    if (owner !== undefined) this.functions.push([[...way, 'class'], owner]);
    else if (builtinPath(prototype) === undefined) this.#contents(prototype, [...way, 'prototype']);
  }

  /** False when there is data in it. */
  #contents(value: object, way: readonly string[]): boolean {
    if (this.#seen.has(value)) return true;
    this.#seen.add(value);
    if (this.#seen.size > MOST || ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return false;
    if (types.isProxy(value)) return this.#proxied(value, way);
    if (way.length > 0 && (intrinsicPath(value) ?? builtinPath(value) ?? referenceOf(value)) !== undefined) {
      this.functions.push([way, value]);
      return true;
    }
    if (way.length > 0 && packageOfInstance(value) !== undefined) return false;
    this.classOf(value, way);
    let count = 0;
    let isCode = true;
    const add = (content: unknown, step: string): void => {
      count += 1;
      isCode = this.#content(content, [...way, step]) && isCode;
    };
    if (types.isMap(value)) {
      let at = 0;
      for (const [key, each] of Map.prototype.entries.call(value) as MapIterator<[unknown, unknown]>) {
        const step = typeof key === 'string' ? key : String(at);
        if (typeof key === 'function' || (typeof key === 'object' && key !== null)) add(key, `key ${step}`);
        add(each, step);
        at += 1;
      }
    } else if (types.isSet(value)) {
      let at = 0;
      for (const each of Set.prototype.values.call(value) as SetIterator<unknown>) add(each, String(at++));
    }
    if (Array.isArray(value) && value.length > MOST) return false;
    for (const key of sortedKeys(value)) {
      if (Array.isArray(value) && key === 'length') continue;
      const property = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
      count += 1;
      if ('value' in property) isCode = this.#content(property.value, [...way, String(key)]) && isCode;
      else this.#property(property, [...way, String(key)]);
    }
    return isCode && count > 0;
  }

  #content(content: unknown, way: readonly string[]): boolean {
    if (typeof content === 'function') {
      this.functions.push([way, content]);
      return true;
    }
    return typeof content === 'object' && content !== null && this.#contents(content, way);
  }

  #property({ value, get, set }: PropertyDescriptor, way: readonly string[]): void {
    if (get !== undefined) this.functions.push([[...way, 'get'], get]);
    if (set !== undefined) this.functions.push([[...way, 'set'], set]);
    if (get === undefined && set === undefined && !this.#content(value, way)) this.data.push(way);
  }

  #proxied(proxy: object, way: readonly string[]): boolean {
    const origin = originOf(proxy);
    const { target, handler } =
      origin?.kind === 'proxy' ? origin : hasInspector() ? inspector().proxy(proxy) : { target: null, handler: null };
    const isCode = this.#content(target, [...way, 'target']);
    return this.#content(handler, [...way, 'handler']) && isCode;
  }
}

function sortedKeys(value: object): readonly (string | symbol)[] {
  const text = (key: string | symbol): string => (typeof key === 'symbol' ? `@${key.description}` : key);
  return Reflect.ownKeys(value).sort((a, b) => (text(a) < text(b) ? -1 : 1));
}
