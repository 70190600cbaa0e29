import { types } from 'node:util';
import { checkClasses, prototypeOwner } from './classes.ts';
import { PendingReference, patchMembers, writeReference } from './elsewhere.ts';
import type { EncoderHost } from './encoder.ts';
import { writeError } from './error-node.ts';
import { writePrototype } from './functions.ts';
import { type GraphWriter, Word } from './graph-writer.ts';
import { Kind, NONE } from './layout.ts';
import { isGrowing, tracksLength } from './length-tracking.ts';
import { Narrowed, writeNamespace } from './namespaces.ts';
import { viewHasNoExtras } from './plain.ts';
import { checkPrivate } from './private-members.ts';
import { EVERY_KEY, elementKeys, indexKeys, integrityOf, isOrdinary, NO_KEYS, writeTail } from './properties.ts';
import { refusalOf } from './refusal.ts';
import { extentOf, makeView, viewCode, viewType } from './views.ts';

/**
 * Writes an object by what it is. True for one that is nothing but its class and properties: others of the class,
 * built-in kinds apart, can be written as such without a second look.
 */
export function writeObject(graph: GraphWriter, host: EncoderHost, value: object): boolean {
  if (value instanceof PendingReference) {
    writeReference(graph, value.reference);
    if (typeof value.value === 'function') patchMembers(graph, host, value.value);
  } else if (value instanceof Narrowed) return false;
  else if (!writeBuiltIn(graph, value)) return writeInstance(graph, host, value);
  else checkPrivate(graph, value);
  return false;
}

function writeBuiltIn(graph: GraphWriter, value: object): boolean {
  const refusal = refusalOf(value);
  if (refusal !== undefined) graph.fail(refusal);
  if (types.isModuleNamespaceObject(value)) writeNamespace(graph, value);
  else if (Array.isArray(value)) writeArray(graph, value);
  else if (types.isMap(value)) writeMap(graph, value);
  else if (types.isSet(value)) writeSet(graph, value);
  else if (types.isDate(value)) {
    putParts(graph, Kind.date, [Date.prototype.getTime.call(value)]);
    writeTail(graph, value, NO_KEYS, Date.prototype);
  } else if (types.isRegExp(value)) {
    putParts(graph, Kind.regexp, [ownless(value, 'source'), ownless(value, 'flags'), value.lastIndex]);
    writeTail(graph, value, new Set(['lastIndex']), RegExp.prototype);
  } else if (types.isNativeError(value)) {
    writeError(graph, value);
  } else if (types.isArgumentsObject(value)) {
    graph.put(Kind.arguments, NONE);
    writeTail(graph, value, ARGUMENTS_OWN, Object.prototype);
  } else if (types.isBoxedPrimitive(value)) writeBoxed(graph, value);
  else if (ArrayBuffer.isView(value)) writeView(graph, value);
  else if (types.isAnyArrayBuffer(value)) writeMemory(graph, value);
  else return writeUrl(graph, value);
  return true;
}

/** What the getters of the built-in kind give: properties of the value's own may have the same names. */
function ownless(value: RegExp, name: 'source' | 'flags'): unknown {
  const bare = Object.hasOwn(value, name) || Object.getPrototypeOf(value) !== RegExp.prototype;
  return bare ? new RegExp(value)[name] : value[name];
}

function putParts(graph: GraphWriter, kind: number, parts: readonly unknown[]): void {
  graph.put(kind, ...parts.map((part) => graph.valueSlot(part)));
}

function writeUrl(graph: GraphWriter, value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === URL.prototype && value instanceof URL) putParts(graph, Kind.url, [value.href]);
  else if (prototype === URLSearchParams.prototype) putParts(graph, Kind.searchParams, [String(value)]);
  else return false;
  writeTail(graph, value, EVERY_KEY, prototype as object);
  return true;
}

function writeArray(graph: GraphWriter, array: readonly unknown[]): void {
  const { length } = array;
  const keys = Object.keys(array);
  const isSparse = length > 64 && keys.length * 2 < length;
  if (isSparse || hasOddElements(array)) {
    graph.put(Kind.sparseArray, length);
    writeTail(graph, array, new Set(['length']), Array.prototype);
    return;
  }
  const slots: number[] = [];
  for (let at = 0; at < length; at += 1) slots.push(Object.hasOwn(array, at) ? graph.slot(array[at], at) : NONE);
  graph.put(Kind.array, length);
  graph.putAll(slots);
  writeTail(graph, array, keys.length > length ? elementKeys(length) : arrayKeys(array, length), Array.prototype);
}

/** What every arguments object is made with; one that travelled has the `callee` of strict code, which throws. */
const ARGUMENTS_OWN = new Set<string | symbol>(['callee', Symbol.iterator]);

