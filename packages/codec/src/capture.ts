import type { Code } from './codes.ts';
import { UnserializableError } from './errors.ts';
import { sentPrint } from './fingerprint/origins.ts';
import { declaredPrint, printOf } from './fingerprint/print.ts';
import type { FreeVariable, FreeVariables, SyntaxNode } from './free-variables.ts';
import {
  codeOf,
  type FunctionSource,
  functionSource,
  IMPORT,
  META,
  PARENT,
  type Place,
  PRIVATE_STATIC,
  privateStatics,
  startOf,
} from './function-source.ts';
import { type FunctionInternals, inspector, type ScopeSnapshot } from './inspector.ts';
import { isByReference } from './packages.ts';
import { importOf, localOf, noteUser, type Reference } from './references.ts';
import { placedAt, type Script, scriptOf } from './scripts.ts';
import { isStandardGlobal } from './standard-globals.ts';

/** Names whose values the receiver makes: ours, and those that vitest's transformation uses for the same. */
const PROVIDED: ReadonlySet<string> = new Set([
  IMPORT,
  META,
  '__vite_ssr_dynamic_import__',
  '__vite_ssr_import_meta__',
]);

/** What a free name of a captured function stands for. */
export type Binding =
  /** `reference` is where the receiver can get it, if it has no better way. */
  | { readonly kind: 'value'; readonly value: unknown; readonly reference?: Reference }
  | { readonly kind: 'reference'; readonly reference: Reference; readonly value: object }
  /** Only these members of the value are used. */
  | { readonly kind: 'members'; readonly value: object; readonly members: ReadonlySet<string> }
  /** The receiver makes it: a global, `import()`, `require`. */
  | { readonly kind: 'own' };

/** A function as data. */
export interface Captured {
  readonly code: Code;
  /** By position in `code.header.free`. */
  readonly bindings: readonly Binding[];
  readonly runsCode: boolean;
  /** Undefined where variables were declared instead of looked up. */
  readonly script: Script | undefined;
  /** Where the function stands in its script, as `placedAt` wants it. */
  readonly place: Place;
  readonly scopes: readonly ScopeSnapshot[];
}

type Trail = () => readonly string[];

const OWN: Binding = { kind: 'own' };
const NOWHERE: Place = { line: 0, column: 0 };
const toText = Function.prototype.toString;

/**
 * A function of the user's as data: its code, and the values of the variables that it uses.
 * @param trail leads to the function, for errors
 * @throws UnserializableError
 */
export function capture(fn: object, internals: FunctionInternals, trail: Trail): Captured {
  const { location, scopes = [] } = internals as Required<FunctionInternals>;
  const script = scriptOf(location.scriptId);
  noteUser(script, scopes);
  const { text, source, place } = sourceIn(script, fn, internals, trail);
  const hasNoThis = source.free.outer.has('this') && script.isModule && placedAt(script, place)?.thisIsModules === true;
  refuse(source.free, hasNoThis, trail);
  const statics = privateStatics(source).length > 0 ? inspector().privateValues(fn) : new Map<string, unknown>();
  const bindings = source.names.map((name): Binding => {
    if (name === PARENT) return { kind: 'value', value: Object.getPrototypeOf(fn) };
    if (name.startsWith(PRIVATE_STATIC))
      return { kind: 'value', value: statics.get(name.slice(PRIVATE_STATIC.length)) };
    return bind(name, source.free.variables.get(name) as FreeVariable, scopes, script, trail);
  });
  const gone = source.names.find((name, at) => bindings[at] === OWN && source.keyNames.has(name) && isNowhere(name));
  if (gone !== undefined) {
    const problem = `the name of a member is computed from ${gone}, a variable that V8 let go when the class was made`;
    throw new UnserializableError(trail(), problem, `Write the name out, or use ${gone} in one of the methods too`);
  }
  const print = sentPrint(fn, source.names) ?? printOf(text, source, script, place, scopes);
  const code = codeOf(source, nameOf(fn), script.url, startOf(text, source.anchor, location), print);
  return { code, bindings, runsCode: source.runsCode, script, place, scopes };
}

