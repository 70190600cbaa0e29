import { type Code, makeCode } from './codes.ts';
import { UnserializableError } from './errors.ts';
import { type FreeVariable, type FreeVariables, freeVariables, type SyntaxNode } from './free-variables.ts';
import type { FunctionInternals, ScopeSnapshot } from './inspector.ts';
import { isStandardGlobal } from './intrinsics.ts';
import { isByReference } from './packages.ts';
import { importOf, localOf, noteUser, type Reference } from './references.ts';
import { placedAt, type Script, scriptOf } from './scripts.ts';
import { type ParsedFunction, parseFunction } from './source.ts';

/** Names that the codec gives to what has none: an `extends` clause, `import()`, `import.meta`. */
export const PARENT = '$jobloomParent';
export const IMPORT = '$jobloomImport';
export const META = '$jobloomMeta';

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
  | { readonly kind: 'reference'; readonly reference: Reference }
  /** Only these members of the value are used. */
  | { readonly kind: 'members'; readonly value: object; readonly members: ReadonlySet<string> }
  /** The receiver makes it: a global, `import()`, `require`. */
  | { readonly kind: 'own' };

/** A function as data. */
export interface Captured {
  readonly code: Code;
  /** By position in `code.header.free`. */
  readonly bindings: readonly Binding[];
  /** A class whose member names are computed: its definition runs code over what it captured. */
  readonly runsCode: boolean;
  /** Undefined where variables were declared instead of looked up. */
  readonly script: Script | undefined;
  /** Where the function stands in its script, as `placedAt` wants it. */
  readonly place: Place;
  readonly scopes: readonly ScopeSnapshot[];
}

interface Place {
  readonly line: number;
  readonly column: number;
}

interface Source {
  readonly parsed: ParsedFunction;
  readonly strict: boolean;
  /** Text with what the receiver replaces or must not run again taken out. */
  readonly text: string;
  readonly free: FreeVariables;
  /** Offset in the text that V8 reports as the function's location. */
  readonly anchor: number;
  readonly hasParent: boolean;
  readonly runsCode: boolean;
  readonly codes: Map<string, Code>;
}

const sources = new Map<string, Source>();
const toText = Function.prototype.toString;
const OWN: Binding = { kind: 'own' };

/** Text of a function, as it was written. */
export function sourceText(fn: object): string {
  return toText.call(fn);
}

/**
 * A function of the user's as data: its code, and the values of the variables that it uses.
 * @param trail leads to the function, for errors
 * @throws UnserializableError
 */
export function capture(fn: object, internals: FunctionInternals, trail: () => readonly string[]): Captured {
  const { location, scopes = [] } = internals as Required<FunctionInternals>;
  const script = scriptOf(location.scriptId);
  const text = sourceText(fn);
  noteUser(script, scopes);
  const placeOf = ({ parsed, anchor }: Source): Place =>
    parsed.form === 'member' ? location : startOf(text, anchor, location);
  let source = sourceOf(text, isStrict(fn, script, scopes) ?? false, false, trail);
  if (isStrict(fn, script, scopes) === undefined && placedAt(script, placeOf(source))?.strict)
    source = sourceOf(text, true, false, trail);
  const place = placeOf(source);
  const own =
    source.parsed.node.type === 'FunctionExpression' ? (source.parsed.node.id as SyntaxNode | null)?.name : undefined;
  if (
    typeof own === 'string' &&
    isReassigned(fn, own, scopes) &&
    placedAt(script, place)?.node.type === 'FunctionDeclaration'
  ) {
    source = sourceOf(text, source.strict, true, trail); // its name is a variable that means something else by now
  }
  const { free } = source;
  const thisIsUndefined = free.outer.has('this') && script.isModule && placedAt(script, place)?.thisIsModules === true;
  refuse(free, thisIsUndefined, trail);
  const names = namesOf(source);
  const bindings = names.map((name) => {
    if (name === PARENT) return { kind: 'value', value: Object.getPrototypeOf(fn) } as const;
    return bind(name, free.variables.get(name) as FreeVariable, scopes, script, trail);
  });
  const code = codeOf(source, nameOf(fn), script.url, startOf(text, source.anchor, location), names);
  return { code, bindings, runsCode: source.runsCode, script, place, scopes };
}