/** Elements that are accessors, or that cannot be written in an array that is not frozen as a whole. */
function hasOddElements(array: readonly unknown[]): boolean {
  const integrity = integrityOf(array);
  for (let at = 0; at < array.length; at += 1) {
    const property = Object.getOwnPropertyDescriptor(array, at);
    if (property !== undefined && !(property.enumerable && isOrdinary(property, integrity))) return true;
  }
  return false;
}

/** All keys, where there are no others than the elements. */
function arrayKeys(array: readonly unknown[], length: number): typeof EVERY_KEY {
  const names = Object.getOwnPropertyNames(array);
  const hasMore =
    names.length > length + 1 || names.at(-1) !== 'length' || Object.getOwnPropertySymbols(array).length > 0;
  return hasMore ? elementKeys(length) : EVERY_KEY;
}

function writeMap(graph: GraphWriter, map: Map<unknown, unknown>): void {
  const slots: number[] = [];
  Map.prototype.forEach.call(map, (value, key) => {
    slots.push(graph.slot(key, KEY), graph.slot(value, new Word(`.get(${wordFor(key)})`)));
  });
  graph.put(Kind.map, slots.length / 2);
  graph.putAll(slots);
  writeTail(graph, map, NO_KEYS, Map.prototype);
}

const KEY = new Word('key of the Map');
const MEMBER = new Word('member of the Set');

function wordFor(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(key);
  return typeof key === 'object' || typeof key === 'function' ? '…' : String(key);
}

function writeSet(graph: GraphWriter, set: Set<unknown>): void {
  const slots: number[] = [];
  Set.prototype.forEach.call(set, (value) => void slots.push(graph.slot(value, MEMBER)));
  graph.put(Kind.set, slots.length);
  graph.putAll(slots);
  writeTail(graph, set, NO_KEYS, Set.prototype);
}

function writeBoxed(graph: GraphWriter, value: object): void {
  const primitive: unknown = (value as { valueOf(): unknown }).valueOf();
  graph.put(Kind.boxed, graph.slot(primitive, new Word('value')));
  const skip = typeof primitive === 'string' ? elementKeys(primitive.length) : NO_KEYS;
  writeTail(graph, value, skip, Object.getPrototypeOf(Object(primitive)) as object);
}

/** A view that v8's format would change: of a subclass, or with properties. The bare view goes along as a value. */
function writeView(graph: GraphWriter, view: ArrayBufferView): void {
  const { buffer, byteOffset, length } = extentOf(view);
  const code = viewCode(view);
  if (isGrowing(buffer)) {
    // `[kind, type, memory, offset, length]`: length -1 for a view that reaches to the end
    const memory = graph.slot(buffer, new Word('.buffer'));
    graph.put(Kind.growingView, code, memory, byteOffset, tracksLength(view) ? -1 : length);
  } else {
    const bare = makeView(code, buffer, byteOffset, length);
    if (!graph.scan.isPlain(bare))
      graph.fail({ problem: 'a view of this memory cannot be sent', advice: 'Send a copy' });
    graph.put(Kind.view, graph.valueSlot(bare));
  }
  const elements = types.isDataView(view) ? NO_KEYS : viewHasNoExtras(view) ? EVERY_KEY : indexKeys(length);
  writeTail(graph, view, elements, viewType(code).prototype);
}

function writeMemory(graph: GraphWriter, memory: ArrayBufferLike): void {
  const { resizable, maxByteLength } = memory as { readonly resizable?: boolean; readonly maxByteLength?: number };
  const now = new Uint8Array(memory);
  const whole = resizable ? new Uint8Array(now) : now;
  graph.scan.isPlain(whole); // notes the memory
  if (resizable) graph.put(Kind.resizable, maxByteLength as number, graph.valueSlot(whole));
  else graph.put(Kind.memory, graph.valueSlot(whole));
  writeTail(graph, memory, NO_KEYS, Object.getPrototypeOf(memory) as object);
}

function writeInstance(graph: GraphWriter, host: EncoderHost, value: object): boolean {
  const owner = prototypeOwner(value);
  if (owner !== undefined) {
    writePrototype(graph, host, value, owner);
    return false;
  }
  checkClasses(graph, value, host.mayCapture());
  graph.put(Kind.object);
  writeTail(graph, value, NO_KEYS, Object.prototype);
  return true;
}

/** Writes an object of a class of which another was found to be nothing but its properties. False for one that is more. */
export function writeAsInstance(graph: GraphWriter, value: object): boolean {
  if (Array.isArray(value) || types.isMap(value) || types.isSet(value) || types.isNativeError(value)) return false;
  if (ArrayBuffer.isView(value) || types.isDate(value) || types.isPromise(value)) return false;
  if (Object.hasOwn(value, 'constructor')) return false;
  graph.records.push(Kind.object);
  writeTail(graph, value, NO_KEYS, Object.prototype);
  return true;
}
