import type { Frame } from '../frame.ts';
import { broken, FrameLimitError, FunctionResultError } from '../frame-error.ts';
import { type Group, NONE, type Table } from '../layout.ts';
import type { TypeRegistration } from '../types.ts';
import type { DecodeLimits } from './limits.ts';

/** What a decoder needs from its session. */
export interface DecoderHost {
  limits(): Required<DecodeLimits>;
  /** Functions may be rebuilt, and called: not in answers, which are data. */
  mayRebuild(): boolean;
  known(session: string, id: number): object | symbol | undefined;
  learn(session: string, id: number, made: object | symbol): void;
  learnType(type: TypeRegistration): void;
}

/** Makes the node of a number from its record, of which the kind has been read. */
export type Create = (reader: NodeReader, id: number, kind: number) => unknown;

/** States of a node. */
export const State = { none: 0, open: 1, made: 2, filled: 3 } as const;

/** Reads the records of a table: numbers, and the values and nodes that they name. */
export class NodeReader {
  readonly host: DecoderHost;
  readonly frame: Frame;
  readonly root: number;
  readonly records: readonly number[];
  readonly starts: readonly number[];
  readonly shapes: readonly (readonly string[])[];
  readonly order: readonly number[];
  readonly types: readonly number[];
  readonly groups: readonly Group[];
  readonly patches: readonly number[];
  /** No code of the sender's may run. */
  readonly isData: boolean;
  readonly made: unknown[];
  readonly state: Uint8Array;
  /** Variables that get their value at the end. */
  readonly late: { readonly set: (value: unknown) => void; readonly slot: number }[] = [];
  /** Functions that were made from this table. */
  readonly built: Set<object> = new Set<object>();
  /** Nodes of an answer that may only be a class or a prototype: what is live in this process. */
  readonly #inner = new Set<number>();
  readonly #values: readonly unknown[];
  readonly #homes: readonly string[];
  readonly #create: Create;
  #cursor = 0;
  #end = 0;
  #depth = 0;

  constructor(table: Table, frame: Frame, host: DecoderHost, create: Create) {
    if (!Array.isArray(table) || table.length < 10 || !table.slice(1, 10).every(Array.isArray))
      throw broken('no table');
    [
      this.root,
      this.#values,
      this.records,
      this.starts,
      this.shapes,
      this.order,
      this.#homes,
      this.types,
      this.groups,
      this.patches,
    ] = table;
    this.host = host;
    this.frame = frame;
    this.isData = !host.mayRebuild();
    this.#create = create;
    this.#check();
    this.made = new Array(this.starts.length);
    this.state = new Uint8Array(this.starts.length);
  }

  /** Records of an answer follow each other, so that none is read twice. */
  #check(): void {
    const { starts, records, host } = this;
    if (!this.isData) return;
    if (starts.length > host.limits().nodes)
      throw new FrameLimitError('nodes', `an answer of ${starts.length} nodes, more than ${host.limits().nodes}`);
    let last = -1;
    for (let id = 0; id < starts.length; id += 1) {
      const start = starts[id] as number;
      if (!(start > last && start < records.length)) throw broken('records out of order');
      last = start;
    }
  }

  next(): number {
    const value = this.records[this.#cursor];
    if (typeof value !== 'number' || this.#cursor >= this.#end) throw broken('a record ends early');
    this.#cursor += 1;
    return value;
  }

  skip(count: number): void {
    this.#cursor += count;
  }

  /** A number of things, each of which takes at least one number of the record. */
  count(): number {
    const count = this.next();
    if (!(count >= 0 && count <= this.#end - this.#cursor)) throw broken('a record ends early');
    return count;
  }

  /** That many of something. */
  list<T>(read: () => T): T[] {
    const list: T[] = [];
    for (let left = this.count(); left > 0; left -= 1) list.push(read());
    return list;
  }

  value(): unknown {
    return this.read(this.next());
  }

  /** A value that is no node. */
  plain(): unknown {
    const slot = this.next();
    if (slot % 2 !== 0) throw broken('a node where a value belongs');
    return this.read(slot);
  }

  text(): string {
    const value = this.plain();
    if (typeof value !== 'string') throw broken('no text where one belongs');
    return value;
  }

  /** Name of a session that numbered things. */
  session(): string {
    const session = this.#homes[this.next()];
    if (typeof session !== 'string') throw broken('a session is missing');
    return session;
  }

  read(slot: number): unknown {
    if (slot === NONE) return undefined;
    if (slot % 2 === 0) {
      if (!(slot >= 0 && slot / 2 < this.#values.length)) throw broken('a value is missing');
      return this.#values[slot / 2];
    }
    const id = (slot - 1) / 2;
    const made = this.node(id);
    if (this.#inner.size > 0 && this.#inner.has(id)) this.refuseCode('a function or an object of this process');
    return made;
  }

  /** A class or a prototype: these may be what is live in this process. */
  readInner(slot: number): unknown {
    return slot % 2 !== 0 && slot > 0 ? this.node((slot - 1) / 2) : this.read(slot);
  }

  /** A node, made where it was not yet. */
  node(id: number): unknown {
    const state = this.state[id];
    if (state === State.none || state === undefined) this.make(id);
    else if (state === State.open) throw broken('a value contains itself where it cannot');
    return this.made[id];
  }

  make(id: number): void {
    if (this.state[id] !== State.none) {
      if (this.state[id] === undefined) throw broken('a node is missing');
      return;
    }
    this.state[id] = State.open;
    const before = this.#cursor;
    const end = this.#end;
    this.#enter();
    this.seek(id);
    this.made[id] = this.#create(this, id, this.next());
    this.#depth -= 1;
    this.#cursor = before;
    this.#end = end;
    if (this.state[id] === State.open) this.state[id] = State.made;
  }

  /** Goes to the record of a node. */
  seek(id: number): void {
    const { starts, records } = this;
    this.#cursor = starts[id] as number;
    this.#end = (this.isData ? starts[id + 1] : undefined) ?? records.length;
  }

  /** Reads another record, and comes back. */
  elsewhere<T>(id: number, read: () => T): T {
    const before = this.#cursor;
    const end = this.#end;
    this.seek(id);
    const result = read();
    this.#cursor = before;
    this.#end = end;
    return result;
  }

  /** A node that is as it is: its record has no more to say. */
  done(id: number): void {
    this.state[id] = State.filled;
  }

  /** The same, for what is live in this process: an answer may name it as a class or prototype only. */
  doneInner(id: number): void {
    this.state[id] = State.filled;
    if (this.isData) this.#inner.add(id);
  }

  /** @throws FunctionResultError in an answer */
  refuseCode(what: string): void {
    if (this.isData) throw new FunctionResultError(what);
  }

  #enter(): void {
    this.#depth += 1;
    if (this.isData && this.#depth > this.host.limits().depth)
      throw new FrameLimitError('depth', `an answer with prototypes ${this.#depth} deep`);
  }
}