/**
 * A function whose variables are declared instead of looked up: for hosts without an inspector.
 * @param env undefined for a function that declared none
 */
export function captureDeclared(
  fn: object,
  env: Readonly<Record<string, unknown>> | undefined,
  trail: () => readonly string[],
): Captured {
  const source = sourceOf(sourceText(fn), !Object.hasOwn(fn, 'caller'), false, trail);
  refuse(source.free, false, trail);
  const names = namesOf(source);
  const missing = names.filter(
    (name) =>
      !(
        name === PARENT ||
        PROVIDED.has(name) ||
        isStandardGlobal(name) ||
        (env !== undefined && Object.hasOwn(env, name))
      ),
  );
  if (missing.length > 0) {
    const why =
      env === undefined ? 'this process has no inspector to read variables with' : 'its environment lacks them';
    throw new UnserializableError(
      trail(),
      `it uses ${missing.join(', ')}, but ${why}`,
      `Declare them: withEnvironment(fn, { ${missing.join(', ')} })`,
    );
  }
  const bindings = names.map((name): Binding => {
    if (name === PARENT) return { kind: 'value', value: Object.getPrototypeOf(fn) };
    return env !== undefined && Object.hasOwn(env, name) ? { kind: 'value', value: env[name] } : OWN;
  });
  const code = codeOf(source, nameOf(fn), '', { line: 0, column: 0 }, names);
  return { code, bindings, runsCode: source.runsCode, script: undefined, place: { line: 0, column: 0 }, scopes: [] };
}

function namesOf({ free, hasParent }: Source): string[] {
  return [...(hasParent ? [PARENT] : []), ...free.variables.keys()];
}

function codeOf(
  { codes, free, parsed, strict, text }: Source,
  name: string,
  url: string,
  start: Place,
  names: readonly string[],
): Code {
  const key = `${name}\n${url}:${start.line}:${start.column}`;
  let code = codes.get(key);
  if (code === undefined) {
    const writes = names.flatMap((each, at) => (free.variables.get(each)?.written ? [at] : []));
    code = makeCode({ v: 1, form: parsed.form, strict, name, url, ...start, free: names, writes }, text);
    codes.set(key, code);
  }
  return code;
}

function sourceOf(text: string, strict: boolean, unnamed: boolean, trail: () => readonly string[]): Source {
  const key = `${strict ? 1 : 0}${unnamed ? 1 : 0}${text}`;
  let source = sources.get(key);
  if (source === undefined) {
    try {
      source = readSource(text, strict, unnamed);
    } catch (cause) {
      const what = `its source cannot be parsed on its own (${(cause as Error).message})`;
      throw new UnserializableError(
        trail(),
        what,
        'Pass what it takes from around it as arguments, or capture the whole class',
        { cause },
      );
    }
    sources.set(key, source);
  }
  return source;
}

