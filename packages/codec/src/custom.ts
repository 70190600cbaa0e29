import type { EncoderHost } from './encoder.ts';
import { type GraphWriter, OWNER, Word } from './graph-writer.ts';
import { Kind, NONE } from './layout.ts';
import { REDUCE, typeFor } from './types.ts';

/** Writes a value in the way that the user gave for it: a registered type, or a reduce method. False where there is none. */
export function writeCustom(graph: GraphWriter, host: EncoderHost, value: object): boolean {
  return writeTyped(graph, host, value) || writeReduced(graph, value);
}

/** `[kind, name, registration, data]`: the registration goes along for receivers that have none. */
function writeTyped(graph: GraphWriter, host: EncoderHost, value: object): boolean {
  if (Array.isArray(value)) return false;
  const type = host.receivedType(value) ?? typeFor(value);
  if (type === undefined) return false;
  const registration = host.mayCapture() ? graph.slot(type, new Word(`type ${type.name}`)) : NONE;
  const data = graph.slot(type.encode(value), new Word(`data of ${type.name}`));
  graph.put(Kind.typed, graph.valueSlot(type.name), registration, data);
  graph.deep.set(graph.at, [registration, data]);
  return true;
}

/** `[kind, count, function, arguments…]`. */
function writeReduced(graph: GraphWriter, value: object): boolean {
  const reduce: unknown = (value as { [REDUCE]?: unknown })[REDUCE];
  if (typeof reduce !== 'function') return false;
  const reduced: unknown = reduce.call(value);
  if (!Array.isArray(reduced) || typeof reduced[0] !== 'function') {
    graph.fail({
      problem: "its [Symbol.for('jobloom.reduce')]() gave no function",
      advice: 'Return [make, ...args]: the receiver calls make(...args), or new make(...args) for a class',
    });
  }
  const slots = (reduced as unknown[]).map((each, at) =>
    graph.slot(each, at > 0 ? new Word(`argument ${at} of reduce`) : isReducible(each) ? OWNER : new Word('reduce')),
  );
  graph.put(Kind.reduced, slots.length);
  graph.putAll(slots);
  graph.deep.set(graph.at, slots);
  return true;
}

/** A class whose instances travel in this way: an answer may name it, as the class of an instance. */
function isReducible(make: unknown): boolean {
  const { prototype } = make as { prototype?: { [REDUCE]?: unknown } };
  return typeof prototype?.[REDUCE] === 'function';
}
