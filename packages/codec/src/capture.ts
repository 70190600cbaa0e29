import { type Code, makeCode } from './codes.ts';
import { UnserializableError } from './errors.ts';
import { type FreeVariable, type FreeVariables, freeVariables, type SyntaxNode } from './free-variables.ts';
import { type FunctionInternals, inspector, type ScopeSnapshot } from './inspector.ts';
import { isStandardGlobal } from './intrinsics.ts';
import { importOf, type Reference } from './references.ts';
import { type Script, scriptOf } from './scripts.ts';
import { type ParsedFunction, parseFunction } from './source.ts';

/** Names that the codec gives to what has none: an `extends` clause, `import()`, `import.meta`. */
export const PARENT = '$jobloomParent';
export const IMPORT = '$jobloomImport';
export const META = '$jobloomMeta';

/** Names whose values the receiver makes: ours, and those that vitest's transformation uses for the same. */
const PROVIDED: ReadonlySet<string> = new Set([IMPORT, META, '__vite_ssr_dynamic_import__', '__vite_ssr_import_meta__']);

/** What a free name of a captured function stands for. */
export type Binding =
  | { readonly kind: 'value'; readonly value: unknown }
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
  readonly script: Script;
  /** Where the function stands in its script, as `placedAt` wants it. */
  readonly place: { readonly line: number; readonly column: number };
  readonly scopes: readonly ScopeSnapshot[];
}

interface Source {
  readonly parsed: ParsedFunction;
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
  const strict = isStrict(fn, script, scopes);
  const source = sourceOf(text, strict, trail);
  const { free } = source;
  refuse(free, trail);
  const names = [...free.variables.keys()];
  if (source.hasParent) names.unshift(PARENT);
  const bindings = names.map((name) => {
    if (name === PARENT) return { kind: 'value', value: Object.getPrototypeOf(fn) } as const;
    return bind(name, free.variables.get(name) as FreeVariable, scopes, script, trail);
  });
  const start = startOf(text, source.anchor, location);
  const name = nameOf(fn);
  const key = `${name}\n${script.url}:${start.line}:${start.column}`;
  let code = source.codes.get(key);
  if (code === undefined) {
    const writes = names.flatMap((each, at) => (free.variables.get(each)?.written ? [at] : []));
    const { form } = source.parsed;
    code = makeCode({ v: 1, form, strict, name, url: script.url, ...start, free: names, writes }, source.text);
    source.codes.set(key, code);
  }
  const place = source.parsed.form === 'member' ? location : start;
  return { code, bindings, runsCode: source.runsCode, script, place, scopes };
}

function sourceOf(text: string, strict: boolean, trail: () => readonly string[]): Source {
  const key = `${strict ? 1 : 0}${text}`;
  let source = sources.get(key);
  if (source === undefined) {
    try {
      source = readSource(text, strict);
    } catch (cause) {
      const what = `its source cannot be parsed on its own (${(cause as Error).message})`;
      throw new UnserializableError(trail(), what, 'Pass what it takes from around it as arguments, or capture the whole class', { cause });
    }
    sources.set(key, source);
  }
  return source;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function readSource(text: string, strict: boolean): Source {
  const parsed = parseFunction(text, strict);
  const { node, form, offset } = parsed;
  const edits = form === 'class' ? classEdits(node, text, offset) : form === 'member' ? memberEdits(node, offset) : [];
  const plain = edits.length === 0 ? parsed : parseFunction(edited(text, edits), strict);
  const first = freeVariables(plain.node, strict);
  const all = [...edits, ...importEdits(first.imports, plain.offset, edits)];
  const done = edited(text, all);
  const again = all.length === edits.length ? plain : parseFunction(done, strict);
  const free = all.length === edits.length ? first : freeVariables(again.node, strict);
  return {
    parsed,
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
      edits.push({ start, end, text: `${text.slice(start, end).replace(/[^\n\r]/g, ' ').slice(0, -1)};` });
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

function startOf(text: string, anchor: number, location: { line: number; column: number }): { line: number; column: number } {
  const before = text.slice(0, Math.max(0, anchor));
  const lines = before.split('\n').length - 1;
  return { line: Math.max(0, location.line - lines), column: lines === 0 ? Math.max(0, location.column - before.length) : 0 };
}

/** The name of a function; classes may have a static member in its place. */
function nameOf(fn: object): string {
  const property = Object.getOwnPropertyDescriptor(fn, 'name');
  return typeof property?.value === 'string' ? property.value : '';
}

const DIRECTIVE = /^(?:\s|\/\/.*|\/\*[\s\S]*?\*\/|#!.*)*['"]use strict['"]|^\(function\([^)]*\)\{"use strict";/;

function isStrict(fn: object, script: Script, scopes: readonly ScopeSnapshot[]): boolean {
  if (script.isModule || scopes.some(({ description }) => description === 'Module')) return true;
  if (Object.hasOwn(fn, 'caller')) return false; // sloppy functions have it as their own
  return DIRECTIVE.test(script.text());
}

function refuse(free: FreeVariables, trail: () => readonly string[]): void {
  const fail = (what: string, advice: string): never => {
    throw new UnserializableError(trail(), what, advice);
  };
  if (free.evals) fail('it calls eval directly, which could use any variable', 'Use (0, eval)(code), which sees globals only, or new Function');
  if (free.outer.has('this')) fail('an arrow function that uses `this` of the method around it', 'Put what it needs of `this` into variables first, or bind a function');
  if (free.outer.has('super')) fail('a function that uses `super` apart from its class', 'Capture the class or an instance of it');
  if (free.outer.has('arguments')) fail('an arrow function that uses `arguments` of the function around it', 'Use rest parameters: (...args)');
  if (free.outer.has('new.target')) fail('an arrow function that uses `new.target` of the function around it', 'Put it into a variable first');
  const [secret] = free.privateNames;
  if (secret !== undefined) fail(`it uses the private name ${secret} of a class that it is not part of`, 'Capture the class or an instance of it');
}

function bind(name: string, use: FreeVariable, scopes: readonly ScopeSnapshot[], script: Script, trail: () => readonly string[]): Binding {
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
    if (use.members !== undefined && !use.written && isNamespace(value)) return { kind: 'members', value, members: use.members };
    return { kind: 'value', value };
  }
  if (isStandardGlobal(name) || !Object.hasOwn(globalThis, name)) return OWN;
  return { kind: 'value', value: (globalThis as Record<string, unknown>)[name] };
}

function read(scope: Readonly<Record<string, unknown>>, name: string, trail: () => readonly string[]): unknown {
  try {
    return scope[name];
  } catch (cause) {
    throw new UnserializableError([...trail(), name], 'it is used before its declaration ran', 'Declare it above the call', { cause });
  }
}

/** The `require` of a CommonJS module: the receiver makes one for the same file. */
function isRequire(name: string, value: object): boolean {
  return name === 'require' && typeof value === 'function' && Object.hasOwn(value, 'resolve') && Object.hasOwn(value, 'cache');
}

/** Module namespaces, and the objects that compilers and vitest put in their place. */
export function isNamespace(value: object): boolean {
  if (Object.hasOwn(value, '__esModule')) return true;
  const tag = Object.getOwnPropertyDescriptor(value, Symbol.toStringTag);
  if (tag?.value === 'Module') return true;
  return false;
}

