import { types } from 'node:util';
import { builtinPath, refreshBuiltins } from './builtins.ts';
import type { Binding, Captured } from './capture.ts';
import { isErrorClass, UnserializableError } from './errors.ts';
import type { ModuleRef } from './frame.ts';
import { intrinsicPath } from './intrinsics.ts';
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
import { creationOrder, statefulNodes } from './order.ts';
import { type PlainScan, viewHasNoExtras } from './plain.ts';
import { indexImports, type Reference, referenceOf, refreshReferences, remember } from './references.ts';
import { classRefusal, privateNamesOf, privateRefusal, type Refusal, refusalOf } from './refusal.ts';
import { type FunctionNode, type SharedVariable, sharedVariables } from './sharing.ts';
import { hasTypes, REDUCE, registeredTypes, type TypeRegistration, typeFor } from './types.ts';
import { makeView, viewCode } from './views.ts';

/** A step of a trail: a variable or property name, an index, or words. */
export type Step = string | number;

/** What an encoder needs from its session. */
export interface EncoderHost {
  /** Number of a function, class or symbol of this process, or where it came from. */
  homeOf(value: object | symbol): { readonly session: string; readonly id: number; readonly foreign: boolean };
  isForeign(value: object | symbol): boolean;
  /** The type that takes the value, among those that came from the other end. */
  receivedType(value: object): TypeRegistration | undefined;
  /** Functions and classes that the session does not know may go along. */
  mayCapture(): boolean;
  /** Script that a function is from; the same for none. */
  scriptOf(fn: object): string | undefined;
  capture(fn: object, trail: () => readonly string[]): CapturedFunction;
  privateNames(text: string): readonly string[];
}

/** What became of a function. */
export type CapturedFunction =
  | { readonly kind: 'code'; readonly captured: Captured }
  | { readonly kind: 'bound'; readonly target: unknown; readonly self: unknown; readonly args: readonly unknown[] }
  | { readonly kind: 'reference'; readonly reference: Reference };

const WELL_KNOWN: ReadonlyMap<symbol, string> = new Map(
  Object.getOwnPropertyNames(Symbol).flatMap((name) => {
    const value: unknown = Symbol[name as 'iterator'];
    return typeof value === 'symbol' ? [[value, name] as const] : [];
  }),
);

const text = Function.prototype.toString;

/** Encodes one graph of values as a table. Iterative: no depth of nesting ends the stack. */
export class Encoder {
  readonly codes: string[] = [];
  readonly modules: ModuleRef[] = [];
  readonly #host: EncoderHost;
  readonly #scan: PlainScan;
  readonly #trail: readonly string[];
  /** Plain values are nodes too: for what v8's writer does not take at once. */
  readonly #allNodes: boolean;
  readonly #values: unknown[] = [];
  readonly #constants = new Map<unknown, number>();
  readonly #plain = new Map<object, number>();
  readonly #nodes = new Map<unknown, number>();
  readonly #subjects: unknown[] = [];
  readonly #parents: number[] = [];
  readonly #steps: Step[] = [];
  readonly #records: number[] = [];
  readonly #starts: number[] = [];
  readonly #shapes: string[][] = [];
  readonly #shapeIds = new Map<string, number>();
  readonly #homes: string[] = [];
  /** Functions by node, with the slots of what they capture. */
  readonly #functions = new Map<number, FunctionNode>();
  readonly #hard = new Map<number, number[]>();
  readonly #deep = new Map<number, number[]>();
  readonly #namespaces = new Map<object, { readonly id: number; readonly members: Map<string, number> }>();
  readonly #edges: number[][] = [];
  readonly #patches: number[] = [];
  #at = NONE;
  #refreshed = false;

  constructor(host: EncoderHost, scan: PlainScan, trail: readonly string[], allNodes: boolean) {
    this.#host = host;
    this.#scan = scan;
    this.#trail = trail;
    this.#allNodes = allNodes;
  }

