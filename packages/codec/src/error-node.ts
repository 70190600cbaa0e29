import type { GraphWriter } from './graph-writer.ts';
import { isNative } from './intrinsics.ts';
import { Integrity, Kind, NONE } from './layout.ts';
import { integrityOf, isOrdinary, NO_KEYS, writeTail } from './properties.ts';

/** Node 20 has the stack as a value; later ones as an accessor of V8's. */
const isAccessor = Object.getOwnPropertyDescriptor(new Error(), 'stack')?.get !== undefined;

/** `[kind, stack]`: none where the stack is not as V8 gives it, and so goes with the other properties. */
export function writeError(graph: GraphWriter, error: Error): void {
  const isUsual = hasUsualStack(error);
  graph.put(Kind.error, isUsual ? graph.slot(error.stack, 'stack') : NONE);
  writeTail(graph, error, isUsual ? new Set(['stack']) : NO_KEYS, Error.prototype);
}

function hasUsualStack(error: Error): boolean {
  const property = Object.getOwnPropertyDescriptor(error, 'stack');
  if (property === undefined || property.enumerable || firstName(error) !== 'stack') return false;
  const integrity = integrityOf(error);
  if (!isAccessor) return isOrdinary(property, integrity);
  return property.get !== undefined && isNative(property.get) && property.configurable === integrity < Integrity.sealed;
}

/** The first key that is no index: indices come first wherever they were added. */
function firstName(error: Error): string | symbol | undefined {
  return Reflect.ownKeys(error).find((key) => typeof key === 'symbol' || !/^\d+$/.test(key));
}
