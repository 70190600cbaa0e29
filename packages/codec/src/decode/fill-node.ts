import { Kind, NONE } from '../layout.ts';
import { fillTail } from './fill-properties.ts';
import { type NodeReader, State } from './node-reader.ts';

/** Fills what a node holds, once. */
export function fillNode(reader: NodeReader, id: number): void {
  reader.make(id);
  if (reader.state[id] !== State.made) return;
  reader.done(id);
  const value = reader.made[id] as object;
  reader.seek(id);
  const kind = reader.next();
  if (fillContent(reader, kind, value)) fillTail(reader, value, kind);
}

/** Fills what a kind holds, up to its tail. False when it has none. */
function fillContent(reader: NodeReader, kind: number, value: object): boolean {
  switch (kind) {
    case Kind.object:
      return true;
    case Kind.array:
      fillElements(reader, value as unknown[]);
      return true;
    case Kind.sparseArray:
      (value as unknown[]).length = reader.next();
      return true;
    case Kind.map:
      for (let left = reader.count(); left > 0; left -= 1) {
        const key = reader.value();
        Map.prototype.set.call(value, key, reader.value());
      }
      return true;
    case Kind.set:
      for (let left = reader.count(); left > 0; left -= 1) Set.prototype.add.call(value, reader.value());
      return true;
    case Kind.error:
      fillStack(reader, value);
      return true;
    case Kind.namespace:
      fillNamespace(reader, value);
      return false;
    case Kind.resizable:
      reader.skip(2);
      return true;
    case Kind.growingView:
      reader.skip(4);
      return true;
    case Kind.regexp:
      reader.skip(3);
      return true;
    case Kind.function:
      reader.skip(4);
      reader.skip(reader.count());
      return true;
    case Kind.bound:
      reader.skip(reader.count());
      return true;
    default:
      reader.skip(1);
      return true;
  }
}

function fillStack(reader: NodeReader, error: object): void {
  const slot = reader.next();
  if (slot === NONE) Reflect.deleteProperty(error, 'stack');
  else (error as { stack: unknown }).stack = reader.read(slot);
}

function fillElements(reader: NodeReader, array: unknown[]): void {
  const length = reader.count();
  for (let at = 0; at < length; at += 1) {
    const slot = reader.next();
    if (slot !== NONE) array[at] = reader.read(slot);
  }
  array.length = length;
}

function fillNamespace(reader: NodeReader, namespace: object): void {
  for (let left = reader.count(); left > 0; left -= 1) {
    const key = reader.text();
    const value = reader.value();
    Object.defineProperty(namespace, key, { value, enumerable: true, writable: true, configurable: true });
  }
}