  /** Encodes everything that `root` reaches. @throws UnserializableError */
  encode(root: unknown): { readonly table: Table; readonly stateful: boolean; readonly pure: boolean } {
    const slot = this.#slot(root, '');
    const types: number[] = [];
    for (let id = 0; id < this.#subjects.length; id += 1) {
      this.#at = id;
      this.#starts[id] = this.#records.length;
      this.#write(id, this.#subjects[id]);
      if (id === this.#subjects.length - 1 && types.length === 0 && this.#takesAnything())
        types.push(...this.#typeSlots());
    }
    for (const { id, members } of this.#namespaces.values()) {
      this.#starts[id] = this.#records.length;
      this.#records.push(Kind.namespace, members.size);
      for (const [key, value] of members) this.#records.push(this.#valueSlot(key), value);
    }
    const groups = this.#share();
    const stateful = statefulNodes(
      this.#functions,
      this.#edges,
      groups.flatMap(([, members]) => members),
    );
    for (const id of stateful) {
      const at = this.#starts[id] as number;
      if (this.#records[at] === Kind.function) this.#records[at + 3] = 1;
    }
    const order = creationOrder({
      functions: this.#functions,
      hard: this.#hard,
      deep: this.#deep,
      edges: this.#edges,
    });
    const table: Table = [
      slot,
      this.#values,
      this.#records,
      this.#starts,
      this.#shapes,
      order,
      this.#homes,
      types,
      groups,
      this.#patches,
    ];
    return { table, stateful: stateful.size > 0, pure: this.#isPure(slot) };
  }

  /** Finds variables that functions share, and takes them out of their records. */
  #share(): Group[] {
    if (this.#functions.size < 2) return [];
    const { shared, unclear } = sharedVariables(this.#functions);
    const [first] = unclear;
    if (first !== undefined) this.#unclear(first.name, first.users);
    for (const { name, users } of shared) {
      for (const id of users) {
        const { captured } = this.#functions.get(id) as FunctionNode;
        this.#records[(this.#starts[id] as number) + 6 + captured.code.header.free.indexOf(name)] = SHARED;
      }
    }
    return grouped(shared, this.#functions, (name, users) => this.#unclear(name, users));
  }

  #unclear(name: string, [one, other]: readonly number[]): never {
    const problem = `${name} is a variable that is written here and used by ${this.#trailTo(one as number).join(' -> ')}; whether it is one variable or two cannot be told`;
    throw new UnserializableError(
      this.#trailTo(other as number),
      problem,
      `Keep it in an object that both capture: const state = { ${name} }`,
    );
  }

  /** Functions go along that might make instances of registered types. */
  #takesAnything(): boolean {
    return hasTypes() && this.#functions.size > 0 && this.#host.mayCapture() && !this.#isPure(1);
  }

  #typeSlots(): number[] {
    this.#at = NONE;
    return registeredTypes().map((type) => this.#slot(type, `type ${type.name}`));
  }

  /** One function that takes nothing from outside. */
  #isPure(root: number): boolean {
    const only = this.#functions.get(0);
    return (
      root === 1 &&
      this.#subjects.length === 1 &&
      only?.slots.every((slot) => slot === NONE) === true &&
      this.#values.length === 0
    );
  }

  /** @param step how the value is reached from the node being written */
  #slot(value: unknown, step: Step): number {
    switch (typeof value) {
      case 'object':
        if (value === null) return this.#constant(null);
        break;
      case 'function':
      case 'symbol':
        break;
      case 'undefined':
      case 'boolean':
        return this.#constant(value);
      default:
        return this.#valueSlot(value);
    }
    const node = this.#nodes.get(value);
    if (node !== undefined) return this.#edge(node);
    if (typeof value === 'object' && !this.#mustBeNode(value)) {
      const known = this.#plain.get(value);
      if (known !== undefined) return known;
      if (this.#scan.isPlain(value)) {
        const slot = this.#valueSlot(value);
        this.#plain.set(value, slot);
        return slot;
      }
    }
    return this.#edge(this.#node(value, step));
  }

  /** In graphs too deep for v8's writer only what has nothing inside stays plain. */
  #mustBeNode(value: object): boolean {
    return this.#allNodes && !ArrayBuffer.isView(value) && !types.isAnyArrayBuffer(value) && !types.isDate(value);
  }

  #constant(value: unknown): number {
    let slot = this.#constants.get(value);
    if (slot === undefined) {
      slot = this.#valueSlot(value);
      this.#constants.set(value, slot);
    }
    return slot;
  }

  #valueSlot(value: unknown): number {
    return (this.#values.push(value) - 1) * 2;
  }

