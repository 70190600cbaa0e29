import { builtinAt } from './builtins.ts';
import { rememberCells } from './cells.ts';
import { type CodeHeader, factoryOf, groupOf, headerOf, type Product } from './codes.ts';
import { errorPrototype } from './errors.ts';
import type { Frame } from './frame.ts';
import { intrinsicAt } from './intrinsics.ts';
import {
  Attribute,
  type Group,
  Integrity,
  Kind,
  NONE,
  NULL_PROTOTYPE,
  Properties,
  SHARED,
  type Table,
} from './layout.ts';
import { moduleLocal, moduleValue } from './modules.ts';
import { provide } from './provide.ts';
import { REDUCE, type TypeRegistration, typeNamed } from './types.ts';

/** What a decoder needs from its session. */
export interface DecoderHost {
  /** Functions may be rebuilt, and called: not in answers, which are data. */
  mayRebuild(): boolean;
  known(session: string, id: number): object | symbol | undefined;
  learn(session: string, id: number, made: object | symbol): void;
  learnType(type: TypeRegistration): void;
}

/** A function's record. */
interface Spec {
  readonly hash: string;
  readonly header: CodeHeader;
  readonly session: string;
  readonly isStateful: boolean;
  readonly home: number;
  readonly slots: readonly number[];
}

/** See `factoryOf`. */
interface Plan {
  readonly letters: string;
  readonly parameters: readonly unknown[];
  readonly late: readonly number[];
}

/** Builds the values of a table. */
export class Decoder {
  readonly #host: DecoderHost;
  readonly #frame: Frame;
  readonly #root: number;
  readonly #values: readonly unknown[];
  readonly #records: readonly number[];
  readonly #starts: readonly number[];
  readonly #shapes: readonly (readonly string[])[];
  readonly #order: readonly number[];
  readonly #homes: readonly string[];
  readonly #types: readonly number[];
  readonly #groups: readonly Group[];
  readonly #patches: readonly number[];
  readonly #made: unknown[];
  /** 0 nothing, 1 being made, 2 made, 3 filled. */
  readonly #state: Uint8Array;
  readonly #late: { readonly set: (value: unknown) => void; readonly slot: number }[] = [];
  /** Nodes of an answer that are functions from elsewhere. */
  readonly #classes = new Set<number>();
  /** Functions that were made from this table. */
  readonly #built = new Set<object>();
  #cursor = 0;

  constructor(table: Table, frame: Frame, host: DecoderHost) {
    if (!Array.isArray(table) || table.length !== 10 || !table.slice(1).every(Array.isArray)) throw broken('no table');
    [
      this.#root,
      this.#values,
      this.#records,
      this.#starts,
      this.#shapes,
      this.#order,
      this.#homes,
      this.#types,
      this.#groups,
      this.#patches,
    ] = table;
    this.#host = host;
    this.#frame = frame;
    this.#made = new Array(this.#starts.length);
    this.#state = new Uint8Array(this.#starts.length);
  }

