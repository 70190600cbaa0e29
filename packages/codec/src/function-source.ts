import { type Code, makeCode } from './codes.ts';
import type { Print } from './fingerprint/print.ts';
import { type FreeVariables, freeVariables, type SyntaxNode } from './free-variables.ts';
import { type ParsedFunction, parseFunction } from './source.ts';

/** Names that the codec gives to what has none: an `extends` clause, `import()`, `import.meta`, a private static field. */
export const PARENT = '$jobloomParent';
export const IMPORT = '$jobloomImport';
export const META = '$jobloomMeta';
export const PRIVATE_STATIC = '$jobloomStatic_';

/** A line and column of a script, counted from 0. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The source of functions that have the same text. */
export interface FunctionSource {
  readonly parsed: ParsedFunction;
  readonly strict: boolean;
  /** Text with what the receiver replaces, or must not run again, taken out. */
  readonly text: string;
  readonly free: FreeVariables;
  /** Names that it takes from outside, the parent of a class first. */
  readonly names: readonly string[];
  /** Offset in the text that V8 reports as the function's location. */
  readonly anchor: number;
  /** Its definition evaluates expressions over what it captured: a class with computed member names. */
  readonly runsCode: boolean;
  /** Names that only the computed names of a class's members use. */
  readonly keyNames: ReadonlySet<string>;
  readonly codes: Map<string, Code>;
  /** By script and place. */
  readonly prints: Map<string, Print>;
}

const sources = new Map<string, FunctionSource>();

/**
 * Reads the text of a function; each text once.
 * @param unnamed the function's own name means a variable around it, not the function itself
 * @throws SyntaxError
 */
export function functionSource(text: string, strict: boolean, unnamed = false): FunctionSource {
  const key = `${strict ? 1 : 0}${unnamed ? 1 : 0}${text}`;
  let source = sources.get(key);
  if (source === undefined) {
    source = readSource(text, strict, unnamed);
    sources.set(key, source);
  }
  return source;
}

/** The code of a function: its source with its name and place. */
export function codeOf(source: FunctionSource, name: string, url: string, start: Place, print: Print): Code {
  const { codes, free, names, parsed, strict, text } = source;
  const key = `${name}\n${url}:${start.line}:${start.column}\n${print.kinds}${stated(print.packages)}${stated(print.members)}`;
  let code = codes.get(key);
  if (code === undefined) {
    const writes = names.flatMap((each, at) => (free.variables.get(each)?.written ? [at] : []));
    code = makeCode({ v: 1, form: parsed.form, strict, name, url, ...start, free: names, writes, print }, text);
    codes.set(key, code);
  }
  return code;
}

function stated(what: object | undefined): string {
  return what === undefined ? '' : JSON.stringify(what);
}

/** Where a function's text starts in its script, from where V8 says that it is. */
export function startOf(text: string, anchor: number, location: Place): Place {
  const before = text.slice(0, Math.max(0, anchor));
  const lines = before.split('\n').length - 1;
  return {
    line: Math.max(0, location.line - lines),
    column: lines === 0 ? Math.max(0, location.column - before.length) : 0,
  };
}

function readSource(text: string, strict: boolean, unnamed: boolean): FunctionSource {
  const parsed = parseFunction(text, strict);
  const { node, form, offset } = parsed;
  const edits = form === 'class' ? classEdits(node) : form === 'member' ? memberEdits(node) : [];
  if (unnamed) edits.push(blank(node.id as SyntaxNode));
  let done = edited(text, edits, offset);
  let last = done === text ? parsed : parseFunction(done, strict);
  let free = freeVariables(bodyOf(last), strict);
  if (free.imports.length > 0) {
    done = edited(done, importEdits(free.imports), last.offset);
    last = parseFunction(done, strict);
    free = freeVariables(bodyOf(last), strict);
  }
  const names = [...free.variables.keys()];
  const hasParent = names.includes(PARENT);
  return {
    parsed,
    strict,
    text: done,
    free,
    names: hasParent ? [PARENT, ...names.filter((name) => name !== PARENT)] : names,
    anchor: anchorOf(node, text, form, offset),
    runsCode: form === 'class' && hasComputedNames(node),
    keyNames: form === 'class' ? keyNames(node, strict) : NO_NAMES,
    codes: new Map(),
    prints: new Map(),
  };
}