  #node(value: unknown, step: Step): number {
    const id = this.#subjects.push(value) - 1;
    this.#nodes.set(value, id);
    this.#parents.push(this.#at);
    this.#steps.push(step);
    this.#edges.push([]);
    return id;
  }

  #edge(node: number): number {
    if (this.#at !== NONE) this.#edges[this.#at]?.push(node);
    return node * 2 + 1;
  }

  #trailTo(id: number, ...more: readonly Step[]): readonly string[] {
    const steps: Step[] = [];
    for (let at = id; at !== NONE; at = this.#parents[at] as number) steps.unshift(this.#steps[at] as Step);
    const words = [...steps, ...more].map((step) => (typeof step === 'number' ? `[${step}]` : step));
    return [...this.#trail, ...words.filter((step) => step !== '')];
  }

  #fail(id: number, { problem, advice }: Refusal): never {
    throw new UnserializableError(this.#trailTo(id), problem, advice);
  }

  #write(id: number, value: unknown): void {
    if (typeof value === 'symbol') this.#symbol(value);
    else if (types.isProxy(value)) this.#proxy(id, value as object);
    else if (this.#host.isForeign(value as object)) this.#home(Kind.home, value as object);
    else if (typeof value === 'function') this.#function(id, value);
    else if (!this.#elsewhere(value as object) && !this.#custom(id, value as object)) this.#object(id, value as object);
  }

  #symbol(value: symbol): void {
    const known = WELL_KNOWN.get(value);
    const registered = Symbol.keyFor(value);
    if (known !== undefined) this.#records.push(Kind.symbol, 0, this.#valueSlot(known));
    else if (registered !== undefined) this.#records.push(Kind.symbol, 1, this.#valueSlot(registered));
    else if (this.#host.isForeign(value)) this.#home(Kind.home, value);
    else {
      const { session, id } = this.#host.homeOf(value);
      this.#records.push(Kind.symbol, 2, this.#valueSlot(value.description), this.#homeIndex(session), id);
    }
  }

  #home(kind: number, value: object | symbol): void {
    const { session, id } = this.#host.homeOf(value);
    this.#records.push(kind, this.#homeIndex(session), id);
  }

  #homeIndex(session: string): number {
    const at = this.#homes.indexOf(session);
    return at >= 0 ? at : this.#homes.push(session) - 1;
  }

  /** What the receiver has or loads: objects of the language, of Node, of packages. */
  #elsewhere(value: object): boolean {
    if (!this.#refreshed) {
      this.#refreshed = true;
      refreshBuiltins();
      refreshReferences();
    }
    const intrinsic = intrinsicPath(value);
    if (intrinsic !== undefined) {
      this.#records.push(Kind.intrinsic, this.#valueSlot(intrinsic));
      return true;
    }
    const builtin = builtinPath(value);
    if (builtin !== undefined) {
      this.#records.push(Kind.builtin, this.#valueSlot(builtin.specifier), builtin.path.length);
      for (const step of builtin.path) this.#records.push(this.#valueSlot(step));
      return true;
    }
    if (types.isModuleNamespaceObject(value)) indexImports();
    const reference = referenceOf(value);
    if (reference === undefined) return false;
    this.#reference(reference);
    this.#patch(value);
    return true;
  }

  /** Members that other modules added to a prototype of a package, as plugins do: the receiver's may lack them. */
  #patch(prototype: object): void {
    const owner: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
    if (typeof owner !== 'function' || !this.#host.mayCapture() || types.isProxy(prototype)) return;
    const home = this.#host.scriptOf(owner);
    for (const key of Reflect.ownKeys(prototype)) {
      const property = Object.getOwnPropertyDescriptor(prototype, key) as PropertyDescriptor;
      const member: unknown = property.value ?? property.get ?? property.set;
      if (key === 'constructor' || typeof member !== 'function' || this.#host.scriptOf(member) === home) continue;
      this.#patches.push(this.#edge(this.#at), ...this.#property(key, property));
    }
  }

  #reference({ module, path, local }: Reference): void {
    let at = this.modules.findIndex(
      (each) =>
        each === module ||
        (each.specifier === module.specifier && each.from === module.from && each.url === module.url),
    );
    if (at < 0) at = this.modules.push(module) - 1;
    this.#records.push(local === undefined ? Kind.reference : Kind.local, at, path.length);
    for (const step of path) this.#records.push(this.#valueSlot(step));
    if (local !== undefined) this.#records.push(this.#valueSlot(local));
  }

  #proxy(id: number, value: object): void {
    const { target, self } = this.#host.capture(value, () => this.#trailTo(id)) as CapturedFunction & { kind: 'bound' };
    if (target === null)
      this.#fail(id, { problem: 'a revoked Proxy cannot be sent', advice: 'Send a copy made before it was revoked' });
    const target_ = this.#slot(target, 'target of the Proxy');
    const handler = this.#slot(self, 'handler of the Proxy');
    this.#hard.set(id, [target_, handler]);
    this.#records.push(Kind.proxy, target_, handler);
  }

  #custom(id: number, value: object): boolean {
    if (!Array.isArray(value)) {
      const received = this.#host.receivedType(value);
      const type = received ?? typeFor(value);
      if (type !== undefined) {
        this.#records.push(Kind.typed, this.#valueSlot(type.name), NONE, NONE);
        const at = this.#records.length - 2;
        const registration = this.#host.mayCapture() ? this.#slot(type, `type ${type.name}`) : NONE;
        const data = this.#slot(type.encode(value), `data of ${type.name}`);
        this.#records[at] = registration;
        this.#records[at + 1] = data;
        this.#deep.set(id, [registration, data]);
        return true;
      }
    }
    const reduce: unknown = (value as { [REDUCE]?: unknown })[REDUCE];
    if (typeof reduce !== 'function') return false;
    const reduced: unknown = reduce.call(value);
    if (!Array.isArray(reduced) || typeof reduced[0] !== 'function') {
      this.#fail(id, {
        problem: "its [Symbol.for('jobloom.reduce')]() gave no function",
        advice: 'Return [make, ...args]: the receiver calls make(...args)',
      });
    }
    const slots = (reduced as unknown[]).map((each, at) =>
      this.#slot(each, at === 0 ? 'reduce' : `argument ${at} of reduce`),
    );
    this.#records.push(Kind.reduced, slots.length, ...slots);
    this.#deep.set(id, slots);
    return true;
  }

  #function(id: number, fn: object): void {
    if (this.#elsewhere(fn)) return;
    const result = this.#host.capture(fn, () => this.#trailTo(id));
    switch (result.kind) {
      case 'reference':
        this.#reference(result.reference);
        break;
      case 'bound': {
        const slots = [this.#slot(result.target, 'bound function'), this.#slot(result.self, 'bound this')];
        for (const [at, each] of result.args.entries()) slots.push(this.#slot(each, `bound argument ${at}`));
        this.#hard.set(id, slots);
        this.#records.push(Kind.bound, slots.length, ...slots);
        this.#tail(fn, new Set(['length', 'name']), Function.prototype);
        break;
      }
      case 'code':
        this.#code(id, fn, result.captured);
    }
  }

  #code(id: number, fn: object, captured: Captured): void {
    const { code, bindings, runsCode } = captured;
    const { free, form } = code.header;
    const slots = bindings.map((binding, at) => this.#binding(binding, free[at] as string));
    let codeId = this.codes.indexOf(code.hash);
    if (codeId < 0) codeId = this.codes.push(code.hash) - 1;
    const { session, id: home } = this.#host.homeOf(fn);
    this.#records.push(Kind.function, codeId, this.#homeIndex(session), 0, home, slots.length, ...slots);
    this.#functions.set(id, { fn, captured, slots });
    if (form === 'class') {
      const [parent] = slots;
      if (parent !== undefined && free[0] === '$jobloomParent') this.#hard.set(id, [parent]);
      if (runsCode) this.#deep.set(id, slots);
    }
    const prototype = this.#ownPrototype(id, fn, form === 'class');
    const skip = new Set<string | symbol>(['length', 'arguments', 'caller', ...(prototype ? ['prototype'] : [])]);
    if (Object.getOwnPropertyDescriptor(fn, 'name')?.value === code.header.name) skip.add('name');
    if (form === 'class') skipMembers(fn, sourceOf(fn), skip);
    this.#tail(fn, skip, form === 'class' ? undefined : defaultPrototype(fn));
  }

  /** A prototype that came with the function is made with it again; only what was changed on it travels. */
  #ownPrototype(id: number, fn: object, isClass: boolean): boolean {
    const property = Object.getOwnPropertyDescriptor(fn, 'prototype');
    const prototype: unknown = property?.value;
    if (typeof prototype !== 'object' || prototype === null) return property === undefined;
    const isGenerator =
      !Object.hasOwn(prototype, 'constructor') &&
      property?.writable === true &&
      /Generator/.test(String(Object.prototype.toString.call(fn)));
    if (!isGenerator && !isMadeBy(prototype, fn)) return false;
    const skip = new Set<string | symbol>(['constructor']);
    if (isClass) skipMembers(prototype, sourceOf(fn), skip);
    const isChanged = Reflect.ownKeys(prototype).some((key) => !skip.has(key)) || !Object.isExtensible(prototype);
    const isDerived = !isClass && !isGenerator && Object.getPrototypeOf(prototype) !== Object.prototype;
    if ((isChanged || isDerived) && !this.#nodes.has(prototype))
      this.#edges[id]?.push(this.#node(prototype, '.prototype'));
    return true;
  }

  #binding(binding: Binding, name: string): number {
    switch (binding.kind) {
      case 'own':
        return NONE;
      case 'value':
        if (binding.reference !== undefined) remember(binding.value, binding.reference);
        return this.#slot(binding.value, name === '$jobloomParent' ? 'extends' : name);
      case 'members':
        return this.#narrowed(binding.value, binding.members, name);
      case 'reference':
        return this.#edge(this.#referenceNode(binding.reference, name));
    }
  }

  #referenceNode(reference: Reference, name: string): number {
    const key = `${reference.module.specifier}\n${reference.module.from}\n${reference.path.join('\n')}\n\n${reference.local}`;
    return this.#nodes.get(key) ?? this.#nodeFor(key, reference, name);
  }

  #nodeFor(key: string, reference: Reference, name: string): number {
    const id = this.#node(new PendingReference(reference), name);
    this.#nodes.set(key, id);
    return id;
  }

  /** A namespace with the members that are used, and no others. */
  #narrowed(namespace: object, members: ReadonlySet<string>, name: string): number {
    let known = this.#namespaces.get(namespace);
    if (known === undefined) {
      known = { id: this.#node(new Narrowed(), name), members: new Map() };
      this.#namespaces.set(namespace, known);
    }
    const slot = this.#edge(known.id);
    for (const member of members) {
      if (known.members.has(member) || !(member in namespace)) continue;
      known.members.set(member, NONE);
      const value = this.#slot((namespace as Record<string, unknown>)[member], `${name}.${member}`);
      known.members.set(member, value);
      if (value % 2 !== 0) this.#edges[known.id]?.push((value - 1) / 2);
    }
    return slot;
  }

  #object(id: number, value: object): void {
    if (value instanceof PendingReference) return this.#reference(value.reference);
    if (value instanceof Narrowed) return undefined; // written at the end, when all members are known
    const refusal = refusalOf(value);
    if (refusal !== undefined) this.#fail(id, refusal);
    if (types.isModuleNamespaceObject(value)) return this.#wholeNamespace(value);
    if (Array.isArray(value)) return this.#array(value);
    if (types.isMap(value)) return this.#map(value);
    if (types.isSet(value)) return this.#set(value);
    if (types.isDate(value))
      return this.#simple(Kind.date, value, [Date.prototype.getTime.call(value)], Date.prototype);
    if (types.isRegExp(value))
      return this.#simple(Kind.regexp, value, [value.source, value.flags, value.lastIndex], RegExp.prototype, [
        'lastIndex',
      ]);
    if (types.isNativeError(value)) return this.#error(value);
    if (types.isBoxedPrimitive(value)) return this.#boxed(value);
    if (ArrayBuffer.isView(value)) return this.#view(id, value);
    if (types.isAnyArrayBuffer(value)) return this.#memory(id, value);
    if (value instanceof URL && Object.getPrototypeOf(value) === URL.prototype)
      return this.#simple(Kind.url, value, [value.href], URL.prototype, Reflect.ownKeys(value));
    if (value instanceof URLSearchParams && Object.getPrototypeOf(value) === URLSearchParams.prototype) {
      return this.#simple(
        Kind.searchParams,
        value,
        [value.toString()],
        URLSearchParams.prototype,
        Reflect.ownKeys(value),
      );
    }
    return this.#generic(id, value);
  }

  #wholeNamespace(value: object): void {
    const names = Object.getOwnPropertyNames(value);
    const slots = names.map(
      (name) => [this.#valueSlot(name), this.#slot((value as Record<string, unknown>)[name], `.${name}`)] as const,
    );
    this.#records.push(Kind.namespace, names.length, ...slots.flat());
  }

  #array(array: readonly unknown[]): void {
    const { length } = array;
    const own = Object.keys(array);
    if (length > 64 && own.length * 2 < length) {
      this.#records.push(Kind.sparseArray, length);
      this.#tail(array, new Set(['length']), Array.prototype);
      return;
    }
    const slots = new Array<number>(length);
    let isOdd = own.length > length;
    for (let at = 0; at < length; at += 1) {
      const property = Object.getOwnPropertyDescriptor(array, at);
      if (property !== undefined && !isOpen(property)) isOdd = true;
    }
    if (isOdd && !Object.isFrozen(array) && !Object.isSealed(array)) {
      this.#records.push(Kind.sparseArray, length);
      this.#tail(array, new Set(['length']), Array.prototype);
      return;
    }
    for (let at = 0; at < length; at += 1) slots[at] = Object.hasOwn(array, at) ? this.#slot(array[at], at) : NONE;
    this.#records.push(Kind.array, length);
    for (const slot of slots) this.#records.push(slot);
    this.#tail(array, new ElementKeys(length), Array.prototype);
  }

  #map(map: Map<unknown, unknown>): void {
    const slots: number[] = [];
    Map.prototype.forEach.call(map, (value, key) => {
      const word =
        typeof key === 'string'
          ? JSON.stringify(key)
          : typeof key === 'object' || typeof key === 'function'
            ? '…'
            : String(key);
      slots.push(this.#slot(key, 'key of the Map'), this.#slot(value, `.get(${word})`));
    });
    this.#records.push(Kind.map, slots.length / 2);
    for (const slot of slots) this.#records.push(slot);
    this.#tail(map, new Set(), Map.prototype);
  }

  #set(set: Set<unknown>): void {
    const slots: number[] = [];
    Set.prototype.forEach.call(set, (value) => void slots.push(this.#slot(value, 'member of the Set')));
    this.#records.push(Kind.set, slots.length);
    for (const slot of slots) this.#records.push(slot);
    this.#tail(set, new Set(), Set.prototype);
  }

  #simple(
    kind: number,
    value: object,
    parts: readonly unknown[],
    prototype: object,
    skip: readonly (string | symbol)[] = [],
  ): void {
    this.#records.push(kind, ...parts.map((part) => this.#valueSlot(part)));
    this.#tail(value, new Set(skip), prototype);
  }

  #error(error: Error): void {
    this.#records.push(Kind.error, this.#slot(error.stack, '.stack'));
    this.#tail(error, new Set(['stack']), Error.prototype);
  }

  #boxed(value: object): void {
    const primitive: unknown = (value as { valueOf(): unknown }).valueOf();
    const kept = typeof primitive === 'string' ? new ElementKeys(primitive.length) : new Set<string>();
    this.#records.push(Kind.boxed, this.#slot(primitive, 'value'));
    this.#tail(value, kept, Object.getPrototypeOf(Object(primitive)));
  }

  #view(id: number, view: ArrayBufferView): void {
    const code = viewCode(view);
    const length = (view as Uint8Array).length ?? view.byteLength;
    const base = makeView(code, view.buffer, view.byteOffset, length);
    if (!this.#scan.isPlain(base))
      this.#fail(id, { problem: 'a view of this memory cannot be sent', advice: 'Send a copy' });
    this.#records.push(Kind.view, this.#valueSlot(base));
    this.#tail(
      view,
      viewHasNoExtras(view) ? EVERY_KEY : new ElementKeys((view as Uint8Array).length ?? 0),
      Object.getPrototypeOf(base),
    );
  }

  #memory(id: number, memory: ArrayBufferLike): void {
    if ((memory as { resizable?: boolean }).resizable)
      this.#fail(id, { problem: 'a resizable ArrayBuffer cannot be sent', advice: 'Send a copy: buffer.slice()' });
    const whole = new Uint8Array(memory);
    if (!this.#scan.isPlain(whole)) this.#fail(id, { problem: 'this memory cannot be sent', advice: 'Send a copy' });
    this.#records.push(Kind.memory, this.#valueSlot(whole));
    this.#tail(memory, new Set(), Object.getPrototypeOf(memory));
  }

  #generic(id: number, value: object): void {
    const owner = prototypeOwner(value);
    if (owner !== undefined && !this.#host.mayCapture() && !this.#host.isForeign(owner) && isErrorClass(owner)) {
      this.#records.push(Kind.errorPrototype, this.#valueSlot((owner as { name: string }).name));
      return;
    }
    if (owner !== undefined) {
      this.#records.push(Kind.prototype, this.#slot(owner, '.constructor'));
      this.#hard.set(id, [this.#records.at(-1) as number]);
      if (this.#isElsewhere(owner, id)) {
        this.#records.push(NONE, Integrity.open, Properties.none);
        this.#patch(value);
        return;
      }
      const skip = new Set<string | symbol>(['constructor']);
      const isClass = /^class\b/.test(text.call(owner));
      if (isClass) skipMembers(value, sourceOf(owner), skip);
      this.#tail(value, skip, isClass ? undefined : Object.prototype);
      return;
    }
    this.#checkClass(id, value);
    this.#records.push(Kind.object);
    const prototype = this.#tail(value, NO_KEYS, Object.prototype);
    if (prototype >= 0 && prototype % 2 !== 0) this.#hard.set(id, [prototype]);
  }

  /** The receiver has this function, or loads it: nothing of it travels. */
  #isElsewhere(fn: object, id: number): boolean {
    if (
      this.#host.isForeign(fn) ||
      intrinsicPath(fn) !== undefined ||
      builtinPath(fn) !== undefined ||
      referenceOf(fn) !== undefined
    )
      return true;
    return this.#host.capture(fn, () => this.#trailTo(id, '.constructor')).kind === 'reference';
  }

  readonly #checked = new Set<object>();

  /** Looks up the chain of classes for state that is out of sight. */
  #checkClass(id: number, value: object): void {
    const checked: object[] = [];
    for (
      let at: unknown = Object.getPrototypeOf(value);
      at !== null && at !== Object.prototype;
      at = Object.getPrototypeOf(at as object)
    ) {
      if (this.#checked.has(at as object)) break;
      checked.push(at as object);
      const owner = prototypeOwner(at as object);
      if (owner === undefined) continue;
      const refusal = classRefusal(owner, value);
      if (refusal !== undefined) this.#fail(id, refusal);
      const [secret] = privateNamesOf(owner, (source) => this.#host.privateNames(source));
      if (secret !== undefined) this.#fail(id, privateRefusal((owner as { name: string }).name, secret));
    }
    for (const each of checked) this.#checked.add(each);
  }

  /** What every object has: prototype, own properties, whether it can change. Returns the prototype's slot. */
  #tail(value: object, skip: KeySet, usual: object | undefined): number {
    const prototype: object | null = Object.getPrototypeOf(value);
    const slot =
      usual === undefined || prototype === usual
        ? NONE
        : prototype === null
          ? NULL_PROTOTYPE
          : this.#slot(prototype, 'prototype');
    if (
      slot !== NONE &&
      slot !== NULL_PROTOTYPE &&
      slot % 2 !== 0 &&
      this.#records[this.#starts[this.#at] as number] !== Kind.prototype
    ) {
      const id = this.#at;
      this.#hard.set(id, [...(this.#hard.get(id) ?? []), slot]);
    }
    const integrity = integrityOf(value);
    this.#records.push(slot, integrity);
    this.#properties(value, skip, integrity === Integrity.frozen, integrity === Integrity.sealed);
    return slot;
  }

  #properties(value: object, skip: KeySet, frozen: boolean, sealed: boolean): void {
    if (skip === EVERY_KEY) {
      this.#records.push(Properties.none);
      return;
    }
    const keys: (string | symbol)[] = [];
    const properties: PropertyDescriptor[] = [];
    let simple = true;
    for (const key of Reflect.ownKeys(value)) {
      if (skip.has(key)) continue;
      const property = Object.getOwnPropertyDescriptor(value, key) as PropertyDescriptor;
      keys.push(key);
      properties.push(property);
      if (typeof key === 'symbol' || key.includes('\0') || !('value' in property) || property.enumerable !== true)
        simple = false;
      else if (property.writable === frozen || property.configurable === (frozen || sealed)) simple = false;
    }
    if (keys.length === 0) {
      this.#records.push(Properties.none);
    } else if (simple) {
      const slots = properties.map((property, at) => this.#slot(property.value, stepOf(keys[at] as string)));
      this.#records.push(Properties.simple, this.#shape(keys as string[]));
      for (const slot of slots) this.#records.push(slot);
    } else {
      const parts = properties.flatMap((property, at) => this.#property(keys[at] as string | symbol, property));
      this.#records.push(Properties.full, keys.length, ...parts);
    }
  }

  #property(key: string | symbol, property: PropertyDescriptor): number[] {
    const isAccessor = !('value' in property);
    const bits =
      (property.writable ? Attribute.writable : 0) |
      (property.enumerable ? Attribute.enumerable : 0) |
      (property.configurable ? Attribute.configurable : 0) |
      (isAccessor ? Attribute.accessor : 0);
    const step = stepOf(key);
    const keySlot = typeof key === 'symbol' ? this.#slot(key, 'a symbol') : this.#valueSlot(key);
    if (!isAccessor) return [keySlot, bits, this.#slot(property.value, step)];
    return [keySlot, bits, this.#slot(property.get, `getter ${step}`), this.#slot(property.set, `setter ${step}`)];
  }

  #shape(keys: string[]): number {
    const key = keys.join('\0');
    let id = this.#shapeIds.get(key);
    if (id === undefined) {
      id = this.#shapes.push(keys) - 1;
      this.#shapeIds.set(key, id);
    }
    return id;
  }
}