/** Whether the variable of a function's own name holds something else. */
function isReassigned(fn: object, name: string, scopes: readonly ScopeSnapshot[]): boolean {
  for (const { description, object } of scopes) {
    if (description === 'Global') return false;
    if (Object.hasOwn(object, name)) return object[name] !== fn;
  }
  return false;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function readSource(text: string, strict: boolean, unnamed: boolean): Source {
  const parsed = parseFunction(text, strict);
  const { node, form, offset } = parsed;
  const edits = form === 'class' ? classEdits(node, text, offset) : form === 'member' ? memberEdits(node, offset) : [];
  if (unnamed) {
    const { start, end } = node.id as SyntaxNode;
    edits.push({ start: start + offset, end: end + offset, text: ' '.repeat(end - start) });
  }
  const plain = edits.length === 0 ? parsed : parseFunction(edited(text, edits), strict);
  const first = freeVariables(plain.node, strict);
  const all = [...edits, ...importEdits(first.imports, plain.offset, edits)];
  const done = edited(text, all);
  const again = all.length === edits.length ? plain : parseFunction(done, strict);
  const free = all.length === edits.length ? first : freeVariables(again.node, strict);
  return {
    parsed,
    strict,
    text: done,
    free: withoutParent(free),
    anchor: anchorOf(node, text, form, offset),
    hasParent: edits.some((edit) => edit.text.trim() === PARENT),
    runsCode: form === 'class' && runsCode(node),
    codes: new Map(),
  };
}

function withoutParent(free: FreeVariables): FreeVariables {
  if (!free.variables.has(PARENT)) return free;
  const variables = new Map(free.variables);
  variables.delete(PARENT);
  return { ...free, variables };
}

/** Static parts would run again at the receiver, which gets their values instead. The parent class is given to it, too. */
function classEdits(node: SyntaxNode, text: string, offset: number): Edit[] {
  const edits: Edit[] = [];
  const parent = node.superClass as SyntaxNode | null;
  if (parent && !(parent.type === 'Literal' && parent.value === null)) {
    edits.push({ start: parent.start + offset, end: parent.end + offset, text: ` ${PARENT} ` });
  }
  for (const member of (node.body as SyntaxNode).body as SyntaxNode[]) {
    const isPrivate = /Private/.test((member.key as SyntaxNode | undefined)?.type ?? '');
    if (member.type === 'StaticBlock' || (member.type === 'PropertyDefinition' && member.static && !isPrivate)) {
      const start = member.start + offset;
      const end = member.end + offset;
      edits.push({
        start,
        end,
        text: `${text
          .slice(start, end)
          .replace(/[^\n\r]/g, ' ')
          .slice(0, -1)};`,
      });
    }
  }
  return edits;
}

/** A computed name was computed already: only what is under it travels. */
function memberEdits(node: SyntaxNode, offset: number): Edit[] {
  if (!node.computed) return [];
  const key = node.key as SyntaxNode;
  return [{ start: key.start + offset, end: key.end + offset, text: "'computed'" }];
}

function importEdits(imports: readonly SyntaxNode[], offset: number, before: readonly Edit[]): Edit[] {
  if (imports.length === 0) return [];
  if (before.length > 0) throw new SyntaxError('import() or import.meta inside a class with static members');
  return imports.map(({ type, start, end }) => {
    if (type === 'MetaProperty') return { start: start + offset, end: end + offset, text: META };
    return { start: start + offset, end: start + offset + 'import'.length, text: IMPORT };
  });
}

function edited(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

/** Whether defining the class evaluates expressions over captured values. */
function runsCode(node: SyntaxNode): boolean {
  return ((node.body as SyntaxNode).body as SyntaxNode[]).some(({ computed, key, type, static: isStatic }) => {
    if (type === 'PropertyDefinition' && isStatic && /Private/.test((key as SyntaxNode).type)) return true;
    if (!computed || (type === 'PropertyDefinition' && isStatic)) return false;
    const { type: kind, object } = key as SyntaxNode & { object?: SyntaxNode };
    return !(kind === 'Literal' || (kind === 'MemberExpression' && object?.name === 'Symbol'));
  });
}

/** V8 locates functions at their parameters, arrows and classes at their start. */
function anchorOf(node: SyntaxNode, text: string, form: ParsedFunction['form'], offset: number): number {
  if (form === 'class' || node.type === 'ArrowFunctionExpression') return 0;
  const after = (form === 'member' ? (node.key as SyntaxNode) : (node.id as SyntaxNode | null))?.end;
  return text.indexOf('(', after === undefined ? 0 : after + offset);
}

function startOf(text: string, anchor: number, location: Place): Place {
  const before = text.slice(0, Math.max(0, anchor));
  const lines = before.split('\n').length - 1;
  return {
    line: Math.max(0, location.line - lines),
    column: lines === 0 ? Math.max(0, location.column - before.length) : 0,
  };
}

/** The name of a function; classes may have a static member in its place. */
function nameOf(fn: object): string {
  const property = Object.getOwnPropertyDescriptor(fn, 'name');
  return typeof property?.value === 'string' ? property.value : '';
}

const DIRECTIVE = /^(?:\s|\/\/.*|\/\*[\s\S]*?\*\/|#!.*)*['"]use strict['"]|^\(function\([^)]*\)\{"use strict";/;

/** Undefined where only the script's syntax tells. */
function isStrict(fn: object, script: Script, scopes: readonly ScopeSnapshot[]): boolean | undefined {
  if (script.isModule || scopes.some(({ description }) => description === 'Module')) return true;
  if (Object.hasOwn(fn, 'caller')) return false; // sloppy functions have it as their own
  const text = script.text();
  if (DIRECTIVE.test(text)) return true;
  return /["']use strict["']|\bclass\b/.test(text) ? undefined : false;
}

function refuse(free: FreeVariables, thisIsUndefined: boolean, trail: () => readonly string[]): void {
  const fail = (what: string, advice: string): never => {
    throw new UnserializableError(trail(), what, advice);
  };
  if (free.evals)
    fail(
      'it calls eval directly, which could use any variable',
      'Use (0, eval)(code), which sees globals only, or new Function',
    );
  if (free.outer.has('this') && !thisIsUndefined)
    fail(
      'an arrow function that uses `this` of the method around it',
      'Put what it needs of `this` into variables first, or bind a function',
    );
  if (free.outer.has('super'))
    fail('a function that uses `super` apart from its class', 'Capture the class or an instance of it');
  if (free.outer.has('arguments'))
    fail('an arrow function that uses `arguments` of the function around it', 'Use rest parameters: (...args)');
  if (free.outer.has('new.target'))
    fail('an arrow function that uses `new.target` of the function around it', 'Put it into a variable first');
  const [secret] = free.privateNames;
  if (secret !== undefined)
    fail(
      `it uses the private name ${secret} of a class that it is not part of`,
      'Capture the class or an instance of it',
    );
}

function bind(
  name: string,
  use: FreeVariable,
  scopes: readonly ScopeSnapshot[],
  script: Script,
  trail: () => readonly string[],
): Binding {
  if (PROVIDED.has(name)) return OWN;
  for (const { description, object } of scopes) {
    if (description === 'Global') break;
    if (!Object.hasOwn(object, name)) continue;
    const value = read(object, name, trail);
    const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
    if (!isObject) return { kind: 'value', value };
    if (isRequire(name, value)) return OWN;
    const reference = description === 'Module' ? importOf(name, script) : undefined;
    if (reference !== undefined) return { kind: 'reference', reference };
    const local = !use.written && isByReference(script.url) ? localOf(name, value, script) : undefined;
    if (local !== undefined) return { kind: 'value', value, reference: local };
    if (use.members !== undefined && !use.written && isNamespace(value))
      return { kind: 'members', value, members: use.members };
    return { kind: 'value', value };
  }
  if (isStandardGlobal(name) || !Object.hasOwn(globalThis, name)) return OWN;
  return { kind: 'value', value: (globalThis as Record<string, unknown>)[name] };
}

function read(scope: Readonly<Record<string, unknown>>, name: string, trail: () => readonly string[]): unknown {
  try {
    return scope[name];
  } catch (cause) {
    throw new UnserializableError(
      [...trail(), name],
      'it is used before its declaration ran',
      'Declare it above the call',
      { cause },
    );
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
export function isNamespace(value: object): boolean {
  if (Object.hasOwn(value, '__esModule')) return true;
  const tag = Object.getOwnPropertyDescriptor(value, Symbol.toStringTag);
  if (tag?.value === 'Module') return true;
  return false;
}