  /** @throws TypeError when the table is broken, or holds what is not allowed */
  decode(): unknown {
    for (const step of this.#order) {
      if (step >= 0) this.#make(step);
      else this.#fill(-1 - step);
    }
    for (let id = 0; id < this.#starts.length; id += 1) this.#make(id);
    if (this.#host.mayRebuild()) this.#patch();
    for (let id = 0; id < this.#starts.length; id += 1) this.#fill(id);
    for (const { set, slot } of this.#late) set(this.#read(slot));
    if (this.#host.mayRebuild())
      for (const slot of this.#types) this.#host.learnType(this.#read(slot) as TypeRegistration);
    return this.#read(this.#root);
  }

  /** Gives prototypes of packages what the sender's had on top, a plugin's methods say. */
  #patch(): void {
    const patches = this.#patches;
    for (let at = 0; at < patches.length; ) {
      const prototype = this.#read(patches[at] as number) as object;
      const key = this.#read(patches[at + 1] as number) as string | symbol;
      const bits = patches[at + 2] as number;
      const first = this.#read(patches[at + 3] as number);
      const isAccessor = (bits & Attribute.accessor) !== 0;
      const second = isAccessor ? this.#read(patches[at + 4] as number) : undefined;
      at += isAccessor ? 5 : 4;
      if (!hasAlready(prototype, key, first)) defineFull(prototype, key, bits, first, second);
    }
  }

  #next(): number {
    const value = this.#records[this.#cursor++];
    if (typeof value !== 'number') throw broken('a record ends early');
    return value;
  }

  #skip(count: number): void {
    this.#cursor += count;
  }

  #nextValue(): unknown {
    return this.#read(this.#next());
  }

  #text(): string {
    const value = this.#nextValue();
    if (typeof value !== 'string') throw broken('no text where one belongs');
    return value;
  }

  #read(slot: number): unknown {
    if (slot === NONE) return undefined;
    if (slot % 2 === 0) {
      if (!(slot / 2 < this.#values.length)) throw broken('a value is missing');
      return this.#values[slot / 2];
    }
    const id = (slot - 1) / 2;
    if (this.#state[id] === 0 || this.#state[id] === undefined) this.#make(id);
    if (this.#state[id] === 1) throw broken('a value contains itself where it cannot');
    if (this.#classes.size > 0 && this.#classes.has(id)) this.#callable('a function');
    return this.#made[id];
  }

  /** The class of an instance. */
  #class(): unknown {
    const slot = this.#next();
    if (!(slot % 2 !== 0 && slot > 0)) throw broken('no class where one belongs');
    const id = (slot - 1) / 2;
    this.#make(id);
    return this.#made[id];
  }

  #make(id: number): void {
    if (this.#state[id] !== 0) {
      if (this.#state[id] === undefined) throw broken('a node is missing');
      return;
    }
    this.#state[id] = 1;
    const before = this.#cursor;
    this.#cursor = this.#starts[id] as number;
    this.#made[id] = this.#create(id, this.#next());
    this.#cursor = before;
    if (this.#state[id] === 1) this.#state[id] = 2;
  }

  #create(id: number, kind: number): unknown {
    switch (kind) {
      case Kind.object:
        return this.#object();
      case Kind.array:
      case Kind.sparseArray:
        return [];
      case Kind.map:
        return new Map();
      case Kind.set:
        return new Set();
      case Kind.date:
        return new Date(this.#nextValue() as number);
      case Kind.regexp:
        return this.#regexp();
      case Kind.error:
        return bareError();
      case Kind.arguments:
        return bareArguments();
      case Kind.boxed:
        return Object(this.#nextValue());
      case Kind.view:
        return this.#nextValue();
      case Kind.memory:
        return (this.#nextValue() as Uint8Array).buffer;
      case Kind.url:
        return new URL(this.#text());
      case Kind.searchParams:
        return new URLSearchParams(this.#text());
      case Kind.symbol:
        return this.#symbol();
      case Kind.intrinsic:
        return this.#allowed(id, intrinsicAt(this.#text()));
      case Kind.builtin:
        return this.#allowed(id, builtinAt({ specifier: this.#text(), path: this.#path() }));
      case Kind.reference:
        return this.#allowed(id, moduleValue(this.#module(), this.#path()));
      case Kind.local:
        return this.#allowed(id, this.#local());
      case Kind.home:
        return this.#home(id);
      case Kind.function:
        return this.#function(id);
      case Kind.prototype:
        return this.#prototype(id);
      case Kind.typed:
        return this.#typed(id);
      case Kind.reduced:
        return this.#reduced(id);
      case Kind.bound:
        return this.#bound();
      case Kind.proxy:
        return this.#proxy(id);
      case Kind.namespace:
        return Object.create(null);
      case Kind.errorPrototype:
        this.#state[id] = 3;
        return errorPrototype(this.#text());
      default:
        throw broken(`node kind ${kind}`);
    }
  }

  #path(): string[] {
    return Array.from({ length: this.#next() }, () => this.#text());
  }

  #module(): Frame['modules'][number] {
    const module = this.#frame.modules[this.#next()];
    if (module === undefined) throw broken('a module is missing');
    return module;
  }

  #local(): unknown {
    const module = this.#module();
    const path = this.#path();
    const value = moduleLocal(module, path, this.#text());
    if (typeof value !== 'function') this.#callable('a variable of a module');
    return value;
  }

  /** Answers may name functions of modules and of the language only as the classes of instances. */
  #allowed(id: number, value: unknown): unknown {
    if (typeof value === 'function' && !this.#host.mayRebuild()) this.#classes.add(id);
    this.#state[id] = 3;
    return value;
  }

  #callable(what: string): void {
    if (!this.#host.mayRebuild())
      throw new TypeError(
        `${what} came in an answer; answers are data, and may hold only functions and classes that were sent`,
      );
  }

  #object(): object {
    const slot = this.#next();
    if (slot === NONE) return {};
    if (slot === NULL_PROTOTYPE) return Object.create(null);
    return Object.create(this.#read(slot) as object);
  }

  #regexp(): RegExp {
    const source = this.#text();
    const regexp = new RegExp(source, this.#text());
    regexp.lastIndex = this.#nextValue() as number;
    return regexp;
  }

  #symbol(): symbol {
    const type = this.#next();
    const description = this.#nextValue();
    if (type === 0) return Symbol[description as 'iterator'];
    if (type === 1) return Symbol.for(description as string);
    const session = this.#session();
    const id = this.#next();
    const known = this.#host.known(session, id);
    if (typeof known === 'symbol') return known;
    const made = Symbol(description as string | undefined);
    this.#host.learn(session, id, made);
    return made;
  }

  #session(): string {
    const session = this.#homes[this.#next()];
    if (typeof session !== 'string') throw broken('a session is missing');
    return session;
  }

  #home(id: number): unknown {
    const session = this.#session();
    const known = this.#host.known(session, this.#next());
    if (known === undefined) throw broken('it names something that was never sent');
    this.#state[id] = 3;
    return known;
  }

  #function(id: number): unknown {
    const spec = this.#spec();
    const known = spec.isStateful && this.#host.mayRebuild() ? undefined : this.#host.known(spec.session, spec.home);
    if (known !== undefined) {
      this.#state[id] = 3;
      return known;
    }
    this.#callable('a function');
    const group = this.#groups.find(([, members]) => members.includes(id));
    if (group !== undefined) return this.#group(group, id);
    const plan = this.#plan(id, spec);
    const cells = new Map(spec.header.writes.map((at) => [spec.header.free[at] as string, {}]));
    return this.#finish(spec, plan, factoryOf(spec.hash, plan.letters)(...plan.parameters), cells);
  }

  /** Builds functions that share variables, all at once. */
  #group([variables, members]: Group, wanted: number): unknown {
    for (const id of members) {
      if (this.#state[id] !== 0 && id !== wanted) throw broken('a function in two groups');
      this.#state[id] = 1;
    }
    const specs = members.map((id) => this.#specAt(id));
    const plans = specs.map((spec, at) => this.#plan(members[at] as number, spec));
    const names = variables.map(([name]) => name);
    const [factories, setters] = groupOf(
      specs.map(({ hash }, at) => [hash, (plans[at] as Plan).letters]),
      names,
    )();
    for (const [at, set] of setters.entries()) this.#late.push({ set, slot: (variables[at] as Group[0][number])[1] });
    const cells = new Map(names.map((name) => [name, {}]));
    for (const [at, id] of members.entries()) {
      const plan = plans[at] as Plan;
      const product = (factories[at] as (...values: unknown[]) => Product)(...plan.parameters);
      this.#made[id] = this.#finish(specs[at] as Spec, plan, product, cells);
      this.#state[id] = 2;
    }
    return this.#made[wanted];
  }

  #specAt(id: number): Spec {
    const before = this.#cursor;
    this.#cursor = this.#starts[id] as number;
    if (this.#next() !== Kind.function) throw broken('a group of what are no functions');
    const spec = this.#spec();
    this.#cursor = before;
    return spec;
  }

  #spec(): Spec {
    const hash = this.#frame.codes[this.#next()];
    const session = this.#session();
    const isStateful = this.#next() === 1;
    const home = this.#next();
    const slots = Array.from({ length: this.#next() }, () => this.#next());
    if (hash === undefined) throw broken('a code is missing');
    return {
      hash,
      session,
      isStateful,
      home,
      slots,
      get header() {
        return headerOf(hash); // not needed for a function that is here already
      },
    };
  }

  /** How each name that a function takes from outside gets its value. */
  #plan(id: number, { header, slots }: Spec): Plan {
    if (slots.length !== header.free.length) throw broken('a function with other variables than its code');
    const parameters: unknown[] = [];
    const late: number[] = [];
    let letters = '';
    for (const [at, slot] of slots.entries()) {
      const name = header.free[at] as string;
      if (slot === SHARED) {
        letters += 'c';
      } else if (slot === NONE) {
        const provided = provide(name, header.url);
        letters += provided === undefined ? 'g' : 'p';
        if (provided !== undefined) parameters.push(provided);
      } else if (slot === id * 2 + 1 && header.form !== 'member' && !header.writes.includes(at)) {
        letters += 's';
      } else if (this.#isLate(slot)) {
        letters += 'l';
        late.push(slot);
      } else {
        letters += 'p';
        parameters.push(this.#read(slot));
      }
    }
    return { letters, parameters, late };
  }

  #finish(
    { header, session, home }: Spec,
    { late }: Plan,
    [made, ...setters]: Product,
    cells: ReadonlyMap<string, object>,
  ): unknown {
    for (const [at, set] of setters.entries()) this.#late.push({ set, slot: late[at] as number });
    const fn = (header.form === 'member' ? memberOf(made as object) : made) as object;
    const name = Object.getOwnPropertyDescriptor(fn, 'name');
    if (name?.value !== header.name && (name === undefined || name.configurable)) {
      Object.defineProperty(fn, 'name', { value: header.name, configurable: true });
    }
    this.#host.learn(session, home, fn);
    this.#built.add(fn);
    if (cells.size > 0) rememberCells(fn, cells);
    return fn;
  }

  /** Not there yet: functions that capture each other in a circle. */
  #isLate(slot: number): boolean {
    if (slot % 2 === 0) return false;
    const id = (slot - 1) / 2;
    const state = this.#state[id];
    if (state === 1) return true;
    return state === 0 && this.#needsOrder(id);
  }

  #needsOrder(id: number): boolean {
    const start = this.#starts[id] as number;
    const kind = this.#records[start];
    if (kind === Kind.object) {
      const prototype = this.#records[start + 1] as number;
      return prototype >= 0 && prototype % 2 !== 0 && this.#isLate(prototype);
    }
    return (
      kind === Kind.function ||
      kind === Kind.prototype ||
      kind === Kind.typed ||
      kind === Kind.reduced ||
      kind === Kind.bound ||
      kind === Kind.proxy
    );
  }

  /** Only the prototype of a function that was built from this frame is filled: others have theirs. */
  #prototype(id: number): unknown {
    const owner = this.#class() as { prototype?: unknown };
    if (!this.#built.has(owner)) this.#state[id] = 3;
    if (typeof owner !== 'function' || typeof owner.prototype !== 'object')
      throw broken('a prototype of what has none');
    return owner.prototype;
  }

  #typed(id: number): unknown {
    const name = this.#text();
    const registration = this.#next();
    const type = typeNamed(name) ?? this.#shipped(name, registration);
    this.#state[id] = 2;
    const made = type.decode(this.#nextValue());
    this.#state[id] = 3;
    return made;
  }

  #shipped(name: string, slot: number): TypeRegistration {
    if (!this.#host.mayRebuild())
      throw new TypeError(`an answer holds a value of type ${JSON.stringify(name)}, which is not registered here`);
    return this.#read(slot) as TypeRegistration;
  }

  #reduced(id: number): unknown {
    const [make, ...args] = Array.from({ length: this.#next() }, () => this.#nextValue());
    if (typeof make !== 'function') throw broken('no function to make a value with');
    const isReducible = typeof (make.prototype as { [REDUCE]?: unknown } | undefined)?.[REDUCE] === 'function';
    if (!isReducible) this.#callable('a call');
    this.#state[id] = 3;
    return isReducible ? Reflect.construct(make, args) : make(...args);
  }

  #bound(): unknown {
    this.#callable('a bound function');
    const [target, self, ...args] = Array.from({ length: this.#next() }, () => this.#nextValue());
    return Function.prototype.bind.call(target as never, self, ...args);
  }

  #proxy(id: number): unknown {
    this.#callable('a Proxy');
    const target = this.#nextValue() as object;
    this.#state[id] = 3;
    return new Proxy(target, this.#nextValue() as ProxyHandler<object>);
  }

  #fill(id: number): void {
    this.#make(id);
    if (this.#state[id] !== 2) return;
    this.#state[id] = 3;
    const value = this.#made[id] as object;
    this.#cursor = this.#starts[id] as number;
    const kind = this.#next();
    if (this.#content(kind, value)) this.#tail(value, kind);
  }

  /** Fills what a kind holds, up to its tail. False when it has none. */
  #content(kind: number, value: object): boolean {
    switch (kind) {
      case Kind.array:
        this.#elements(value as unknown[]);
        return true;
      case Kind.sparseArray:
        (value as unknown[]).length = this.#next();
        return true;
      case Kind.map:
        for (let left = this.#next(); left > 0; left -= 1) {
          const key = this.#nextValue();
          Map.prototype.set.call(value, key, this.#nextValue());
        }
        return true;
      case Kind.set:
        for (let left = this.#next(); left > 0; left -= 1) Set.prototype.add.call(value, this.#nextValue());
        return true;
      case Kind.error:
        Object.defineProperty(value, 'stack', { value: this.#nextValue(), writable: true, configurable: true });
        return true;
      case Kind.object:
        return true;
      case Kind.namespace:
        this.#namespace(value);
        return false;
      case Kind.regexp:
        this.#skip(3);
        return true;
      case Kind.function:
        this.#skip(4);
        this.#skip(this.#next());
        return true;
      case Kind.bound:
        this.#skip(this.#next());
        return true;
      case Kind.symbol:
        return false;
      default:
        this.#skip(1);
        return true;
    }
  }

  #elements(array: unknown[]): void {
    const length = this.#next();
    for (let at = 0; at < length; at += 1) {
      const slot = this.#next();
      if (slot !== NONE) array[at] = this.#read(slot);
    }
    array.length = length;
  }

  #namespace(namespace: object): void {
    for (let left = this.#next(); left > 0; left -= 1) {
      const key = this.#text();
      Object.defineProperty(namespace, key, {
        value: this.#nextValue(),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
  }

  #tail(value: object, kind: number): void {
    const prototype = this.#next();
    if (kind !== Kind.object && prototype !== NONE) {
      Object.setPrototypeOf(value, prototype === NULL_PROTOTYPE ? null : (this.#read(prototype) as object));
    }
    const integrity = this.#next();
    this.#properties(value);
    if (integrity === Integrity.frozen) Object.freeze(value);
    else if (integrity === Integrity.sealed) Object.seal(value);
    else if (integrity === Integrity.closed) Object.preventExtensions(value);
  }

  #properties(value: object): void {
    const form = this.#next();
    if (form === Properties.none) return;
    if (form === Properties.simple) {
      const shape = this.#shapes[this.#next()];
      if (shape === undefined) throw broken('a shape is missing');
      for (const key of shape) {
        const content = this.#property(key);
        if (key in value) define(value, key, content);
        else (value as Record<string, unknown>)[key] = content; // nothing inherited can be in the way
      }
      return;
    }
    for (let left = this.#next(); left > 0; left -= 1) this.#full(value);
  }

  /** What an answer resolves to may not call anything. */
  #property(key: unknown): unknown {
    const content = this.#nextValue();
    if (key === 'then' && typeof content === 'function') this.#callable('a `then` method');
    return content;
  }

  #full(value: object): void {
    const key = this.#nextValue() as string | symbol;
    const bits = this.#next();
    const first = this.#property(key);
    defineFull(value, key, bits, first, (bits & Attribute.accessor) === 0 ? undefined : this.#nextValue());
  }
}

function defineFull(value: object, key: string | symbol, bits: number, first: unknown, second: unknown): void {
  const attributes = {
    enumerable: (bits & Attribute.enumerable) !== 0,
    configurable: (bits & Attribute.configurable) !== 0,
  };
  if ((bits & Attribute.accessor) !== 0)
    Object.defineProperty(value, key, { get: first as () => unknown, set: second as () => void, ...attributes });
  else Object.defineProperty(value, key, { value: first, writable: (bits & Attribute.writable) !== 0, ...attributes });
}

function define(value: object, key: string, content: unknown): void {
  Object.defineProperty(value, key, { value: content, writable: true, enumerable: true, configurable: true });
}

function broken(what: string): TypeError {
  return new TypeError(`these bytes are no frame: ${what}`);
}

/** Whether an object has the member, or one with the same text, or one that cannot be changed. */
function hasAlready(object: object, key: string | symbol, member: unknown): boolean {
  const property = Object.getOwnPropertyDescriptor(object, key);
  if (property === undefined) return false;
  return !property.configurable || String(property.value ?? property.get) === String(member);
}

function bareArguments(): object {
  // biome-ignore lint/complexity/noArguments: nothing else makes one
  return arguments;
}

/** An error that has nothing of its own, made without looking at the stack. */
function bareError(): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}

/** The one method or accessor of an object literal. */
function memberOf(literal: object): object {
  const [key] = Reflect.ownKeys(literal);
  const property = Object.getOwnPropertyDescriptor(literal, key as string);
  return (property?.value ?? property?.get ?? property?.set) as object;
}