/** Joins functions that share any variable, however indirectly. */
function grouped(
  shared: readonly SharedVariable[],
  functions: ReadonlyMap<number, FunctionNode>,
  clash: (name: string, users: readonly number[]) => never,
): Group[] {
  const groups: { readonly variables: Map<string, number>; readonly members: Set<number> }[] = [];
  for (const { name, users } of shared) {
    const { captured, slots } = functions.get(users[0] as number) as FunctionNode;
    const slot = slots[captured.code.header.free.indexOf(name)] as number;
    const joined = { variables: new Map([[name, slot]]), members: new Set(users) };
    for (const group of groups.filter(({ members }) => users.some((id) => members.has(id)))) {
      for (const [each, value] of group.variables) {
        if (joined.variables.has(each)) clash(each, [...group.members, ...users]);
        joined.variables.set(each, value);
      }
      for (const id of group.members) joined.members.add(id);
      groups.splice(groups.indexOf(group), 1);
    }
    groups.push(joined);
  }
  return groups.map(({ variables, members }) => [[...variables], [...members]]);
}

class PendingReference {
  readonly reference: Reference;
  constructor(reference: Reference) {
    this.reference = reference;
  }
}

class Narrowed {}

interface KeySet {
  has(key: string | symbol): boolean;
}

const NO_KEYS: KeySet = { has: () => false };
const EVERY_KEY: KeySet = { has: () => true };

