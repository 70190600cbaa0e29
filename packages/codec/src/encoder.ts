import { types } from 'node:util';
import { refreshBuiltins } from './builtins.ts';
import type { Captured } from './capture.ts';
import { writeCustom } from './custom.ts';
import { writeElsewhere } from './elsewhere.ts';
import { STATEFUL, writeFunction } from './functions.ts';
import { type GraphWriter, Word } from './graph-writer.ts';
import { shareVariables } from './groups.ts';
import { Kind, NONE, type Table } from './layout.ts';
import { writeNarrowed } from './namespaces.ts';
import { writeAsInstance, writeObject } from './objects.ts';
import { creationOrder, statefulNodes } from './order.ts';
import { type Reference, referenceOf, refreshReferences } from './references.ts';
import { hasTypes, registeredTypes, type TypeRegistration } from './types.ts';

/** What encoding needs from its session. */
export interface EncoderHost {
  /** Number of a function, class or symbol, and the session that gave it. */
  homeOf(value: object | symbol): { readonly session: string; readonly id: number };
  /** Came from another session, which knows it by its number. */
  isForeign(value: object | symbol): boolean;
  /** The type that takes the value, among those that came from the other end. */
  receivedType(value: object): TypeRegistration | undefined;
  /** Functions and classes that the session does not know may go along. */
  mayCapture(): boolean;
  /** What is encoded is what a task gave. */
  isAnswer(): boolean;
  /** Script that a function is from; the same for none. */
  scriptOf(fn: object): string | undefined;
  capture(fn: object, trail: () => readonly string[]): CapturedFunction;
}

/** What became of a function. */
export type CapturedFunction =
  | { readonly kind: 'code'; readonly captured: Captured }
  | { readonly kind: 'bound'; readonly target: unknown; readonly self: unknown; readonly args: readonly unknown[] }
  | { readonly kind: 'reference'; readonly reference: Reference };

/** A graph in the form that travels. */
export interface Encoded {
  readonly table: Table;
  /** It holds a function that writes variables which it captured. */
  readonly stateful: boolean;
  /** It is one function that takes nothing from outside. */
  readonly pure: boolean;
}

/** Encodes everything that `root` reaches. @throws UnserializableError */
export function encodeGraph(graph: GraphWriter, host: EncoderHost, root: unknown): Encoded {
  refreshBuiltins();
  refreshReferences();
  const slot = graph.slot(root, new Word(''));
  const writer = new NodeWriter(graph, host);
  writer.writeAll();
  if (!host.mayCapture()) refuseFunctions(graph);
  const pure = isPure(graph, slot);
  const typeSlots = pure || !host.mayCapture() || graph.functions.size === 0 ? [] : typesOf(graph);
  writer.writeAll();
  writeNarrowed(graph);
  const groups = shareVariables(graph);
  const sharing = groups.flatMap(([, members]) => members);
  const stateful = statefulNodes(graph, sharing);
  for (const id of stateful) {
    const start = graph.starts[id] as number;
    if (graph.records[start] === Kind.function) graph.records[start + STATEFUL] = 1;
  }
  const { values, records, starts, shapes, homes, patches } = graph;
  const order = creationOrder(graph);
  const table: Table = [slot, values, records, starts, shapes, order, homes, typeSlots, groups, patches];
  return { table, stateful: stateful.size > 0, pure };
}

const ELSEWHERE: ReadonlySet<number> = new Set([Kind.intrinsic, Kind.builtin, Kind.reference, Kind.local]);

/** Answers are data: functions of the language, of Node and of packages are in them as classes of instances only. */
function refuseFunctions(graph: GraphWriter): void {
  for (const id of graph.calledFor) {
    if (!ELSEWHERE.has(graph.records[graph.starts[id] as number] as number)) continue;
    const { name } = graph.subjects[id] as { readonly name?: unknown };
    const problem = `function ${String(name || 'anonymous')} is not one that the caller sent; only functions and classes that the caller sent can come back`;
    graph.fail({ problem, advice: 'Return data' }, id);
  }
}

