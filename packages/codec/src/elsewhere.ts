import { types } from 'node:util';
import { builtinPath } from './builtins.ts';
import { prototypeOwner } from './classes.ts';
import type { EncoderHost } from './encoder.ts';
import { type GraphWriter, Word } from './graph-writer.ts';
import { hostMemberPath } from './host-members.ts';
import { intrinsicPath } from './intrinsics.ts';
import { Kind } from './layout.ts';
import { fullProperty } from './properties.ts';
import { indexImports, type Reference, referenceOf } from './references.ts';
import { scriptOf } from './scripts.ts';

/** Writes what the receiver has itself, or loads: objects of the language, of Node, of packages. False for others. */
export function writeElsewhere(graph: GraphWriter, host: EncoderHost, value: object): boolean {
  const intrinsic = intrinsicPath(value) ?? hostMemberPath(value);
  if (intrinsic !== undefined) {
    graph.put(Kind.intrinsic, graph.valueSlot(intrinsic));
    return true;
  }
  const builtin = builtinPath(value);
  if (builtin !== undefined) {
    graph.put(Kind.builtin, graph.valueSlot(builtin.specifier));
    putPath(graph, builtin.path);
    return true;
  }
  if (types.isModuleNamespaceObject(value)) indexImports();
  const reference = referenceOf(value);
  if (reference === undefined) return false;
  writeReference(graph, reference);
  patchMembers(graph, host, value);
  return true;
}

/** Whether nothing of a function travels: the receiver has it, or loads it. */
export function isElsewhere(graph: GraphWriter, host: EncoderHost, fn: object): boolean {
  if (host.isForeign(fn) || intrinsicPath(fn) !== undefined || builtinPath(fn) !== undefined) return true;
  if (referenceOf(fn) !== undefined) return true;
  return host.capture(fn, () => graph.trailTo(graph.at, '.constructor')).kind === 'reference';
}

/** Writes where a module has a value. */
export function writeReference(graph: GraphWriter, { module, path, local }: Reference): void {
  graph.put(local === undefined ? Kind.reference : Kind.local, graph.module(module));
  putPath(graph, path);
  if (local !== undefined) graph.put(graph.valueSlot(local));
}

function putPath(graph: GraphWriter, path: readonly string[]): void {
  graph.put(path.length, ...path.map((step) => graph.valueSlot(step)));
}

/** A value that is nowhere here but known by where a module has it. */
export class PendingReference {
  readonly reference: Reference;
  /** The same here. */
  readonly value: object;
  constructor(reference: Reference, value: object) {
    this.reference = reference;
    this.value = value;
  }
}

/** The slot of a reference. */
export function referenceSlot(graph: GraphWriter, reference: Reference, name: string, value: object): number {
  const { module, path, local } = reference;
  const key = [module.specifier, module.from, ...path, '', local].join('\n');
  const known = pending(graph).get(key);
  if (known !== undefined) return graph.refer(known);
  const node = graph.node(new PendingReference(reference, value), new Word(name));
  pending(graph).set(key, node);
  return graph.refer(node);
}

const pendings = new WeakMap<GraphWriter, Map<string, number>>();

function pending(graph: GraphWriter): Map<string, number> {
  let map = pendings.get(graph);
  if (map === undefined) {
    map = new Map();
    pendings.set(graph, map);
  }
  return map;
}

/** Members that other modules added to a prototype or function of a package, as plugins do: the receiver's may lack them. */
export function patchMembers(graph: GraphWriter, host: EncoderHost, prototype: object): void {
  if (!host.mayCapture() || types.isProxy(prototype)) return;
  const owner: unknown =
    typeof prototype === 'function'
      ? prototype
      : (prototypeOwner(prototype) ?? Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value);
  if (typeof owner !== 'function') return;
  const home = host.scriptOf(owner);
  if (home === undefined) return;
  for (const key of Reflect.ownKeys(prototype)) {
    const property = Object.getOwnPropertyDescriptor(prototype, key) as PropertyDescriptor;
    const member: unknown = property.value ?? property.get ?? property.set;
    if (key === 'constructor' || typeof member !== 'function' || isEverywhere(member)) continue;
    const script = host.scriptOf(member);
    if (script === undefined || script === home || scriptOf(script).url.startsWith('node:')) continue;
    graph.patches.push(graph.refer(graph.at), ...fullProperty(graph, key, property));
  }
}

function isEverywhere(fn: object): boolean {
  return intrinsicPath(fn) !== undefined || builtinPath(fn) !== undefined;
}
