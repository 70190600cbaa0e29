import { inspect, types } from 'node:util';
import { isGrowing } from './length-tracking.ts';
import { typedLength, VIEW_CODES } from './views.ts';

/** Nesting that v8's recursive writer surely takes, wherever on the stack it is called. */
const MAX_DEPTH = 200;
/** Own keys of short arrays are counted; listing those of a long one costs milliseconds. */
const SHORT = 24;
const EXTRAS = {
  maxArrayLength: 0,
  depth: 0,
  customInspect: false,
  compact: true,
  breakLength: Number.POSITIVE_INFINITY,
};

const objectPrototype = Object.prototype;
const { getPrototypeOf, isExtensible, keys, getOwnPropertyNames, getOwnPropertySymbols, getOwnPropertyDescriptor } =
  Object;

/** Hears of the memory that a scan meets. */
export interface MemoryListener {
  view(view: ArrayBufferView): void;
  memory(buffer: ArrayBufferLike): boolean;
}

const ANY_MEMORY: MemoryListener = {
  view: () => undefined,
  memory: (buffer) => !(buffer instanceof SharedArrayBuffer),
};

/**
 * Looks through values for anything that v8's structured format would drop or change:
 * functions, symbols, accessors, class instances, frozen objects, null prototypes, hidden properties.
 * What failed is remembered: every object on the way to it is not plain either.
 */
export class PlainScan {
  readonly refused: Set<object> = new Set<object>();
  /** Something was nested deeper than v8's writer takes. */
  tooDeep = false;
  readonly #listener: MemoryListener | undefined;
  /** Containers found plain, or being looked at. */
  #seen: Set<object> | undefined;

  constructor(listener?: MemoryListener) {
    this.#listener = listener;
  }

  /** True when the value needs nothing but v8's structured format. */
  isPlain(value: unknown): boolean {
    switch (typeof value) {
      case 'object':
        if (value === null) return true;
        if (this.#object(value, 0)) return true;
        this.#seen = undefined; // some of these reach what was refused
        return false;
      case 'function':
      case 'symbol':
        return false;
      default:
        return true;
    }
  }

  #value(value: unknown, depth: number): boolean {
    switch (typeof value) {
      case 'object':
        return value === null || this.#object(value, depth + 1);
      case 'function':
      case 'symbol':
        return false;
      default:
        return true;
    }
  }

  #object(object: object, depth: number): boolean {
    if (this.refused.size > 0 && this.refused.has(object)) return false;
    if (this.#kind(object, depth)) return true;
    this.refused.add(object);
    return false;
  }

