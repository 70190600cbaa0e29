import { types } from 'node:util';
import { UnserializableError } from './errors.ts';
import type { ModuleRef } from './frame.ts';
import { NONE } from './layout.ts';
import type { PlainScan } from './plain.ts';
import type { Refusal } from './refusal.ts';
import type { FunctionNode } from './sharing.ts';

/** A step of a trail that is no property: the name of a variable, or words. */
export class Word {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** The step from a prototype to its class. */
export const OWNER: Word = new Word('.constructor');

/** How a value is reached from the one that holds it: by a property, an index, or in words. */
export type Step = string | number | symbol | Word;

/**
 * The nodes of one frame while they are found and written. A value that v8's format holds goes in as it is; any other
 * gets a node, is queued, and is written when its turn comes: no depth of nesting ends the stack.
 */
export class GraphWriter {
  readonly values: unknown[] = [];
  readonly records: number[] = [];
  readonly starts: number[] = [];
  readonly shapes: string[][] = [];
  readonly homes: string[] = [];
  readonly codes: string[] = [];
  readonly modules: ModuleRef[] = [];
  readonly patches: number[] = [];
  /** Values of the nodes, by number; those from `written` on wait. */
  readonly subjects: unknown[] = [];
  /** Functions, by node. */
  readonly functions: Map<number, FunctionNode> = new Map<number, FunctionNode>();
  /** Slots without which a node cannot be made, and slots that must be complete before. */
  readonly hard: Map<number, number[]> = new Map<number, number[]>();
  readonly deep: Map<number, number[]> = new Map<number, number[]>();
  /** Nodes of functions that are there as values, not only as the classes of instances. */
  readonly calledFor: Set<number> = new Set<number>();
  /** Which node refers to which. */
  readonly from: number[] = [];
  readonly to: number[] = [];
  readonly scan: PlainScan;
  /** The node that is being written. */
  at: number = NONE;
  readonly #trail: readonly string[];
  readonly #allNodes: boolean;
  readonly #constants = new Map<unknown, number>();
  readonly #plain = new Map<object, number>();
  readonly #nodes = new Map<unknown, number>();
  readonly #parents: number[] = [];
  readonly #steps: Step[] = [];
  readonly #shapeIds = new Map<string, number>();

  /** @param allNodes make nodes of plain values too: for what v8's writer does not take at once */
  constructor(scan: PlainScan, trail: readonly string[], allNodes: boolean) {
    this.scan = scan;
    this.#trail = trail;
    this.#allNodes = allNodes;
  }

  /** The slot of a value. @param step how it is reached from the node being written */
  slot(value: unknown, step: Step): number {
    switch (typeof value) {
      case 'object':
        if (value !== null) break;
        return this.#constant(null);
      case 'function':
      case 'symbol':
        break;
      case 'undefined':
      case 'boolean':
        return this.#constant(value);
      default:
        return this.valueSlot(value);
    }
    const node = this.#nodes.get(value);
    if (typeof value === 'function' && step !== OWNER) this.calledFor.add(node ?? this.subjects.length);
    if (node !== undefined) return this.refer(node);
    if (typeof value === 'object' && !this.#mustBeNode(value)) {
      const known = this.#plain.get(value);
      if (known !== undefined) return known;
      if (this.scan.isPlain(value)) {
        const slot = this.valueSlot(value);
        this.#plain.set(value, slot);
        return slot;
      }
    }
    return this.refer(this.node(value, step));
  }

  /** The slot of a value that v8's format is known to hold. */
  valueSlot(value: unknown): number {
    return (this.values.push(value) - 1) * 2;
  }

  /** A node for a value, to be written later; one value has one node. */
  node(value: unknown, step: Step): number {
    const id = this.subjects.push(value) - 1;
    this.#nodes.set(value, id);
    this.#parents.push(this.at);
    this.#steps.push(step);
    return id;
  }

  nodeOf(value: unknown): number | undefined {
    return this.#nodes.get(value);
  }

  /** The slot of a node, to which the one being written refers. */
  refer(node: number): number {
    if (this.at !== NONE) {
      this.from.push(this.at);
      this.to.push(node);
    }
    return node * 2 + 1;
  }

  /** Adds numbers to the record of the node being written. */
  put(...numbers: readonly number[]): void {
    for (const number of numbers) this.records.push(number);
  }

  putAll(numbers: readonly number[]): void {
    for (let at = 0; at < numbers.length; at += 1) this.records.push(numbers[at] as number);
  }

  /** The node being written cannot be made without these. */
  needs(slots: readonly number[]): void {
    const known = this.hard.get(this.at);
    this.hard.set(this.at, known === undefined ? [...slots] : [...known, ...slots]);
  }

  /** Number of a list of property names. */
  shape(keys: readonly string[]): number {
    const key = keys.join('\0');
    let id = this.#shapeIds.get(key);
    if (id === undefined) {
      id = this.shapes.push([...keys]) - 1;
      this.#shapeIds.set(key, id);
    }
    return id;
  }

  /** Number of a session that numbered things. */
  home(session: string): number {
    const at = this.homes.indexOf(session);
    return at >= 0 ? at : this.homes.push(session) - 1;
  }

  code(hash: string): number {
    const at = this.codes.indexOf(hash);
    return at >= 0 ? at : this.codes.push(hash) - 1;
  }

  module(module: ModuleRef): number {
    const { specifier, from, url } = module;
    const at = this.modules.findIndex((each) => each.specifier === specifier && each.from === from && each.url === url);
    return at >= 0 ? at : this.modules.push(module) - 1;
  }

  /** The way to a node, from the root. */
  trailTo(id: number, ...more: readonly string[]): readonly string[] {
    const steps: string[] = [];
    for (let at = id; at !== NONE; at = this.#parents[at] as number) steps.unshift(worded(this.#steps[at] as Step));
    return [...this.#trail, ...[...steps, ...more].filter((step) => step !== '')];
  }

  /** Refuses the node being written. */
  fail({ problem, advice }: Refusal, at: number = this.at): never {
    throw new UnserializableError(this.trailTo(at), problem, advice);
  }

  #constant(value: unknown): number {
    let slot = this.#constants.get(value);
    if (slot === undefined) {
      slot = this.valueSlot(value);
      this.#constants.set(value, slot);
    }
    return slot;
  }

  /** Where all are nodes, only what has nothing inside stays plain. */
  #mustBeNode(value: object): boolean {
    return this.#allNodes && !ArrayBuffer.isView(value) && !types.isAnyArrayBuffer(value) && !types.isDate(value);
  }
}

function worded(step: Step): string {
  if (step instanceof Word) return step.text;
  if (typeof step === 'string') return propertyStep(step);
  return `[${String(step)}]`;
}

/** `.name`, or `["any text"]`. */
export function propertyStep(key: string | symbol): string {
  if (typeof key === 'symbol') return `[${String(key)}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
