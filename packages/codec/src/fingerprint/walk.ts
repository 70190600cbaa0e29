import { types } from 'node:util';
import { refreshBuiltins } from '../builtins.ts';
import { environmentOf } from '../environment.ts';
import { JobloomError } from '../errors.ts';
import { type FunctionInternals, hasInspector, inspector } from '../inspector.ts';
import { isNative } from '../intrinsics.ts';
import { isByReference } from '../packages.ts';
import { exportOf, refreshReferences } from '../references.ts';
import { scriptOf } from '../scripts.ts';
import { counted } from '../stands-for.ts';
import { sha256, type Thing } from './graph.ts';
import { isKnown, type Look, lookAt, type Variable } from './look.ts';
import { membersOf } from './members.ts';
import { isNamespace } from './nature.ts';
import { functionsIn } from './objects.ts';
import { originOf } from './origins.ts';
import { packageName } from './package-name.ts';
import { packageOfInstance } from './package-of.ts';
import { constantThing, elsewhereThing, hasFunctions, leaf, packageThing } from './things.ts';

/** How a walk is to look at things. */
export interface WalkOptions {
  /** Names to leave out. */
  readonly untracked: readonly string[];
  /** Gives the hash of a captured value; absent where values don't count. */
  readonly valueHash?: ((value: unknown) => string) | undefined;
}

type Way = readonly string[];

/** Something to look at later: nearest things first, so that their names are the short ones. */
interface Pending {
  readonly fn: object;
  readonly thing: Thing;
  readonly way: Way;
  readonly look: Look;
}

/** Finds the things that running a function could use. */
export class Walk {
  readonly untracked: Set<string> = new Set<string>();
  readonly #options: WalkOptions;
  readonly #things = new Map<object, Thing>();
  readonly #pending: Pending[] = [];