function isPure({ functions, subjects, values }: GraphWriter, root: number): boolean {
  const only = functions.get(0);
  if (root !== 1 || subjects.length !== 1 || values.length > 0 || only === undefined) return false;
  return only.slots.every((slot) => slot === NONE);
}

/** Functions that go along might make instances of registered types. */
function typesOf(graph: GraphWriter): number[] {
  if (!hasTypes()) return [];
  graph.at = NONE;
  return registeredTypes().map((type) => graph.slot(type, new Word(`type ${type.name}`)));
}

class NodeWriter {
  readonly #graph: GraphWriter;
  readonly #host: EncoderHost;
  /** Prototypes of classes whose instances are nothing but their properties. */
  readonly #simple = new Set<object | null>();
  #next = 0;

  constructor(graph: GraphWriter, host: EncoderHost) {
    this.#graph = graph;
    this.#host = host;
  }

  /** Writes the nodes that wait, and those that they bring. */
  writeAll(): void {
    const { subjects, starts, records } = this.#graph;
    for (; this.#next < subjects.length; this.#next += 1) {
      this.#graph.at = this.#next;
      starts[this.#next] = records.length;
      this.#write(subjects[this.#next]);
    }
  }

  #write(value: unknown): void {
    const graph = this.#graph;
    if (typeof value === 'symbol') this.#symbol(value);
    else if (types.isProxy(value)) this.#proxy(value as object);
    else if (typeof value === 'function') {
      if (this.#host.isForeign(value)) this.#home(value);
      else writeFunction(graph, this.#host, value);
    } else this.#object(value as object);
  }

  #object(value: object): void {
    const prototype: object | null = Object.getPrototypeOf(value);
    if (this.#simple.has(prototype) && referenceOf(value) === undefined && writeAsInstance(this.#graph, value)) return;
    if (writeElsewhere(this.#graph, this.#host, value) || writeCustom(this.#graph, this.#host, value)) return;
    const isSimple = writeObject(this.#graph, this.#host, value);
    if (isSimple && !hasTypes() && prototype !== Object.prototype) this.#simple.add(prototype);
  }

  #symbol(value: symbol): void {
    const graph = this.#graph;
    const known = WELL_KNOWN.get(value);
    const registered = Symbol.keyFor(value);
    if (known !== undefined) graph.put(Kind.symbol, 0, graph.valueSlot(known));
    else if (registered !== undefined) graph.put(Kind.symbol, 1, graph.valueSlot(registered));
    else if (this.#host.isForeign(value)) this.#home(value);
    else {
      const { session, id } = this.#host.homeOf(value);
      graph.put(Kind.symbol, 2, graph.valueSlot(value.description), graph.home(session), id);
    }
  }

  #home(value: object | symbol): void {
    const { session, id } = this.#host.homeOf(value);
    this.#graph.put(Kind.home, this.#graph.home(session), id);
  }

  #proxy(value: object): void {
    const graph = this.#graph;
    const captured = this.#host.capture(value, () => graph.trailTo(graph.at));
    const { target, self } = captured as CapturedFunction & { kind: 'bound' };
    if (target === null) {
      graph.fail({ problem: 'a revoked Proxy cannot be sent', advice: 'Send a copy made before it was revoked' });
    }
    const slots = [
      graph.slot(target, new Word('target of the Proxy')),
      graph.slot(self, new Word('handler of the Proxy')),
    ];
    graph.needs(slots);
    graph.put(Kind.proxy, ...slots);
  }
}

const WELL_KNOWN: ReadonlyMap<symbol, string> = new Map(
  Object.getOwnPropertyNames(Symbol).flatMap((name) => {
    const value: unknown = Symbol[name as 'iterator'];
    return typeof value === 'symbol' ? [[value, name] as const] : [];
  }),
);
