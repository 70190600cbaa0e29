import type { Frame } from '../frame.ts';
import { Attribute, type Table } from '../layout.ts';
import type { TypeRegistration } from '../types.ts';
import { createNode } from './create-node.ts';
import { fillNode } from './fill-node.ts';
import { defineFull } from './fill-properties.ts';
import { type DecoderHost, NodeReader } from './node-reader.ts';

/** Builds the values of a table: all nodes, then what they hold. @throws JobloomError when the table is broken, or holds what is not allowed */
export function decodeTable(table: Table, frame: Frame, host: DecoderHost): unknown {
  const reader = new NodeReader(table, frame, host, createNode);
  const { starts, order, late, isData } = reader;
  for (const step of order) {
    if (step >= 0) reader.make(step);
    else fillNode(reader, -1 - step);
  }
  for (let id = 0; id < starts.length; id += 1) reader.make(id);
  if (!isData) patch(reader);
  for (let id = 0; id < starts.length; id += 1) fillNode(reader, id);
  for (const { set, slot } of late) set(reader.read(slot));
  if (!isData) for (const slot of reader.types) host.learnType(reader.read(slot) as TypeRegistration);
  return reader.read(reader.root);
}

/** Gives prototypes of packages what the sender's had on top, a plugin's methods say. */
function patch(reader: NodeReader): void {
  const { patches } = reader;
  for (let at = 0; at < patches.length; ) {
    const prototype = reader.read(patches[at] as number) as object;
    const key = reader.read(patches[at + 1] as number) as string | symbol;
    const bits = patches[at + 2] as number;
    const first = reader.read(patches[at + 3] as number);
    const isAccessor = (bits & Attribute.accessor) !== 0;
    const second = isAccessor ? reader.read(patches[at + 4] as number) : undefined;
    at += isAccessor ? 5 : 4;
    if (!hasAlready(prototype, key, first)) defineFull(prototype, key, bits, first, second);
  }
}

/** Whether an object has the member, or one with the same text, or one that cannot be changed. */
function hasAlready(object: object, key: string | symbol, member: unknown): boolean {
  const property = Object.getOwnPropertyDescriptor(object, key);
  if (property === undefined) return false;
  return !property.configurable || String(property.value ?? property.get) === String(member);
}