const NO_NAMES: ReadonlySet<string> = new Set();

/** What is looked at for free names: a method's `super` is that of the object around it, which does not travel with it. */
function bodyOf({ form, node }: ParsedFunction): SyntaxNode {
  return form === 'member' ? (node.value as SyntaxNode) : node;
}

/** Replaces a stretch of the text. Positions are those of the syntax tree. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function edited(text: string, edits: readonly Edit[], offset: number): string {
  let result = '';
  let at = 0;
  for (const { start, end, text: by } of [...edits].sort((a, b) => a.start - b.start)) {
    const old = text.slice(start + offset, end + offset);
    const lines = old.replace(/[^\n]/g, '').slice(by.replace(/[^\n]/g, '').length);
    result += text.slice(at, start + offset) + by + lines; // what follows keeps its line
    at = end + offset;
  }
  return result + text.slice(at);
}

function blank({ start, end }: SyntaxNode): Edit {
  return { start, end, text: ' '.repeat(end - start) };
}

/**
 * The parent class is given to the receiver as a value. Static fields and blocks would run again there, which gets
 * the values of the fields instead.
 */
function classEdits(node: SyntaxNode): Edit[] {
  const edits: Edit[] = [];
  const parent = node.superClass as SyntaxNode | null;
  if (parent && !(parent.type === 'Literal' && parent.value === null)) {
    edits.push({ start: parent.start, end: parent.end, text: ` ${PARENT} ` });
  }
  for (const member of membersOf(node)) {
    const { start, end, type } = member;
    if (type === 'PropertyDefinition' && member.static && isPrivate(member)) {
      const name = privateName(member);
      edits.push({ start, end, text: `static #${name}=${PRIVATE_STATIC}${name};` });
    } else if (type === 'StaticBlock' || (type === 'PropertyDefinition' && member.static)) {
      edits.push({ start, end, text: ';' });
    }
  }
  return edits;
}

/** Static private fields of a class, which only V8 can read. */
export function privateStatics(source: FunctionSource): readonly string[] {
  return source.names
    .filter((name) => name.startsWith(PRIVATE_STATIC))
    .map((name) => name.slice(PRIVATE_STATIC.length));
}

/** A computed name was computed already: only what is under it travels. */
function memberEdits(node: SyntaxNode): Edit[] {
  const { start, end } = node.key as SyntaxNode;
  return node.computed ? [{ start, end, text: "'computed'" }] : [];
}

function importEdits(imports: readonly SyntaxNode[]): Edit[] {
  return imports.map(({ type, start, end }) => {
    if (type === 'MetaProperty') return { start, end, text: META };
    return { start, end: start + 'import'.length, text: IMPORT };
  });
}

/** Names in computed member names: V8 lets go of their variables where nothing else uses them. */
function keyNames(node: SyntaxNode, strict: boolean): ReadonlySet<string> {
  const keys = membersOf(node).flatMap(({ computed, key }) => (computed ? [key as SyntaxNode] : []));
  return new Set(keys.flatMap((key) => [...freeVariables(key, strict).variables.keys()]));
}

/** Whether defining the class evaluates expressions over captured values. */
function hasComputedNames(node: SyntaxNode): boolean {
  return membersOf(node).some(({ computed, key, type, static: isStatic }) => {
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

function membersOf(node: SyntaxNode): readonly SyntaxNode[] {
  return (node.body as SyntaxNode).body as SyntaxNode[];
}

function isPrivate({ key }: SyntaxNode): boolean {
  return /Private/.test((key as SyntaxNode | undefined)?.type ?? '');
}

function privateName({ key }: SyntaxNode): string {
  return ((key as SyntaxNode).name as string).replace(/^#/, '');
}