/** The keys of an array's elements, and its length. */
class ElementKeys implements KeySet {
  readonly #length: number;
  constructor(length: number) {
    this.#length = length;
  }
  has(key: string | symbol): boolean {
    if (key === 'length') return true;
    return typeof key === 'string' && /^(?:0|[1-9]\d*)$/.test(key) && Number(key) < this.#length;
  }
}

function stepOf(key: string | symbol): string {
  if (typeof key === 'symbol') return `[${String(key)}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function integrityOf(value: object): number {
  if (Object.isExtensible(value)) return Integrity.open;
  if (ArrayBuffer.isView(value)) return Integrity.closed;
  return Object.isFrozen(value) ? Integrity.frozen : Object.isSealed(value) ? Integrity.sealed : Integrity.closed;
}

function isOpen(property: PropertyDescriptor): boolean {
  return property.writable === true && property.enumerable === true && property.configurable === true;
}

function isMadeBy(prototype: object, fn: object): boolean {
  return Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value === fn;
}

/** The function whose `prototype` this object is. */
function prototypeOwner(value: object): object | undefined {
  const owner: unknown = Object.getOwnPropertyDescriptor(value, 'constructor')?.value;
  if (typeof owner !== 'function' || Object.getOwnPropertyDescriptor(owner, 'prototype')?.value !== value)
    return undefined;
  return owner;
}

function sourceOf(fn: object): string {
  return text.call(fn);
}

/** Methods and accessors that the class's own text defines are made with it again. */
function skipMembers(value: object, source: string, skip: Set<string | symbol>): void {
  for (const key of Reflect.ownKeys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    const member: unknown = property?.value ?? property?.get ?? property?.set;
    if (
      typeof member === 'function' &&
      property?.enumerable === false &&
      !types.isProxy(member) &&
      source.includes(text.call(member))
    )
      skip.add(key);
  }
}

const FUNCTION_PROTOTYPES: readonly object[] = [
  Function.prototype,
  Object.getPrototypeOf(async () => {}),
  Object.getPrototypeOf(function* () {}),
  Object.getPrototypeOf(async function* () {}),
];

/** The prototype that the syntax of a function gives it. */
function defaultPrototype(fn: object): object | undefined {
  const prototype: object | null = Object.getPrototypeOf(fn);
  return FUNCTION_PROTOTYPES.find((each) => each === prototype) ?? Function.prototype;
}
