import { type GraphWriter, propertyStep, Word } from './graph-writer.ts';
import { Attribute, Integrity, NONE, NULL_PROTOTYPE, Properties } from './layout.ts';

/** Property keys that are written in another way, or not at all. */
export interface KeySet {
  has(key: string | symbol): boolean;
}

export const NO_KEYS: KeySet = { has: () => false };
export const EVERY_KEY: KeySet = { has: () => true };

/** The keys of the elements of an array or string, and its length. */
export function elementKeys(length: number): KeySet {
  const indices = indexKeys(length);
  return { has: (key) => key === 'length' || indices.has(key) };
}

/** The keys of the elements alone. */
export function indexKeys(length: number): KeySet {
  return { has: (key) => typeof key === 'string' && /^(?:0|[1-9]\d*)$/.test(key) && Number(key) < length };
}

/**
 * Writes what every object has at the end of its record: its prototype where it is not the usual one, whether it
 * can change, its own properties.
 * @param usual the prototype that the receiver gives it anyway; undefined where the prototype is not to be looked at
 */
export function writeTail(graph: GraphWriter, value: object, skip: KeySet, usual: object | undefined): void {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (usual === undefined || prototype === usual) {
    graph.records.push(NONE);
  } else if (prototype === null) {
    graph.records.push(NULL_PROTOTYPE);
  } else {
    const slot = graph.slot(prototype, new Word('prototype'));
    if (slot % 2 !== 0) graph.needs([slot]);
    graph.records.push(slot);
  }
  writeState(graph, value, skip);
}

/** Writes whether an object can change, and its own properties. */
export function writeState(graph: GraphWriter, value: object, skip: KeySet): void {
  const integrity = integrityOf(value);
  graph.records.push(integrity);
  if (skip === EVERY_KEY) graph.records.push(Properties.none);
  else if (skip !== NO_KEYS || !writeSimple(graph, value as Record<string, unknown>, integrity)) {
    writeProperties(graph, value, skip, integrity);
  }
}

/** How far an object can change. */
export function integrityOf(value: object): number {
  if (Object.isExtensible(value)) return Integrity.open;
  if (ArrayBuffer.isView(value)) return Integrity.closed;
  if (Object.isFrozen(value) && !hasOpenLength(value)) return Integrity.frozen;
  return Object.isSealed(value) ? Integrity.sealed : Integrity.closed;
}

/** V8 takes an array without elements that is merely closed for a frozen one. */
function hasOpenLength(value: object): boolean {
  return Array.isArray(value) && Object.getOwnPropertyDescriptor(value, 'length')?.writable === true;
}

/** The quick way, for objects whose properties are all ordinary. False when they are not. */
function writeSimple(graph: GraphWriter, value: Record<string, unknown>, integrity: number): boolean {
  const keys = Object.keys(value);
  if (Object.getOwnPropertyNames(value).length !== keys.length) return false;
  if (Object.getOwnPropertySymbols(value).length > 0) return false;
  const contents: unknown[] = [];
  for (const key of keys) {
    const property = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
    if (!isOrdinary(property, integrity) || key.includes('\0')) return false;
    contents.push(property.value);
  }
  putSimple(graph, keys, contents);
  return true;
}

function writeProperties(graph: GraphWriter, value: object, skip: KeySet, integrity: number): void {
  const keys = Reflect.ownKeys(value).filter((key) => !skip.has(key));
  const properties = keys.map((key) => Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor);
  const isSimple = properties.every((property, at) => {
    const key = keys[at] as string | symbol;
    return typeof key === 'string' && !key.includes('\0') && property.enumerable && isOrdinary(property, integrity);
  });
  if (isSimple) {
    putSimple(
      graph,
      keys as string[],
      properties.map((property) => property.value as unknown),
    );
    return;
  }
  const parts = properties.flatMap((property, at) => fullProperty(graph, keys[at] as string | symbol, property));
  graph.put(Properties.full, keys.length);
  graph.putAll(parts);
}

/** What assigning, and then freezing or sealing, gives. */
export function isOrdinary(property: PropertyDescriptor, integrity: number): boolean {
  if (!('value' in property)) return false;
  const isFrozen = integrity === Integrity.frozen;
  return property.writable !== isFrozen && property.configurable !== (isFrozen || integrity === Integrity.sealed);
}

function putSimple(graph: GraphWriter, keys: readonly string[], contents: readonly unknown[]): void {
  if (keys.length === 0) {
    graph.records.push(Properties.none);
    return;
  }
  const slots: number[] = [];
  for (let at = 0; at < keys.length; at += 1) slots.push(graph.slot(contents[at], keys[at] as string));
  graph.put(Properties.simple, graph.shape(keys));
  graph.putAll(slots);
}

/** A property with its attributes: key, bits, then the value, or getter and setter. */
export function fullProperty(graph: GraphWriter, key: string | symbol, property: PropertyDescriptor): number[] {
  const isAccessor = !('value' in property);
  const bits =
    (property.writable ? Attribute.writable : 0) |
    (property.enumerable ? Attribute.enumerable : 0) |
    (property.configurable ? Attribute.configurable : 0) |
    (isAccessor ? Attribute.accessor : 0);
  const slot = typeof key === 'symbol' ? graph.slot(key, new Word('a symbol')) : graph.valueSlot(key);
  if (!isAccessor) return [slot, bits, graph.slot(property.value, key)];
  const step = propertyStep(key);
  return [
    slot,
    bits,
    graph.slot(property.get, new Word(`getter ${step}`)),
    graph.slot(property.set, new Word(`setter ${step}`)),
  ];
}