  get #withValues(): boolean {
    return this.#options.valueHash !== undefined;
  }

  constructor(options: WalkOptions) {
    this.#options = options;
  }

  /** The thing that a function is, with all that it uses. */
  run(fn: object): Thing {
    refreshBuiltins();
    refreshReferences();
    const root = this.#function(fn, []) ?? leaf('builtin', nameOf(fn), `unseen ${nameOf(fn)}`);
    for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) this.#look(next);
    return root;
  }

  /** Undefined for functions that nothing tells of. */
  #function(outer: object, way: Way): Thing | undefined {
    const fn = counted(outer);
    const known = this.#things.get(fn);
    if (known !== undefined) return known;
    const elsewhere = elsewhereThing(fn);
    if (elsewhere !== undefined) return elsewhere;
    const made = this.#made(fn, way);
    return made;
  }

  #made(fn: object, way: Way): Thing | undefined {
    const origin = originOf(fn);
    if (types.isProxy(fn)) {
      if (origin?.kind === 'proxy') return this.#proxy(fn, origin.target, origin.handler, way);
      if (!hasInspector()) return this.#unseen(way, fn);
      const { target, handler } = inspector().proxy(fn);
      return this.#proxy(fn, target, handler, way);
    }
    if (origin?.kind === 'bound') return this.#bound(fn, origin, way);
    if (origin !== undefined || environmentOf(fn) !== undefined || isKnown(fn, this.#withValues))
      return this.#code(fn, way);
    if (!hasInspector()) return isNative(fn) ? this.#unseen(way, fn) : this.#code(fn, way);
    const internals = inspector().internals(fn);
    if (internals.bound !== undefined) return this.#bound(fn, internals.bound, way);
    if (internals.location === undefined) return this.#unseen(way, fn);
    const script = scriptOf(internals.location.scriptId);
    if (script.url.startsWith('node:')) return this.#unseen(way, fn);
    const reference = isByReference(script.url) ? exportOf(fn, internals, script) : undefined;
    return reference === undefined ? this.#code(fn, way, internals) : packageThing(packageName(reference));
  }

  #code(fn: object, way: Way, internals?: FunctionInternals): Thing {
    const look = lookAt(fn, internals, this.#withValues);
    const thing: Thing = {
      kind: 'function',
      name: nameOf(fn) || way.at(-1) || 'anonymous',
      ...(look.url !== '' && { file: look.url }),
      id: look.id,
      edges: new Map(),
    };
    this.#things.set(fn, thing);
    this.#pending.push({ fn, thing, way, look });
    return thing;
  }

  #look({ fn, thing, way, look }: Pending): void {
    for (const what of look.unseen) this.#note([...way, what]);
    if (look.package !== undefined) this.#edge(thing, 'package', packageThing(look.package));
    for (const variable of look.variables) this.#variable(thing, fn, variable, way);
    this.#members(thing, fn, look.isClass, way);
  }

  #variable(thing: Thing, fn: object, variable: Variable, way: Way): void {
    const { name, label, letter, from, value, members } = variable;
    if (letter === '-') return;
    const here = [...way, name];
    if (this.#isLeftOut(here, fn)) {
      this.#note(here);
      return;
    }
    if (letter === 'p') this.#edge(thing, label, packageThing(from ?? name));
    else if (variable.isUnseen || letter === 'r') this.#value(thing, label, here, variable);
    else if (typeof value === 'function') this.#callable(thing, label, value, here);
    else if (typeof value !== 'object' || value === null) {
      if (letter === 'c') this.#edge(thing, label, constantThing(name, value));
      else this.#value(thing, label, here, variable);
    } else if (members !== undefined && (variable.memberLetters !== undefined || isNamespace(value))) {
      for (const member of members) this.#namespaceMember(thing, `${label}.${member}`, variable, value, member, here);
    } else this.#object(thing, label, value, here, members);
  }

  /** What a variable holds that doesn't count by itself. */
  #value(thing: Thing, label: string, way: Way, { isUnseen, value }: { isUnseen?: boolean; value: unknown }): void {
    const { valueHash } = this.#options;
    if (valueHash !== undefined && !isUnseen) {
      const hash = hashOrNot(value, valueHash);
      if (hash !== undefined) {
        this.#edge(thing, `value ${label}`, leaf('value', way.at(-1) as string, `value ${hash}`));
        return;
      }
    }
    this.#note(way);
  }

  #namespaceMember(
    thing: Thing,
    label: string,
    { memberLetters }: Variable,
    from: object,
    name: string,
    way: Way,
  ): void {
    const here = [...way, name];
    const letter = memberLetters?.get(name) ?? 'f';
    let value: unknown;
    try {
      value = (from as Record<string, unknown>)[name];
    } catch {
      this.#note(here); // not initialised yet
      return;
    }
    if (this.#isLeftOut(here)) this.#note(here);
    else if (letter === 'r') this.#value(thing, label, here, { value });
    else if (typeof value === 'function') this.#callable(thing, label, value, here);
    else if (typeof value === 'object' && value !== null) this.#object(thing, label, value, here, undefined);
    else if (letter === 'c') this.#edge(thing, label, constantThing(name, value));
    else this.#value(thing, label, here, { value });
  }

  #callable(thing: Thing, label: string, fn: object, way: Way): void {
    const found = this.#function(fn, way);
    if (found !== undefined) this.#edge(thing, label, found);
  }

  /** The functions that an object leads to. What else it holds is data. */
  #object(thing: Thing, label: string, object: object, way: Way, members: ReadonlySet<string> | undefined): void {
    const elsewhere = types.isProxy(object) ? undefined : elsewhereThing(object);
    if (elsewhere !== undefined && hasFunctions(object)) {
      this.#edge(thing, label, elsewhere);
      return;
    }
    const whose = packageOfInstance(object);
    if (whose !== undefined) {
      this.#edge(thing, label, packageThing(whose)); // what it holds is the package's to know
      this.#value(thing, label, way, { value: object });
      return;
    }
    const { functions, data } = functionsIn(object, members);
    for (const [steps, fn] of functions) {
      const here = [...way, ...steps];
      if (this.#isLeftOut(here)) this.#note(here);
      else this.#callable(thing, [label, ...steps].join('.'), fn, here);
    }
    if (data.length === 0) return;
    if (this.#options.valueHash === undefined) for (const steps of data) this.#note([...way, ...steps]);
    else this.#value(thing, label, way, { value: object });
  }

  /** What a function or class has as properties, and its parents, as far as its text doesn't give them. */
  #members(thing: Thing, fn: object, isClass: boolean, way: Way): void {
    for (const { label, step, value } of membersOf(fn, isClass)) this.#member(thing, label, value, [...way, step]);
  }

  #member(thing: Thing, label: string, value: unknown, way: Way): void {
    if (value === undefined) return;
    if (this.#isLeftOut(way)) this.#note(way);
    else if (typeof value === 'function') this.#callable(thing, label, value, way);
    else if (isObject(value)) this.#object(thing, label, value, way, undefined);
    else this.#value(thing, label, way, { value });
  }

  #bound(
    fn: object,
    { target, self, args }: { target: unknown; self: unknown; args: readonly unknown[] },
    way: Way,
  ): Thing {
    const thing: Thing = {
      kind: 'function',
      name: nameOf(fn) || 'bound',
      id: sha256(`bound ${args.length}`),
      edges: new Map(),
    };
    this.#things.set(fn, thing);
    this.#callable(thing, 'target', target as object, way);
    for (const [at, value] of [self, ...args].entries()) {
      const label = at === 0 ? 'this' : `argument ${at}`;
      const here = [...way, `bound ${label}`];
      if (typeof value === 'function') this.#callable(thing, label, value, here);
      else if (isObject(value)) this.#object(thing, label, value, here, undefined);
      else this.#edge(thing, label, constantThing(label, value));
    }
    return thing;
  }

  #proxy(fn: object, target: unknown, handler: unknown, way: Way): Thing {
    const thing: Thing = { kind: 'function', name: way.at(-1) ?? 'proxy', id: sha256('proxy'), edges: new Map() };
    this.#things.set(fn, thing);
    if (typeof target === 'function') this.#callable(thing, 'target', target, way);
    if (isObject(handler)) this.#object(thing, 'handler', handler, [...way, 'handler'], undefined);
    return thing;
  }

  #unseen(way: Way, fn: object): undefined {
    this.#note(way.length > 0 ? way : [nameOf(fn) || 'anonymous']);
    return undefined;
  }

  #edge(thing: Thing, label: string, target: Thing): void {
    thing.edges.set(label, target);
  }

  #note(way: Way): void {
    this.untracked.add(way.join('.'));
  }

  #isLeftOut(way: Way, user?: object): boolean {
    if (this.#options.untracked.length === 0) return false;
    const text = way.join('.');
    const names = [text, user === undefined ? text : `${nameOf(user)}.${way.at(-1)}`];
    return this.#options.untracked.some((each) => names.some((name) => name === each || name.endsWith(`.${each}`)));
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function hashOrNot(value: unknown, valueHash: (value: unknown) => string): string | undefined {
  try {
    return valueHash(value);
  } catch (error) {
    if (error instanceof JobloomError) return undefined; // a value that has no hash
    throw error;
  }
}

/** The name of a function; classes may have a static member in its place. */
function nameOf(fn: object): string {
  if (types.isProxy(fn)) return '';
  const value: unknown = Object.getOwnPropertyDescriptor(fn, 'name')?.value;
  return typeof value === 'string' ? value : '';
}
