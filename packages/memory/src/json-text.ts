/** Larger values aren't looked through for this. */
const MOST = 1_000;
const DEEPEST = 50;

/**
 * A small value as JSON, where that says all of it: `JSON.parse` gives the same again, several times quicker than any
 * other reader. Undefined for all others: -0, undefined, dates, frozen objects, an object that is there twice.
 */
export function jsonText(value: unknown): string | undefined {
  return new Look().isJson(value, 0) ? JSON.stringify(value) : undefined;
}

class Look {
  readonly #seen = new Set<object>();
  #count = 0;

  isJson(value: unknown, depth: number): boolean {
    switch (typeof value) {
      case 'string':
        return value.length <= MOST;
      case 'boolean':
        return true;
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0);
      case 'object':
        return value === null || this.#isPlain(value, depth);
      default:
        return false;
    }
  }

  #isPlain(object: object, depth: number): boolean {
    if (depth > DEEPEST || this.#seen.has(object) || !Object.isExtensible(object)) return false;
    this.#seen.add(object);
    const prototype: unknown = Object.getPrototypeOf(object);
    const isList = prototype === Array.prototype && Array.isArray(object);
    if (!isList && prototype !== Object.prototype) return false;
    if (isList && object.length > MOST) return false;
    const keys = Reflect.ownKeys(object);
    this.#count += keys.length;
    if (this.#count > MOST || (isList && keys.length !== object.length + 1)) return false;
    return keys.every((key) => (isList && key === 'length') || this.#isProperty(object, key, depth));
  }

  #isProperty(object: object, key: string | symbol, depth: number): boolean {
    if (typeof key === 'symbol' || key === '__proto__' || key === 'toJSON') return false;
    const property = Object.getOwnPropertyDescriptor(object, key);
    if (!property?.enumerable || !property.writable || !property.configurable) return false;
    return this.isJson(property.value, depth + 1);
  }
}