  #kind(object: object, depth: number): boolean {
    if (!isExtensible(object)) return false;
    const prototype: unknown = getPrototypeOf(object);
    if (prototype === objectPrototype) return this.#record(object as Record<string, unknown>, depth);
    if (prototype === Array.prototype) return Array.isArray(object) && this.#array(object, depth);
    if (prototype === null) return false;
    if (ArrayBuffer.isView(object)) return this.#view(object, prototype as object);
    return this.#builtIn(object, prototype as object, depth);
  }

  /** False when the object was met before, so that its content was or is being looked at. */
  #enter(object: object, depth: number): boolean {
    if (depth > MAX_DEPTH) this.tooDeep = true;
    this.#seen ??= new Set();
    if (this.#seen.has(object)) return false;
    this.#seen.add(object);
    return true;
  }

  #record(object: Record<string, unknown>, depth: number): boolean {
    const names = keys(object);
    if (getOwnPropertyNames(object).length !== names.length || getOwnPropertySymbols(object).length > 0) return false;
    let entered = false;
    for (let at = 0; at < names.length; at += 1) {
      const property = getOwnPropertyDescriptor(object, names[at] as string);
      if (property === undefined || property.writable !== true || property.configurable !== true) return false;
      const value: unknown = property.value;
      const type = typeof value;
      if (type === 'function' || type === 'symbol') return false;
      if (type !== 'object' || value === null) continue;
      if (!entered) {
        if (!this.#enter(object, depth)) return true;
        entered = true;
        if (this.tooDeep) return false;
      }
      if (!this.#object(value as object, depth + 1)) return false;
    }
    return true;
  }

  #array(array: readonly unknown[], depth: number): boolean {
    if (!hasIndicesOnly(array) || isHuge(array)) return false;
    let entered = false;
    for (let at = 0; at < array.length; at += 1) {
      const value = array[at];
      const type = typeof value;
      if (type === 'function' || type === 'symbol') return false;
      if (type !== 'object' || value === null) continue;
      if (!entered) {
        if (!this.#enter(array, depth)) return true;
        entered = true;
        if (this.tooDeep) return false;
      }
      if (!this.#object(value as object, depth + 1)) return false;
    }
    return true;
  }

  #view(view: ArrayBufferView, prototype: object): boolean {
    if (!VIEW_CODES.has(prototype) || !viewHasNoExtras(view) || isGrowing(view.buffer)) return false;
    this.#listener?.view(view);
    return true;
  }

  #builtIn(object: object, prototype: object, depth: number): boolean {
    switch (prototype) {
      case Date.prototype:
        return types.isDate(object) && Reflect.ownKeys(object).length === 0;
      case RegExp.prototype:
        return types.isRegExp(object) && (object as RegExp).lastIndex === 0 && Reflect.ownKeys(object).length === 1;
      case Map.prototype:
        return types.isMap(object) && this.#entries(object as Map<unknown, unknown>, depth);
      case Set.prototype:
        return types.isSet(object) && this.#members(object as Set<unknown>, depth);
      case ArrayBuffer.prototype:
      case SharedArrayBuffer.prototype:
        if (!types.isAnyArrayBuffer(object) || Reflect.ownKeys(object).length > 0) return false;
        return (this.#listener ?? ANY_MEMORY).memory(object as ArrayBufferLike);
      default:
        return false;
    }
  }

  #entries(map: Map<unknown, unknown>, depth: number): boolean {
    if (Reflect.ownKeys(map).length > 0) return false;
    if (!this.#enter(map, depth)) return true;
    if (this.tooDeep) return false;
    for (const [key, value] of map) if (!this.#value(key, depth) || !this.#value(value, depth)) return false;
    return true;
  }

  #members(set: Set<unknown>, depth: number): boolean {
    if (Reflect.ownKeys(set).length > 0) return false;
    if (!this.#enter(set, depth)) return true;
    if (this.tooDeep) return false;
    for (const value of set) if (!this.#value(value, depth)) return false;
    return true;
  }
}

/** So long that going through its holes would take seconds. V8 keeps arrays of this length as tables. */
function isHuge(array: readonly unknown[]): boolean {
  return array.length > 2 ** 25 && keys(array).length * 2 < array.length;
}

/** No own properties but plain elements. Accessors among the elements of a long array are not looked for. */
function hasIndicesOnly(array: readonly unknown[]): boolean {
  const { length } = array;
  if (length > SHORT) {
    const text = inspect(array, { ...EXTRAS, showHidden: true });
    return text === `[ ... ${length} more item${length > 1 ? 's' : ''}, [length]: ${length} ]`;
  }
  if (getOwnPropertySymbols(array).length > 0) return false;
  const own = getOwnPropertyNames(array);
  for (const name of own) {
    if (name === 'length') continue;
    const property = getOwnPropertyDescriptor(array, name);
    if (property === undefined || property.writable !== true || !property.configurable || !property.enumerable)
      return false;
    const index = Number(name);
    if (!(index >= 0 && index < length) || String(Math.trunc(index)) !== name) return false; // '', '1.5', '-0' are names
  }
  return own.length <= length + 1;
}

/** No own properties but the elements. */
export function viewHasNoExtras(view: ArrayBufferView): boolean {
  const length = types.isDataView(view) ? 0 : typedLength(view);
  if (length <= SHORT) return Reflect.ownKeys(view).length === length;
  if (getOwnPropertySymbols(view).length > 0) return false;
  try {
    return inspect(view, EXTRAS).endsWith(`[ ... ${length} more items ]`);
  } catch {
    return false; // its own properties stand in the way of being shown
  }
}

/**
 * True when the value needs nothing but v8's structured format: strict, so a getter, a symbol key,
 * a frozen object or an instance of a class anywhere in it gives false.
 */
export function isPlain(value: unknown): boolean {
  const scan = new PlainScan();
  return scan.isPlain(value) && !scan.tooDeep;
}