/** The source of a function as it stands in its script, and where. @throws UnserializableError when it cannot be parsed */
export function sourceIn(
  script: Script,
  fn: object,
  internals: FunctionInternals,
  trail: Trail,
): { readonly text: string; readonly source: FunctionSource; readonly place: Place } {
  const { location, scopes = [] } = internals as Required<FunctionInternals>;
  const text = toText.call(fn);
  const placeOf = ({ parsed, anchor }: FunctionSource): Place =>
    parsed.form === 'member' ? location : startOf(text, anchor, location);
  const strict = isStrict(fn, script, scopes);
  let source = read(text, strict ?? false, false, trail);
  if (strict === undefined && placedAt(script, placeOf(source))?.strict) source = read(text, true, false, trail);
  const place = placeOf(source);
  const { node } = source.parsed;
  const own = node.type === 'FunctionExpression' ? (node.id as SyntaxNode | null)?.name : undefined;
  if (typeof own === 'string' && isReassigned(fn, own, scopes)) {
    // a declared function whose name has been given to something else
    if (placedAt(script, place)?.node.type === 'FunctionDeclaration') source = read(text, source.strict, true, trail);
  }
  return { text, source, place };
}

/**
 * A function whose variables are declared instead of looked up: for hosts without an inspector.
 * @param environment undefined for a function that declared none
 * @throws UnserializableError that names what is not declared
 */
export function captureDeclared(
  fn: object,
  environment: Readonly<Record<string, unknown>> | undefined,
  trail: Trail,
): Captured {
  const text = toText.call(fn);
  const source = read(text, !Object.hasOwn(fn, 'caller'), false, trail);
  refuse(source.free, false, trail);
  const declared = environment ?? {};
  const missing = source.names.filter(
    (name) => name !== PARENT && !PROVIDED.has(name) && !isStandardGlobal(name) && !Object.hasOwn(declared, name),
  );
  if (missing.length > 0) {
    const names = missing.map((name) => name.replace(PRIVATE_STATIC, '#')).join(', ');
    const why =
      environment === undefined ? 'this process has no inspector to read variables with' : 'its environment lacks them';
    throw new UnserializableError(
      trail(),
      `it uses ${names}, but ${why}`,
      `Declare them: withEnvironment(fn, { ${names} })`,
    );
  }
  const bindings = source.names.map((name): Binding => {
    if (name === PARENT) return { kind: 'value', value: Object.getPrototypeOf(fn) };
    return Object.hasOwn(declared, name) ? { kind: 'value', value: declared[name] } : OWN;
  });
  const print =
    sentPrint(fn, source.names) ??
    declaredPrint(text, source, (name) => name === PARENT || Object.hasOwn(declared, name));
  const code = codeOf(source, nameOf(fn), '', NOWHERE, print);
  return { code, bindings, runsCode: source.runsCode, script: undefined, place: NOWHERE, scopes: [] };
}

function read(text: string, strict: boolean, unnamed: boolean, trail: Trail): FunctionSource {
  try {
    return functionSource(text, strict, unnamed);
  } catch (cause) {
    if (/new\.target only allowed/.test((cause as Error).message))
      throw new UnserializableError(trail(), ...REFUSED['new.target']);
    throw new UnserializableError(
      trail(),
      `its source cannot be parsed on its own (${(cause as Error).message})`,
      'Pass what it takes from around it as arguments, or capture the whole class',
      { cause },
    );
  }
}

function isNowhere(name: string): boolean {
  return !PROVIDED.has(name) && !isStandardGlobal(name) && !Object.hasOwn(globalThis, name);
}

/** Whether the variable of a function's own name holds something else. */
function isReassigned(fn: object, name: string, scopes: readonly ScopeSnapshot[]): boolean {
  const scope = scopes.find(({ description, object }) => description !== 'Global' && Object.hasOwn(object, name));
  return scope !== undefined && scope.object[name] !== fn;
}

/** The name of a function; classes may have a static member in its place. */
function nameOf(fn: object): string {
  const property = Object.getOwnPropertyDescriptor(fn, 'name');
  return typeof property?.value === 'string' ? property.value : '';
}

