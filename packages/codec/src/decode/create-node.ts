import { bareError } from '../bare-error.ts';
import { broken } from '../frame-error.ts';
import { Kind, NONE, NULL_PROTOTYPE } from '../layout.ts';
import { readBound, readProxy, readReduced, readTyped } from './call-nodes.ts';
import { readFunction } from './function-nodes.ts';
import { readGrowingView, readMemory, readResizable, readView } from './memory-nodes.ts';
import type { NodeReader } from './node-reader.ts';
import {
  readBuiltin,
  readErrorPrototype,
  readHome,
  readIntrinsic,
  readLocal,
  readPrototype,
  readReference,
} from './outside-nodes.ts';
import { readBoxed, readDate, readRegexp, readSymbol } from './value-nodes.ts';

/** Makes a node, without what it holds: that is filled in when all are there. */
export function createNode(reader: NodeReader, id: number, kind: number): unknown {
  switch (kind) {
    case Kind.object:
      return createObject(reader);
    case Kind.array:
      return [];
    case Kind.sparseArray:
      return emptySparseArray();
    case Kind.map:
      return new Map();
    case Kind.set:
      return new Set();
    case Kind.date:
      return readDate(reader);
    case Kind.regexp:
      return readRegexp(reader);
    case Kind.error:
      return bareError();
    case Kind.arguments:
      return bareArguments();
    case Kind.boxed:
      return readBoxed(reader);
    case Kind.view:
      return readView(reader);
    case Kind.memory:
      return readMemory(reader);
    case Kind.resizable:
      return readResizable(reader);
    case Kind.growingView:
      return readGrowingView(reader);
    case Kind.url:
      return new URL(reader.text());
    case Kind.searchParams:
      return new URLSearchParams(reader.text());
    case Kind.symbol:
      return readSymbol(reader, id);
    case Kind.intrinsic:
      return readIntrinsic(reader, id);
    case Kind.builtin:
      return readBuiltin(reader, id);
    case Kind.reference:
      return readReference(reader, id);
    case Kind.local:
      return readLocal(reader, id);
    case Kind.home:
      return readHome(reader, id);
    case Kind.function:
      return readFunction(reader, id);
    case Kind.prototype:
      return readPrototype(reader, id);
    case Kind.typed:
      return readTyped(reader, id);
    case Kind.reduced:
      return readReduced(reader, id);
    case Kind.bound:
      return readBound(reader);
    case Kind.proxy:
      return readProxy(reader, id);
    case Kind.namespace:
      return Object.create(null);
    case Kind.errorPrototype:
      return readErrorPrototype(reader, id);
    default:
      throw broken(`node kind ${kind}`);
  }
}

function createObject(reader: NodeReader): object {
  const slot = reader.next();
  if (slot === NONE) return {};
  if (slot === NULL_PROTOTYPE) return Object.create(null);
  return Object.create(reader.readInner(slot) as object);
}

/** An array that takes no memory for its holes: V8 gives one that was longer than 2^25 a table, and leaves it that. */
function emptySparseArray(): unknown[] {
  const array: unknown[] = [];
  array.length = 2 ** 32 - 1;
  array.length = 0;
  return array;
}

function bareArguments(): object {
  // biome-ignore lint/complexity/noArguments: nothing else makes one
  return arguments;
}
