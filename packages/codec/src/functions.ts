import type { Binding, Captured } from './capture.ts';
import { isClassText, membersInText, prototypeOwner } from './classes.ts';
import { isElsewhere, patchMembers, referenceSlot, writeElsewhere, writeReference } from './elsewhere.ts';
import type { EncoderHost } from './encoder.ts';
import { isErrorClass } from './errors.ts';
import { PARENT } from './function-source.ts';
import { type GraphWriter, OWNER, Word } from './graph-writer.ts';
import { Integrity, Kind, NONE, Properties } from './layout.ts';
import { narrowedSlot } from './namespaces.ts';
import { writeTail } from './properties.ts';
import { remember } from './references.ts';

/** Writes a function: where it is, or what it is made of. */
export function writeFunction(graph: GraphWriter, host: EncoderHost, fn: object): void {
  if (writeElsewhere(graph, host, fn)) return;
  const result = host.capture(fn, () => graph.trailTo(graph.at));
  switch (result.kind) {
    case 'reference':
      writeReference(graph, result.reference);
      break;
    case 'bound': {
      const slots = [
        graph.slot(result.target, new Word('bound function')),
        graph.slot(result.self, new Word('bound this')),
      ];
      for (const [at, each] of result.args.entries()) slots.push(graph.slot(each, new Word(`bound argument ${at}`)));
      graph.needs(slots.filter((slot) => slot % 2 !== 0));
      graph.put(Kind.bound, slots.length, ...slots);
      writeTail(graph, fn, new Set(['length', 'name']), Function.prototype);
      break;
    }
    case 'code':
      writeCode(graph, host, fn, result.captured);
      break;
    default:
      result satisfies never;
  }
}

/** `[kind, code, session, stateful, number, count, slots of the free names…]`, then the tail. */
function writeCode(graph: GraphWriter, host: EncoderHost, fn: object, captured: Captured): void {
  const { code, bindings, runsCode } = captured;
  const { free, form } = code.header;
  const isClass = form === 'class';
  const slots = bindings.map((binding, at) => bindingSlot(graph, binding, free[at] as string));
  const { session, id } = host.homeOf(fn);
  graph.put(Kind.function, graph.code(code.hash), graph.home(session), 0, id, slots.length);
  graph.putAll(slots);
  graph.functions.set(graph.at, { fn, captured, slots });
  if (isClass && free[0] === PARENT) graph.needs([slots[0] as number]);
  if (isClass && runsCode) graph.deep.set(graph.at, slots);
  const skip = isClass ? membersInText(fn, fn) : new Set<string | symbol>();
  for (const key of ['length', 'arguments', 'caller']) skip.add(key);
  if (hasOwnPrototype(graph, fn, isClass)) skip.add('prototype');
  if (Object.getOwnPropertyDescriptor(fn, 'name')?.value === code.header.name) skip.add('name');
  writeTail(graph, fn, skip, isClass ? undefined : usualPrototype(fn));
}

/** Where the values of a function's variables are in its record. */
export const FIRST_VARIABLE = 6;
/** Where its record says that it is stateful. */
export const STATEFUL = 3;

function bindingSlot(graph: GraphWriter, binding: Binding, name: string): number {
  switch (binding.kind) {
    case 'own':
      return NONE;
    case 'value':
      if (binding.reference !== undefined) remember(binding.value, binding.reference);
      return graph.slot(binding.value, new Word(name === PARENT ? 'extends' : name));
    case 'members':
      return narrowedSlot(graph, binding.value, binding.members, name);
    case 'reference':
      return referenceSlot(graph, binding.reference, name, binding.value);
  }
}

/** Whether a function's prototype is made with it again; then only what was changed on it travels, as a node of its own. */
function hasOwnPrototype(graph: GraphWriter, fn: object, isClass: boolean): boolean {
  const property = Object.getOwnPropertyDescriptor(fn, 'prototype');
  const prototype: unknown = property?.value;
  if (typeof prototype !== 'object' || prototype === null) return property === undefined;
  const isOfGenerator = isGenerator(fn) && !Object.hasOwn(prototype, 'constructor');
  if (!isOfGenerator && prototypeOwner(prototype) !== fn) return false;
  const made = isClass ? membersInText(prototype, fn) : new Set();
  const isUnchanged =
    Reflect.ownKeys(prototype).every((key) => key === 'constructor' || made.has(key)) &&
    Object.isExtensible(prototype) &&
    (isClass || isOfGenerator || Object.getPrototypeOf(prototype) === Object.prototype);
  if (isOfGenerator) return isUnchanged;
  if (!isUnchanged && graph.nodeOf(prototype) === undefined) graph.refer(graph.node(prototype, 'prototype'));
  return true;
}

/** Writes the prototype of a function, as far as making the function does not give it. */
export function writePrototype(graph: GraphWriter, host: EncoderHost, prototype: object, owner: object): void {
  if (host.isAnswer() && !host.isForeign(owner) && isErrorClass(owner)) {
    graph.put(Kind.errorPrototype, graph.valueSlot((owner as { name: string }).name));
    return;
  }
  const slot = graph.slot(owner, OWNER);
  graph.put(Kind.prototype, slot);
  graph.needs([slot]);
  if (isElsewhere(graph, host, owner)) {
    graph.put(NONE, Integrity.open, Properties.none);
    patchMembers(graph, host, prototype);
    return;
  }
  const isClass = isClassText(owner);
  const skip = isClass ? membersInText(prototype, owner) : new Set<string | symbol>();
  skip.add('constructor');
  writeTail(graph, prototype, skip, isClass ? undefined : Object.prototype);
}

const FUNCTION_PROTOTYPES: readonly object[] = [
  Function.prototype,
  Object.getPrototypeOf(async () => {}),
  Object.getPrototypeOf(function* () {}),
  Object.getPrototypeOf(async function* () {}),
];

/** The prototype that the syntax of a function gives it. */
function usualPrototype(fn: object): object {
  const prototype: object | null = Object.getPrototypeOf(fn);
  return FUNCTION_PROTOTYPES.find((each) => each === prototype) ?? Function.prototype;
}

function isGenerator(fn: object): boolean {
  return /Generator/.test(Object.prototype.toString.call(fn));
}