const BLANK = /\s+|\/\/.*|\/\*[\s\S]*?\*\/|#!.*/y;
const DIRECTIVE = /['"]use strict['"]|\(function\([^)]*\)\{"use strict";/y;

/** Step by step over what comes before: one expression for all of it takes for ever on long comments. */
function startsStrict(text: string): boolean {
  let at = 0;
  for (BLANK.lastIndex = 0; BLANK.test(text); ) at = BLANK.lastIndex;
  DIRECTIVE.lastIndex = at;
  return DIRECTIVE.test(text);
}

/** Undefined where only the script's syntax tells. */
function isStrict(fn: object, script: Script, scopes: readonly ScopeSnapshot[]): boolean | undefined {
  if (script.isModule || scopes.some(({ description }) => description === 'Module')) return true;
  if (Object.hasOwn(fn, 'caller')) return false; // sloppy functions have it as their own
  const text = script.text();
  if (startsStrict(text)) return true;
  return /["']use strict["']|\bclass\b/.test(text) ? undefined : false;
}

const REFUSED = {
  this: [
    'an arrow function that uses `this` of the method around it',
    'Put what it needs of `this` into variables first, or bind a function',
  ],
  super: ['a function that uses `super` apart from its class', 'Capture the class or an instance of it'],
  arguments: ['an arrow function that uses `arguments` of the function around it', 'Use rest parameters: (...args)'],
  'new.target': ['an arrow function that uses `new.target` of the function around it', 'Put it into a variable first'],
} as const;

function refuse({ evals, outer, privateNames }: FreeVariables, hasNoThis: boolean, trail: Trail): void {
  if (evals) {
    const advice = 'Use (0, eval)(code), which sees globals only, or new Function';
    throw new UnserializableError(trail(), 'it calls eval directly, which could use any variable', advice);
  }
  for (const thing of outer) {
    if (thing === 'this' && hasNoThis) continue;
    const [problem, advice] = REFUSED[thing];
    throw new UnserializableError(trail(), problem, advice);
  }
  for (const name of privateNames) {
    const problem = `it uses the private name ${name} of a class that it is not part of`;
    throw new UnserializableError(trail(), problem, 'Capture the class or an instance of it');
  }
}

function bind(
  name: string,
  use: FreeVariable,
  scopes: readonly ScopeSnapshot[],
  script: Script,
  trail: Trail,
): Binding {
  if (PROVIDED.has(name)) return OWN;
  const scope = scopes.find(({ description, object }) => description !== 'Global' && Object.hasOwn(object, name));
  if (scope === undefined) {
    const isUsers = !isStandardGlobal(name) && Object.hasOwn(globalThis, name);
    return isUsers ? { kind: 'value', value: (globalThis as Record<string, unknown>)[name] } : OWN;
  }
  const value = valueIn(scope.object, name, trail);
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return { kind: 'value', value };
  if (isRequire(name, value)) return OWN;
  const reference = scope.description === 'Module' ? importOf(name, script) : undefined;
  if (reference !== undefined) return { kind: 'reference', reference, value };
  const local = !use.written && isByReference(script.url) ? localOf(name, value, script, scopes) : undefined;
  if (local !== undefined) return { kind: 'value', value, reference: local };
  if (use.members === undefined || use.written || !isNamespace(value)) return { kind: 'value', value };
  return { kind: 'members', value, members: use.members };
}

function valueIn(scope: Readonly<Record<string, unknown>>, name: string, trail: Trail): unknown {
  try {
    return scope[name];
  } catch (cause) {
    const problem = 'it is used before its declaration ran';
    throw new UnserializableError([...trail(), name], problem, 'Declare it above the call', { cause });
  }
}

/** The `require` of a CommonJS module: the receiver makes one for the same file. */
function isRequire(name: string, value: object): boolean {
  return (
    name === 'require' &&
    typeof value === 'function' &&
    Object.hasOwn(value, 'resolve') &&
    Object.hasOwn(value, 'cache')
  );
}

/** Module namespaces, and the objects that compilers and vitest put in their place. */
function isNamespace(value: object): boolean {
  if (Object.hasOwn(value, '__esModule')) return true;
  return Object.getOwnPropertyDescriptor(value, Symbol.toStringTag)?.value === 'Module';
}
